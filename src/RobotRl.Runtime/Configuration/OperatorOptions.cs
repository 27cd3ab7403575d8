namespace RobotRl.Runtime.Configuration;

/// <summary>What is asked of whoever attends the robot (section <c>Operator</c>).</summary>
public sealed record OperatorOptions
{
    /// <summary>
    /// Whether signs of life are required while the robot is armed: <c>robotrl operator RUN</c>, or whoever else reports the
    /// operator. Default false: most robots are not attended all the time. The failsafe's OperatorHeartbeatLost says what follows
    /// where they cease.
    /// </summary>
    public bool Heartbeat { get; set; }
}
