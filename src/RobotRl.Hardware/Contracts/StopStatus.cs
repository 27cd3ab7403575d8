namespace RobotRl.Hardware.Contracts;

/// <summary>What became of the hardest stop asked for since the last <see cref="IRobot.ClearFault"/>.</summary>
/// <param name="Requested">The hardest level asked for.</param>
/// <param name="Confirmed">Whether the device was read back and is stopped as asked.</param>
/// <param name="ConfirmedAt">Monotonic time of that read-back; zero where not confirmed.</param>
public readonly record struct StopStatus(StopLevel Requested, bool Confirmed, TimeSpan ConfirmedAt);
