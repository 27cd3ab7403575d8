namespace RobotRl.Runtime.Commands;

/// <summary>The document of <c>robotrl arm --json</c> and <c>robotrl stop --json</c>.</summary>
/// <param name="Ok">Whether it was done.</param>
/// <param name="Error">Why not and what to do; null where it was done.</param>
/// <param name="StopConfirmed">Whether read-back says that the robot is without power; null where nobody answered.</param>
internal sealed record ControlSummary(bool Ok, string? Error, bool? StopConfirmed = null);
