using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>The options that a session reads, each from its own section.</summary>
/// <param name="Loop">Section Loop.</param>
/// <param name="Safety">Section Safety.</param>
/// <param name="Failsafe">Section Failsafe.</param>
/// <param name="Learner">Section Learner.</param>
/// <param name="Admission">Section Admission.</param>
/// <param name="Seed">Run:Seed.</param>
public sealed record RunSettings(
    LoopOptions Loop,
    SafetyOptions Safety,
    FailsafeOptions Failsafe,
    LearnerOptions Learner,
    AdmissionOptions Admission,
    ulong Seed
)
{
    /// <summary>Section Task.</summary>
    public TaskOptions Task { get; init; } = new();

    /// <summary>Section Operator.</summary>
    public OperatorOptions Operator { get; init; } = new();
}
