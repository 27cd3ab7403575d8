namespace RobotRl.Runtime.Loops;

/// <summary>The end of a session.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Message">One sentence: what was reached, or which cause ended it and what to do.</param>
/// <param name="Report">Further lines for the operator: evaluation, counters. May be empty.</param>
public sealed record RunOutcome(RunEnd End, string Message, IReadOnlyList<string> Report);
