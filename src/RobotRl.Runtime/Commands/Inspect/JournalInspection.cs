namespace RobotRl.Runtime.Commands.Inspect;

/// <summary>What a run's journal holds.</summary>
/// <param name="Oldest">Sequence of the oldest frame kept.</param>
/// <param name="Frames">Good frames.</param>
/// <param name="Bytes">Size on disk.</param>
/// <param name="Damage">Everything found damaged or missing, with its position.</param>
internal sealed record JournalInspection(long Oldest, long Frames, long Bytes, IReadOnlyList<string> Damage);
