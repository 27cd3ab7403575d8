using RobotRl.Algorithms.Sac;

namespace RobotRl.Runtime.Learning;

/// <summary>Which learner, where it computes, and how it is scheduled (section <c>Learner</c>).</summary>
public sealed record LearnerOptions
{
    /// <summary>Default: sac.</summary>
    public string Algorithm { get; set; } = "sac";

    /// <summary>Updates between two policies offered to the robot. Default 1.</summary>
    public int OfferEveryUpdates { get; set; } = 1;

    /// <summary>Transitions that a learner may lag behind in real time before updates are given up. Default 64: our choice, about a second at 50 Hz.</summary>
    public int MaxBacklogSteps { get; set; } = 64;

    /// <summary>Options of <c>sac</c>.</summary>
    public SacOptions Sac { get; set; } = new();
}
