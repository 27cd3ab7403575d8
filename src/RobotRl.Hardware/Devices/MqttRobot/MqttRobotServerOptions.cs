using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.MqttRobot;

/// <summary>How a robot is served over MQTT.</summary>
public sealed record MqttRobotServerOptions
{
    /// <summary>Name in the topics, <c>robotrl/NAME/...</c>; null: the robot's own.</summary>
    public string? Robot { get; set; }

    /// <summary>How states are written. Default Binary: less than half of JSON's size, and a checksum.</summary>
    public MqttPayloadFormat Payload { get; set; } = MqttPayloadFormat.Binary;

    /// <summary>
    /// Age of the newest command above which the robot is told to hold, until one comes; null: 2.5 control periods (one lost
    /// message and its jitter).
    /// </summary>
    public TimeSpan? HoldAfter { get; set; }

    /// <summary>
    /// Age of the newest command above which the robot stops under control and powers off, until it is armed again; null: 10
    /// control periods.
    /// </summary>
    public TimeSpan? StopAfter { get; set; }

    /// <summary>How long a state may be used after it was sent; null: 2.5 control periods.</summary>
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>How long a session may be silent before another may take its place. Default 1 s.</summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How fast the clocks of two hosts may drift apart, in parts per million. Default 1000: Linux slews a clock by at most 500
    /// ppm (adjtimex(2)), and there are two.
    /// </summary>
    public double DriftPpm { get; set; } = 1000;

    /// <summary>How often the broker is asked whether it still answers. Default 1 s.</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How a lost broker is tried again. Default: waits of 1 s and 1.5 s at most, since the session comes back after this side,
    /// and both together must within 5 s.
    /// </summary>
    public ReconnectOptions Reconnect { get; set; } =
        new() { MaxDelay = TimeSpan.FromSeconds(1), BreakerPause = TimeSpan.FromSeconds(1.5) };

    /// <summary>Every problem with these options for a robot of that name and period, one sentence each.</summary>
    public IEnumerable<string> Validate(string path, string robot, TimeSpan period)
    {
        if (RobotTopics.Problem(Robot ?? robot) is { } problem)
        {
            yield return $"{path}:Robot: {problem} Set a plain name.";
        }

        (TimeSpan hold, TimeSpan stop) = (HoldAfter ?? 2.5 * period, StopAfter ?? 10 * period);
        if (hold < period || stop < hold)
        {
            yield return $"{path}:HoldAfter is {hold} and StopAfter {stop}; allowed: the control period ({period}) <= HoldAfter <= "
                + $"StopAfter. Remove them to use 2.5 and 10 periods.";
        }

        if (TimeToLive is { } life && (life < period || life > MqttFrame.MaxTimeToLive))
        {
            yield return $"{path}:TimeToLive is {life}; allowed: the control period ({period}) to {MqttFrame.MaxTimeToLive}. Remove it to "
                + $"use 2.5 periods.";
        }

        if (SessionTimeout <= TimeSpan.Zero || PingInterval <= TimeSpan.Zero)
        {
            yield return $"{path}:SessionTimeout is {SessionTimeout} and PingInterval {PingInterval}; allowed: above 00:00:00. Their "
                + $"defaults are 00:00:01.";
        }

        if (!(DriftPpm is >= 0 and <= 100_000))
        {
            yield return FormattableString.Invariant($"{path}:DriftPpm is {DriftPpm}; allowed: 0 to 100000. Remove it to use 1000.");
        }

        foreach (string p in Reconnect.Validate($"{path}:Reconnect"))
        {
            yield return p;
        }
    }
}
