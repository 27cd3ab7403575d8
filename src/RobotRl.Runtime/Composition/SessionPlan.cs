using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Composition;

/// <summary>What a session needs: everything has been checked, nothing has been touched.</summary>
/// <param name="Options">Effective options, valid.</param>
/// <param name="CreateRobot">Makes the robot, Closed; may be called again for a simulator to evaluate on.</param>
/// <param name="Task">The task.</param>
/// <param name="RunDirectory">The run's directory; null for a new one below ./runs. It may not exist yet unless
/// <paramref name="Resume"/> is set.</param>
/// <param name="Resume">Go on from the newest good checkpoint there.</param>
/// <param name="Policy">Full path of a frozen policy to deploy; null to learn.</param>
public sealed record SessionPlan(
    RobotRlOptions Options,
    Func<IRobot> CreateRobot,
    IControlTask Task,
    string? RunDirectory,
    bool Resume,
    string? Policy
)
{
    /// <summary>Makes the task again, for further simulated robots of one run; null where there can be none.</summary>
    public Func<IControlTask>? CreateTask { get; init; }

    /// <summary>
    /// Makes the task for the ranges that the robot names once it is open, and checks the options against them; null if they are taken as
    /// they were. It throws <see cref="OptionsException"/> with every problem.
    /// </summary>
    public Func<RobotDescription, IControlTask>? TaskFor { get; init; }

    /// <summary>
    /// Whether the robot is hardware (<see cref="RobotDescription.IsSimulated"/>): it is armed by order only, and nothing can be
    /// evaluated on a copy of it.
    /// </summary>
    public bool IsHardware { get; init; }

    /// <summary>Whether the run goes by wall time.</summary>
    public bool RealTime => IsHardware || Options.Loop.Clock == Loops.LoopClock.RealTime;
}
