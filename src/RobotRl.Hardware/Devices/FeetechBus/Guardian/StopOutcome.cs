namespace RobotRl.Hardware.Devices.FeetechBus.Guardian;

/// <summary>What became of a stop.</summary>
/// <param name="Confirmed">Servos whose torque limit is lowered, or whose torque is off, as they say themselves.</param>
/// <param name="Moving">
/// Servos that may move on: they confirmed nothing, or, with <see cref="GuardianManner.LowerTorque"/>, no hold: they keep the
/// goal that they had.
/// </param>
internal readonly record struct StopOutcome(int Confirmed, IReadOnlyList<byte> Moving);
