using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Transports.Mqtt;

namespace RobotRl.Hardware.Devices.MqttRobot;

/// <summary>A robot behind an MQTT broker.</summary>
public sealed record MqttRobotOptions
{
    /// <summary>
    /// The robot's name in the topics, <c>robotrl/NAME/...</c>. Default pendulum: what <c>robotrl emulate mqtt</c> serves.
    /// </summary>
    public string Robot { get; set; } = "pendulum";

    /// <summary>The broker.</summary>
    public MqttLinkOptions Link { get; set; } = new();

    /// <summary>
    /// File with the robot's description, to be compared with what the robot says of itself; null: what it says is believed.
    /// </summary>
    public string? DescriptionFile { get; set; }

    /// <summary>How commands are written. Default Binary: less than half of JSON's size, and a checksum.</summary>
    public MqttPayloadFormat Payload { get; set; } = MqttPayloadFormat.Binary;

    /// <summary>How long a command may be used after it was sent; null: 2.5 control periods.</summary>
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>
    /// Age of the newest message from the robot, in control periods, above which the link counts as lost. Default 1.5: it is
    /// looked at once a period, when it is about 1 or 2 periods old, so one may be lost and a loss shows within 3.
    /// </summary>
    public double LossAfterPeriods { get; set; } = 1.5;

    /// <summary>Longest wait for the robot's answer to attaching and powering. Default 1 s.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How fast the clocks of two hosts may drift apart, in parts per million. Default 1000: Linux slews a clock by at most 500
    /// ppm (adjtimex(2)), and there are two.
    /// </summary>
    public double DriftPpm { get; set; } = 1000;

    /// <summary>
    /// The driver. Its defaults but for the waits before a lost link is tried again: 1 s and 1.5 s at most, since the robot's side
    /// has to come back first and both together must within 5 s.
    /// </summary>
    public DriverOptions Driver { get; set; } =
        new()
        {
            Reconnect = new() { MaxDelay = TimeSpan.FromSeconds(1), BreakerPause = TimeSpan.FromSeconds(1.5) },
        };

    /// <summary>Every problem with these options, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (RobotTopics.Problem(Robot) is { } problem)
        {
            yield return $"{path}:Robot: {problem} Set the name that the robot's side was started with.";
        }

        if (DescriptionFile is { } file && !File.Exists(file))
        {
            yield return $"{path}:DescriptionFile is \"{file}\", which does not exist. Correct the path, or remove it to believe what the "
                + $"robot says of itself.";
        }

        if (TimeToLive is { } life && (life < TimeSpan.FromMilliseconds(1) || life > MqttFrame.MaxTimeToLive))
        {
            yield return $"{path}:TimeToLive is {life}; allowed: 00:00:00.001 to {MqttFrame.MaxTimeToLive}. Remove it to use 2.5 control "
                + $"periods.";
        }

        if (!(LossAfterPeriods is >= 1 and <= 100))
        {
            yield return FormattableString.Invariant(
                $"{path}:LossAfterPeriods is {LossAfterPeriods}; allowed: 1 to 100. Remove it to use 1.5."
            );
        }

        if (AnswerTimeout < TimeSpan.FromMilliseconds(50) || AnswerTimeout > TimeSpan.FromSeconds(60))
        {
            yield return $"{path}:AnswerTimeout is {AnswerTimeout}; allowed: 00:00:00.05 to 00:01:00. Remove it to use 1 s.";
        }

        if (!(DriftPpm is >= 0 and <= 100_000))
        {
            yield return FormattableString.Invariant($"{path}:DriftPpm is {DriftPpm}; allowed: 0 to 100000. Remove it to use 1000.");
        }

        foreach (string p in Link.Validate($"{path}:Link"))
        {
            yield return p;
        }
    }
}
