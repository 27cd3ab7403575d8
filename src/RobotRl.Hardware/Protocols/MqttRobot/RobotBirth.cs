using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>What a robot says of itself when it comes: retained, so that who comes later reads it too.</summary>
/// <param name="Instance">Another one at each connection to the broker; never 0.</param>
/// <param name="Description">Interfaces, limits, period.</param>
public sealed record RobotBirth(ulong Instance, RobotDescription Description);
