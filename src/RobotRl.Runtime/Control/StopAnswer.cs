using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Control;

/// <summary>What became of a stop that was asked for over MQTT.</summary>
/// <param name="Confirmed">Whether read-back confirmed it. Where not: look at the robot and remove its power by hand.</param>
/// <param name="Level">What was asked for.</param>
/// <param name="Reason">Why.</param>
internal sealed record StopAnswer(bool Confirmed, StopLevel Level, string Reason);
