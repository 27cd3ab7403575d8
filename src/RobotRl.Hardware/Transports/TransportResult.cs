namespace RobotRl.Hardware.Transports;

/// <summary>Result of a read or write.</summary>
/// <param name="Status">How it went.</param>
/// <param name="Count">Bytes read or sent; may be above zero in a <see cref="TransportStatus.TimedOut"/> write.</param>
public readonly record struct TransportResult(TransportStatus Status, int Count);
