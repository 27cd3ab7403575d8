using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>A bus of Feetech STS3215 servos, such as an SO-100 or SO-101 arm.</summary>
public sealed record FeetechBusOptions
{
    /// <summary>The port. Default: the first USB adapter at 1000000 baud.</summary>
    public SerialOptions Serial { get; set; } = new();

    /// <summary>The servos by name of the joint. Default: none, and there must be one.</summary>
    public Dictionary<string, FeetechServoOptions> Servos { get; set; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Control period. Default 20 ms: 50 Hz, the rate that SO-100 arms are usually driven at, with room for six servos' answers
    /// (about 4 ms at 1000000 baud).
    /// </summary>
    public TimeSpan ControlPeriod { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Longest wait for the answers to one request. Default null: 40% of the control period.</summary>
    public TimeSpan? ReplyTimeout { get; set; }

    /// <summary>File that `robotrl calibrate` wrote. Default null: tick 2048 is 0 rad, and a joint may go through the whole turn.</summary>
    public string? Calibration { get; set; }

    /// <summary>The process that stops the servos where the runtime cannot.</summary>
    public FeetechGuardianOptions Guardian { get; set; } = new();

    /// <summary>
    /// Time over which torque that is found on at connecting (a guardian holds the arm, or a runtime died) is taken away: an arm
    /// sinks instead of dropping. Default 2 s, chosen on the emulated arm; zero: at once.
    /// A stop that is asked for meanwhile is served at its end.
    /// </summary>
    public TimeSpan LetDown { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How the bus is cycled, and what is done where commands or answers stay away.</summary>
    public DriverOptions Driver { get; set; } = new();

    /// <summary>The wait for answers in force.</summary>
    internal TimeSpan EffectiveReplyTimeout => ReplyTimeout ?? (0.4 * ControlPeriod);

    /// <summary>All problems of these options, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        bool period = ControlPeriod >= TimeSpan.FromMilliseconds(2) && ControlPeriod <= TimeSpan.FromSeconds(1);
        if (!period)
        {
            yield return $"{path}:ControlPeriod is {ControlPeriod}; allowed: 00:00:00.002 to 00:00:01. Set about 00:00:00.02.";
        }

        if (ReplyTimeout is { } reply && (reply <= TimeSpan.Zero || reply >= ControlPeriod))
        {
            yield return $"{path}:ReplyTimeout is {reply}; allowed: above 00:00:00, below the control period ({ControlPeriod}). Remove it "
                + $"for 40% of the period.";
        }

        if (LetDown < TimeSpan.Zero || LetDown > TimeSpan.FromSeconds(10))
        {
            yield return $"{path}:LetDown is {LetDown}; allowed: 00:00:00 (at once) to 00:00:10. Set about 00:00:02.";
        }

        foreach (string problem in Serial.Validate($"{path}:Serial"))
        {
            yield return problem;
        }

        if (Servos.Count is 0 or > FeetechProtocol.MaxId)
        {
            yield return $"{path}:Servos names {Servos.Count} servos; allowed: 1 to {FeetechProtocol.MaxId}. Name each joint with its id, "
                + $"such as \"Servos\": {{ \"elbow\": {{ \"Id\": 3 }} }}.";
        }

        foreach (string problem in BusJoints.Problems(path, Servos, (s, key) => s.Validate(key), s => s.Id))
        {
            yield return problem;
        }

        if (period)
        {
            foreach (
                string problem in Driver
                    .Validate($"{path}:Driver", ControlPeriod)
                    .Concat(Guardian.Validate($"{path}:Guardian", ControlPeriod))
            )
            {
                yield return problem;
            }
        }
    }
}
