namespace RobotRl.Runtime.Control;

/// <summary>One line to a running session.</summary>
/// <param name="Command">What is asked for.</param>
/// <param name="Reason">Why, for the log of the session; null for none.</param>
public sealed record ControlRequest(ControlCommand Command, string? Reason = null);
