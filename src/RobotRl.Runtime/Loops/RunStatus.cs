using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Loops;

/// <summary>A running session as <c>robotrl status</c> shows it.</summary>
/// <param name="Robot">The robot's name.</param>
/// <param name="Task">The task's name.</param>
/// <param name="State">The robot's lifecycle state.</param>
/// <param name="Armed">Whether the policy may move the robot.</param>
/// <param name="LatchedCauses">Failsafe causes that wait for arming or for a new process.</param>
/// <param name="Progress">The newest figures.</param>
public sealed record RunStatus(
    string Robot, string Task, DeviceState State, bool Armed, IReadOnlyList<string> LatchedCauses, RunProgress Progress);
