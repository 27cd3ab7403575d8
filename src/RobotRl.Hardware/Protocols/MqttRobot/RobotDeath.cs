namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>That a robot is gone: its own last message, or the broker's (its will).</summary>
/// <param name="Instance">Which <see cref="RobotBirth"/> it ends.</param>
/// <param name="Reason">Why.</param>
public sealed record RobotDeath(ulong Instance, string Reason);
