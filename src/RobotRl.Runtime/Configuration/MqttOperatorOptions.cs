using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;

namespace RobotRl.Runtime.Configuration;

/// <summary>
/// An operator at a distance (section <c>Operator:Mqtt</c>): topics of a broker through which any run can be stopped and attended,
/// whatever its robot is connected by. A stop in software is no certified safety function.
/// </summary>
public sealed record MqttOperatorOptions
{
    /// <summary>
    /// The name in the topics, <c>robotrl/NAME/...</c>. Default null: <c>Robot:Mqtt:Robot</c> of a robot behind MQTT, else
    /// <c>Robot:Name</c>.
    /// </summary>
    public string? Robot { get; set; }

    /// <summary>The broker.</summary>
    public MqttLinkOptions Link { get; set; } = new();

    /// <summary>
    /// How often a challenge is published, which a sign of life must repeat. Default 0.2 s: five in the second that the failsafe
    /// waits for one.
    /// </summary>
    public TimeSpan ChallengeInterval { get; set; } = TimeSpan.FromSeconds(0.2);

    /// <summary>How a broker that was lost is tried again.</summary>
    public ReconnectOptions Reconnect { get; set; } = new();

    /// <summary>Every problem with these options, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (Robot is not null && RobotTopics.Problem(Robot) is { } problem)
        {
            yield return $"{path}:Robot: {problem} Correct it, or remove it for the robot's own name.";
        }

        if (ChallengeInterval < TimeSpan.FromMilliseconds(20) || ChallengeInterval > TimeSpan.FromSeconds(60))
        {
            yield return $"{path}:ChallengeInterval is {ChallengeInterval}; allowed: 00:00:00.02 to 00:01:00. Set it to a fifth of "
                + $"Failsafe:OperatorHeartbeatLost:Threshold.";
        }

        foreach (string found in Link.Validate($"{path}:Link").Concat(Reconnect.Validate($"{path}:Reconnect")))
        {
            yield return found;
        }
    }
}
