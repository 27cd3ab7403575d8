using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Loops;

/// <summary>What an operator may ask of a running session: over its control socket, by signal or by key. Any thread.</summary>
public interface IRunControl
{
    /// <summary>Its state now.</summary>
    RunStatus Status();

    /// <summary>
    /// Whether the robot is known to be without power (<see cref="RunStatus.StopConfirmed"/>): asked often, so it should not
    /// allocate.
    /// </summary>
    bool StopConfirmed => Status().StopConfirmed;

    /// <summary>Arms: clears what arming clears, sets the setpoint to the measured pose, lets the policy move the robot.</summary>
    /// <returns>Null where armed now (harmless where it was before); otherwise why not and what to do.</returns>
    string? TryArm();

    /// <summary>A sign of life of the operator. From the first one on more are expected (Failsafe:OperatorHeartbeatLost).</summary>
    void ReportOperator();

    /// <summary>
    /// The operator says that all is in place for the next episode (Task:Reset=AskOperator). Null where the run waited for it,
    /// else why not.
    /// </summary>
    string? ReportReady();

    /// <summary>
    /// Asks for the end of the session, and returns at once. <see cref="StopLevel.Hold"/> and
    /// <see cref="StopLevel.ControlledStop"/> stop the robot under control, write a checkpoint and end;
    /// <see cref="StopLevel.PowerOff"/> goes straight to the driver, which removes power at once, and ends. Whether the stop was
    /// confirmed by read-back is in <see cref="Status"/> (<see cref="RunStatus.StopConfirmed"/>). A milder request never weakens
    /// a harder one.
    /// </summary>
    void RequestStop(StopLevel level, string reason);
}
