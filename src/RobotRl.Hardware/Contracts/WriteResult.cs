namespace RobotRl.Hardware.Contracts;

/// <summary>Result of <see cref="IRobot.Write"/>.</summary>
/// <param name="Status">How it went. On anything but Ok the robot's command is unchanged.</param>
/// <param name="Duration">How long the call took.</param>
public readonly record struct WriteResult(IoStatus Status, TimeSpan Duration);
