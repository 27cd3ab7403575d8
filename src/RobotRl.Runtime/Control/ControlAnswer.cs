using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Control;

/// <summary>One line back from a running session.</summary>
/// <param name="Ok">Whether it was done.</param>
/// <param name="Error">Why not and what to do; null where it was done.</param>
/// <param name="ProcessId">The session's process.</param>
/// <param name="Status">Its state after the request; null where the request was not understood.</param>
public sealed record ControlAnswer(bool Ok, string? Error, int ProcessId, RunStatus? Status);
