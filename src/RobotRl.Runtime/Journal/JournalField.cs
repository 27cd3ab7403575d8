using System.Collections.Immutable;

namespace RobotRl.Runtime.Journal;

/// <summary>A field of every frame's payload. Readers find it by its name, wherever it lies.</summary>
/// <param name="Name">Its name, such as <c>reward</c>.</param>
/// <param name="Type">Type of its numbers.</param>
/// <param name="Offset">Where it begins, in bytes from the start of the payload.</param>
/// <param name="Count">How many numbers it has, 0 or more.</param>
public sealed record JournalField(string Name, JournalFieldType Type, int Offset, int Count)
{
    /// <summary>Names of its numbers, as many as there are; empty if they have none.</summary>
    public ImmutableArray<string> Components { get; init; } = [];

    /// <summary>Whether a segment may lack it; a reader then gets zeros. Format version 1 has none of these.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Bytes that it takes.</summary>
    public int Bytes =>
        Count
        * Type switch
        {
            JournalFieldType.U8 => 1,
            JournalFieldType.U16 => 2,
            JournalFieldType.U32 or JournalFieldType.I32 or JournalFieldType.F32 => 4,
            _ => 8,
        };

    /// <summary>Type and size, such as <c>f32[3]</c>.</summary>
    internal string Shape => FormattableString.Invariant($"{Type.ToString().ToLowerInvariant()}[{Count}]");
}
