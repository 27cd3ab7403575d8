namespace RobotRl.Hardware.Contracts;

/// <summary>Result of <see cref="IRobot.Read"/>.</summary>
/// <param name="Status">How it went. On anything but Ok and NotFresh the vector is left as it was; with DeviceFault a driver
/// whose readings go on gives the newest.</param>
/// <param name="Timestamp">Monotonic time of the reading (clock of <see cref="IRobot"/>'s owner), from its start.</param>
/// <param name="Age">How old the reading was when it was handed over.</param>
/// <param name="Duration">How long the call took.</param>
public readonly record struct ReadResult(IoStatus Status, TimeSpan Timestamp, TimeSpan Age, TimeSpan Duration);
