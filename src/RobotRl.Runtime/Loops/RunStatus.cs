using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>A running session as <c>robotrl status</c> shows it.</summary>
/// <param name="Robot">The robot's name.</param>
/// <param name="Task">The task's name.</param>
/// <param name="State">The robot's lifecycle state.</param>
/// <param name="Armed">Whether the policy may move the robot.</param>
/// <param name="LatchedCauses">Failsafe causes that wait for arming or for a new process.</param>
/// <param name="Progress">The newest figures.</param>
public sealed record RunStatus(
    string Robot,
    string Task,
    DeviceState State,
    bool Armed,
    IReadOnlyList<string> LatchedCauses,
    RunProgress Progress
)
{
    /// <summary>Where the control loop stands.</summary>
    public LoopStage Stage { get; init; }

    /// <summary>Why the robot is faulted; null where it is not.</summary>
    public string? FaultReason { get; init; }

    /// <summary>The hardest stop asked for since arming, and whether read-back confirmed it.</summary>
    public StopStatus Stop { get; init; }

    /// <summary>
    /// Whether the robot is known to be without power: a stop was confirmed by read-back, or it was closed before anybody had to
    /// stop it. A device that was closed while it did not answer is not known to be.
    /// </summary>
    public bool StopConfirmed => IsConfirmed(State, Stop);

    /// <summary>
    /// Joints that do not get where they are commanded because they meet something: name, commanded, measured, load. This stops
    /// nothing.
    /// </summary>
    public IReadOnlyList<string> Blocked { get; init; } = [];

    /// <summary>
    /// What the failsafe asks for, by which cause, what was measured and when the threshold was crossed; null where all is well.
    /// </summary>
    public FailsafeEvent? Failsafe { get; init; }

    /// <summary><see cref="StopConfirmed"/> of a robot in <paramref name="state"/> whose hardest stop is <paramref name="stop"/>.</summary>
    internal static bool IsConfirmed(DeviceState state, in StopStatus stop) =>
        state != DeviceState.Powered && (stop.Requested >= StopLevel.ControlledStop ? stop.Confirmed : state == DeviceState.Closed);
}
