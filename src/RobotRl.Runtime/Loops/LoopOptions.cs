using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Loops;

/// <summary>The control loop (section <c>Loop</c>).</summary>
public sealed record LoopOptions
{
    /// <summary>
    /// Lockstep or RealTime. Default null: Lockstep for a simulated robot, RealTime for hardware, which has its own time.
    /// </summary>
    public LoopClock? Clock { get; set; }

    /// <summary>Control rate, Hz; 0 (default) takes the robot's own.</summary>
    public double RateHz { get; set; }

    /// <summary>Ticks per policy step: the gate and the driver run at the full rate, the policy at every n-th tick. Default 1.</summary>
    public int PolicyDivisor { get; set; } = 1;

    /// <summary>What follows a tick that lasted too long. Default: skip to the next grid point.</summary>
    public OverrunRule OverrunRule { get; set; } = OverrunRule.SkipToNext;

    /// <summary>
    /// SCHED_FIFO priority of the control thread, 1 to 99; 0 to run at normal priority. Default 80, below the kernel's own
    /// interrupt threads at 50 only on PREEMPT_RT configurations that raise them; the value of cyclictest's manual.
    /// </summary>
    public int FifoPriority { get; set; } = 80;

    /// <summary>Processors for the control thread as a bit mask; 0 (default) leaves it to the scheduler.</summary>
    public ulong Processors { get; set; }

    /// <summary>
    /// Managed allocation that the process may do while the robot moves, MiB: no garbage is collected until it is used up, and
    /// before that the robot is brought to rest and collection done there. 0 switches it off. Default 256: our measurement, tens
    /// of minutes of SAC at its measured bytes per update.
    /// </summary>
    public int AllocationBudgetMiB { get; set; } = 256;

    /// <summary>Frames between control thread and recorder. Default 4096: 4 s at 1 kHz.</summary>
    public int RingFrames { get; set; } = 4096;

    /// <summary>
    /// Arm by itself once everything is ready. Default null: true for a simulated robot, false for hardware. True is refused for
    /// hardware, which moves only after <c>robotrl arm</c>.
    /// </summary>
    public bool? AutoArm { get; set; }

    /// <summary>
    /// How long the supervisor may give no sign of life while the robot is commanded, before the control thread has the driver stop
    /// it. Default 2 s: several times what the longest planned collection took here.
    /// </summary>
    public TimeSpan SupervisorTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The control period on <paramref name="robot"/>: that of <see cref="RateHz"/>, otherwise the robot's own. The only place where it is
    /// made: loop, gate, failsafe, task, start move and policy file all take this one.
    /// </summary>
    public TimeSpan PeriodOn(RobotDescription robot)
    {
        ArgumentNullException.ThrowIfNull(robot);
        return RateHz > 0 ? TimeSpan.FromSeconds(1 / RateHz) : robot.ControlPeriod;
    }

    /// <summary>Whether the loop on <paramref name="robot"/> goes by wall time.</summary>
    public bool IsRealTime(RobotDescription robot)
    {
        ArgumentNullException.ThrowIfNull(robot);
        return (Clock ?? (robot.IsSimulated ? LoopClock.Lockstep : LoopClock.RealTime)) == LoopClock.RealTime;
    }

    /// <summary>Whether <paramref name="robot"/> is armed without an order; never where it is hardware, whatever is set.</summary>
    public bool Arms(RobotDescription robot)
    {
        ArgumentNullException.ThrowIfNull(robot);
        return robot.IsSimulated && (AutoArm ?? true);
    }

    /// <summary>Every problem that only <paramref name="robot"/> brings to light.</summary>
    public IEnumerable<string> Validate(string path, RobotDescription robot)
    {
        ArgumentNullException.ThrowIfNull(robot);
        if (!robot.IsSimulated && Clock == LoopClock.Lockstep)
        {
            yield return $"{path}:Clock is Lockstep; allowed for robot {robot.Name}: RealTime, for it is hardware and has its own time. "
                + $"Remove the setting.";
        }

        if (!robot.IsSimulated && AutoArm == true)
        {
            yield return $"{path}:AutoArm is true; allowed for robot {robot.Name}: false, for it is hardware, which moves only after "
                + $"`robotrl arm`. Remove the setting.";
        }
    }

    /// <summary>Every problem with these options.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (Clock is { } clock && !Enum.IsDefined(clock))
        {
            yield return $"{path}:Clock is {Clock}; allowed: Lockstep, RealTime, or null for the robot's own.";
        }

        if (!Enum.IsDefined(OverrunRule))
        {
            yield return $"{path}:OverrunRule is {OverrunRule}; allowed: SkipToNext, CatchUp.";
        }

        if (!(RateHz == 0 || RateHz is >= 0.1 and <= 10_000))
        {
            yield return $"{path}:RateHz is {RateHz} Hz; allowed: 0.1 to 10000 Hz, or 0 for the robot's own rate.";
        }

        if (PolicyDivisor is < 1 or > 1000)
        {
            yield return $"{path}:PolicyDivisor is {PolicyDivisor}; allowed: 1 to 1000. Set 1 to let the policy act at every tick.";
        }

        if (FifoPriority is < 0 or > 99)
        {
            yield return $"{path}:FifoPriority is {FifoPriority}; allowed: 1 to 99, or 0 for normal priority.";
        }

        if (AllocationBudgetMiB is < 0 or > 65536 || AllocationBudgetMiB is > 0 and < 16)
        {
            yield return $"{path}:AllocationBudgetMiB is {AllocationBudgetMiB} MiB; allowed: 16 to 65536 MiB, or 0 to let the collector "
                + $"run at any time.";
        }

        if (SupervisorTimeout < TimeSpan.FromSeconds(0.2) || SupervisorTimeout > TimeSpan.FromSeconds(10))
        {
            yield return $"{path}:SupervisorTimeout is {SupervisorTimeout}; allowed: 00:00:00.2 to 00:00:10, for a stop that is ordered "
                + $"meanwhile waits for it. Set about 00:00:02.";
        }

        if (RingFrames is < 16 or > 1 << 20)
        {
            yield return $"{path}:RingFrames is {RingFrames}; allowed: 16 to 1048576.";
        }
    }
}
