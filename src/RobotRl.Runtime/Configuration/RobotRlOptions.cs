using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Configuration;

/// <summary>Everything that can be set. Each section belongs to the feature that reads it; every default runs.</summary>
public sealed record RobotRlOptions
{
    /// <summary>Which robot.</summary>
    public RobotOptions Robot { get; set; } = new();

    /// <summary>What it is to do.</summary>
    public TaskOptions Task { get; set; } = new();

    /// <summary>Where the run is kept, how long it takes, what it starts from.</summary>
    public RunOptions Run { get; set; } = new();

    /// <summary>Clock, rate and threads of the control loop.</summary>
    public LoopOptions Loop { get; set; } = new();

    /// <summary>Which learner, where it computes, how it is scheduled.</summary>
    public LearnerOptions Learner { get; set; } = new();

    /// <summary>What a learner's snapshot must fulfil before it may act.</summary>
    public AdmissionOptions Admission { get; set; } = new();

    /// <summary>Limits that every command passes.</summary>
    public SafetyOptions Safety { get; set; } = new();

    /// <summary>What is done about each fault.</summary>
    public FailsafeOptions Failsafe { get; set; } = new();

    /// <summary>What is asked of whoever attends the robot.</summary>
    public OperatorOptions Operator { get; set; } = new();

    /// <summary>How much of the experience is kept on disk and how often it is made safe.</summary>
    public JournalOptions Journal { get; set; } = new();

    /// <summary>When checkpoints are written.</summary>
    public CheckpointOptions Checkpoint { get; set; } = new();

    /// <summary>What <c>Operator:Mqtt</c> calls this robot in its topics.</summary>
    internal string OperatorName => Operator.Mqtt?.Robot ?? Robot.Mqtt?.Robot ?? Robot.Name;

    /// <summary>Every problem that can be seen without the robot.</summary>
    public IEnumerable<string> Validate() =>
        [
            .. Robot.Validate(nameof(Robot)),
            .. Task.Validate(nameof(Task)),
            .. Run.Validate(nameof(Run)),
            .. Loop.Validate(nameof(Loop)),
            .. Learner.Validate(nameof(Learner)),
            .. Admission.Validate(nameof(Admission)),
            .. Failsafe.Validate(nameof(Failsafe)),
            .. Operator.Validate(nameof(Operator)),
            .. Journal.Validate(nameof(Journal)),
            .. Checkpoint.Validate(nameof(Checkpoint)),
        ];

    private IEnumerable<string> RateProblems(TimeSpan period, RobotDescription robot)
    {
        // A step in lockstep is the robot's own period: a gate with another one would let through other speeds than it says.
        if (period != robot.ControlPeriod)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Loop:RateHz is {Loop.RateHz} Hz; allowed in lockstep: 0 or the {1 / robot.ControlPeriod.TotalSeconds:0.###} "
                    + $"Hz of {robot.Name}. Set 0, or use Loop:PolicyDivisor to act less often."
            );
        }
    }

    private IEnumerable<string> SlowLoopProblems(TimeSpan period, RobotDescription robot)
    {
        // The driver would hold between two commands: a velocity would be a part of what was commanded.
        if (Robot.Driver is var (path, driver) && (driver.MaxCommandAge ?? (2.5 * robot.ControlPeriod)) is var age && period >= age)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Loop:RateHz is {Loop.RateHz} Hz; allowed for robot {robot.Name}: above {1 / age.TotalSeconds:0.###} Hz, for "
                    + $"its driver holds in the place of a command older than {age} ({path}:MaxCommandAge). Give the robot the "
                    + $"loop's period (ControlPeriod), or raise MaxCommandAge and CommandLossStop."
            );
        }
    }

    private IEnumerable<string> ResetProblems()
    {
        if (Task.Reset != ResetKind.Auto)
        {
            yield return $"Task:Reset is {Task.Reset}; allowed in lockstep: Auto, for a simulator is put to its start. Set Auto, or "
                + $"Loop:Clock=RealTime.";
        }
    }

    /// <summary>Every problem that only <paramref name="robot"/> brings to light.</summary>
    public IEnumerable<string> Validate(RobotDescription robot)
    {
        ArgumentNullException.ThrowIfNull(robot);
        TimeSpan period = Loop.PeriodOn(robot);
        // In lockstep every reading is of its tick, however long the period: nothing grows stale.
        return
        [
            .. Loop.Validate(nameof(Loop), robot),
            .. Safety.Validate(nameof(Safety), robot),
            .. Task.Validate(nameof(Task), robot),
            .. Loop.IsRealTime(robot)
                ? Failsafe.Validate(nameof(Failsafe), period).Concat(SlowLoopProblems(period, robot))
                : RateProblems(period, robot).Concat(ResetProblems()),
        ];
    }
}
