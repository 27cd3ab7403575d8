namespace RobotRl.Sim.Faults;

/// <summary>One fault of a <see cref="FaultyRobot"/>.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="FromStep">The first of the robot's steps that it covers; its first Advance is step 1.</param>
/// <param name="Steps">How many steps it lasts; <see cref="long.MaxValue"/> for good.</param>
/// <param name="DelaySteps">For <see cref="RobotFaultKind.DelayedReadings"/>: by how many steps, 1 to <see cref="MaxDelaySteps"/>.</param>
public sealed record RobotFault(RobotFaultKind Kind, long FromStep, long Steps = long.MaxValue, int DelaySteps = 1)
{
    /// <summary>Longest delay.</summary>
    public const int MaxDelaySteps = 63;

    /// <summary>Whether it acts at <paramref name="step"/>.</summary>
    public bool Covers(long step) => step >= FromStep && step - FromStep < Steps;
}
