namespace RobotRl.Runtime.Commands.Inspect;

/// <summary>The newest good checkpoint of a run.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Created">When it was written.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Episode">Episodes ended.</param>
/// <param name="JournalSequence">Journal frames below it belong to it.</param>
/// <param name="Counters">Further counters.</param>
/// <param name="LearnerSha256">Hash of the whole state, lower-case hex: equal runs have equal ones.</param>
internal sealed record CheckpointInspection(
    string Path,
    DateTimeOffset Created,
    long Step,
    long Episode,
    long JournalSequence,
    IReadOnlyDictionary<string, long> Counters,
    string LearnerSha256
);
