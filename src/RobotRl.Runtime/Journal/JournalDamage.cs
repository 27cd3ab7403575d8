namespace RobotRl.Runtime.Journal;

/// <summary>Bytes of a journal that hold no good frame, or frames that no file holds.</summary>
/// <param name="Kind">What was found.</param>
/// <param name="File">The segment file.</param>
/// <param name="Offset">Where in it, in bytes from its start.</param>
/// <param name="Bytes">How many bytes were passed over or cut.</param>
/// <param name="FirstMissing">First sequence that is missing for it; null where none is.</param>
/// <param name="LastMissing">Last one; null where none is missing, or where nothing good follows.</param>
public sealed record JournalDamage(JournalDamageKind Kind, string File, long Offset, long Bytes, long? FirstMissing, long? LastMissing)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        string missing = (FirstMissing, LastMissing) switch
        {
            (null, _) => "no frame is missing",
            (long first, null) => $"frames from {first} on are missing",
            (long first, long last) when first == last => $"frame {first} is missing",
            (long first, long last) => $"frames {first} to {last} are missing",
        };
        string what = Kind switch
        {
            JournalDamageKind.TornTail => $"{Bytes} bytes of an unfinished write",
            JournalDamageKind.Header => "a damaged segment header",
            JournalDamageKind.Gap => "a jump in the numbering (a file was deleted, or the disk was full)",
            _ => $"{Bytes} damaged bytes",
        };
        return $"{File}: {what} at byte {Offset}; {missing}.";
    }
}
