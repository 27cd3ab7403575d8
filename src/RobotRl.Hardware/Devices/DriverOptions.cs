using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices;

/// <summary>How a device is cycled, and what its driver does by itself when commands or answers stay away.</summary>
public sealed record DriverOptions
{
    // Longer than any robot that one is to stand beside brakes: an order to stop must end without power.
    private static readonly TimeSpan s_longestStop = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Age of the newest command above which the hold command is sent in its place. Default null: 2.5 control periods, one missed
    /// tick and its jitter.
    /// </summary>
    public TimeSpan? MaxCommandAge { get; set; }

    /// <summary>
    /// Time without a new command, counted in cycles of the driver's own, after which it makes a controlled stop by itself. A pause
    /// of the whole process counts as one cycle: the device's own command timeout stands for that. Default null: 10 control periods.
    /// </summary>
    public TimeSpan? CommandLossStop { get; set; }

    /// <summary>Time without an answer after which the link counts as lost. Default null: 5 control periods.</summary>
    public TimeSpan? LinkLossAfter { get; set; }

    /// <summary>
    /// Longest time that a controlled stop decelerates before power is removed all the same. Default 2 s, as for simulated
    /// robots.
    /// </summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Speed (rad/s or m/s) up to which a joint counts as stopped. Default 0.05: two units of the velocity register of XL330 and
    /// XL430 servos (0.02397 rad/s, e-manual). A joint that reports a position and no velocity counts as stopped once it has
    /// stayed within what that
    /// speed moves it in 100 ms, for 100 ms. One that reports neither is never seen to stop: a hold of it is not confirmed, and a
    /// controlled stop
    /// lasts <see cref="StopTimeout"/>.
    /// </summary>
    public double RestVelocity { get; set; } = 0.05;

    /// <summary>
    /// Fraction of a control period by which a reading is complete before the control tick that uses it. Default 0.2: at 200 Hz it
    /// leaves 1 ms for the scheduling jitter of a busy machine.
    /// </summary>
    public double Lead { get; set; } = 0.2;

    /// <summary>
    /// SCHED_FIFO priority of the I/O thread, 1 to 99, where permitted; 0 for normal priority. Default 70: below the control
    /// thread's 80.
    /// </summary>
    public int FifoPriority { get; set; } = 70;

    /// <summary>How a lost link is tried again.</summary>
    public ReconnectOptions Reconnect { get; set; } = new();

    /// <summary>All problems of these options for a robot of <paramref name="controlPeriod"/>, one sentence each.</summary>
    public IEnumerable<string> Validate(string path, TimeSpan controlPeriod)
    {
        TimeSpan age = MaxCommandAge ?? (2.5 * controlPeriod),
            stop = CommandLossStop ?? (10 * controlPeriod),
            link = LinkLossAfter ?? (5 * controlPeriod);
        if (age <= controlPeriod)
        {
            yield return $"{path}:MaxCommandAge is {age}; allowed: above the control period ({controlPeriod}). Set it to a few periods, or "
                + $"remove it.";
        }

        if (stop < age)
        {
            yield return $"{path}:CommandLossStop is {stop}; allowed: {path}:MaxCommandAge ({age}) or more. Set it to about ten control "
                + $"periods, or remove it.";
        }

        if (link <= controlPeriod)
        {
            yield return $"{path}:LinkLossAfter is {link}; allowed: above the control period ({controlPeriod}). Set it to a few periods, "
                + $"or remove it.";
        }

        if (StopTimeout <= TimeSpan.Zero || StopTimeout > s_longestStop)
        {
            yield return $"{path}:StopTimeout is {StopTimeout}; allowed: above 00:00:00, at most {s_longestStop}, for power is removed "
                + $"only then. Set it to about 00:00:02.";
        }

        if (!(double.IsFinite(RestVelocity) && RestVelocity > 0))
        {
            yield return FormattableString.Invariant(
                $"{path}:RestVelocity is {RestVelocity}; allowed: finite and above 0. Set it to about 0.05."
            );
        }

        if (!(Lead is >= 0 and <= 0.9))
        {
            yield return FormattableString.Invariant($"{path}:Lead is {Lead}; allowed: 0 to 0.9 of a control period. Set it to about 0.2.");
        }

        if (FifoPriority is < 0 or > 99)
        {
            yield return FormattableString.Invariant($"{path}:FifoPriority is {FifoPriority}; allowed: 1 to 99, or 0 for normal priority.");
        }

        foreach (string problem in Reconnect.Validate($"{path}:Reconnect"))
        {
            yield return problem;
        }
    }

    /// <summary>The times in ticks of 100 ns for <paramref name="robot"/>, with the defaults filled in.</summary>
    internal (long MaxCommandAge, long CommandLossStop, long LinkLossAfter) TicksFor(RobotDescription robot)
    {
        TimeSpan period = robot.ControlPeriod;
        return ((MaxCommandAge ?? (2.5 * period)).Ticks, (CommandLossStop ?? (10 * period)).Ticks, (LinkLossAfter ?? (5 * period)).Ticks);
    }
}
