namespace RobotRl.Hardware.Devices.MqttRobot;

/// <summary>What one side made of the messages that came.</summary>
/// <param name="Accepted">Taken.</param>
/// <param name="Late">Refused: past their time to live.</param>
/// <param name="Duplicates">Refused: came twice.</param>
/// <param name="OutOfOrder">Refused: overtaken by a newer one.</param>
/// <param name="Foreign">Refused: of another session.</param>
/// <param name="NoClock">Refused: before the peer's clock was known.</param>
/// <param name="NotOurs">Ignored: could not be read.</param>
/// <param name="Unarmed">Refused: commands while not powered by their session.</param>
public sealed record MqttCounters(
    long Accepted,
    long Late,
    long Duplicates,
    long OutOfOrder,
    long Foreign,
    long NoClock,
    long NotOurs,
    long Unarmed
);
