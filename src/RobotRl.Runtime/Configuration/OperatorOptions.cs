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

    /// <summary>Topics of a broker through which the run is stopped and attended from afar, in real time. Default null: none.</summary>
    public MqttOperatorOptions? Mqtt { get; set; }

    /// <summary>Every problem with these options, one sentence each.</summary>
    public IEnumerable<string> Validate(string path) => Mqtt?.Validate($"{path}:Mqtt") ?? [];
}
