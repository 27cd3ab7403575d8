namespace RobotRl.Runtime.Journal;

/// <summary>How much of the experience is kept on disk and how often it is made safe.</summary>
public sealed record JournalOptions
{
    /// <summary>
    /// Size of one segment file in MiB. Default 16: a whole number of the 4 MiB allocation units of SD cards (SD Physical Layer
    /// Specification, table of AU sizes for SDHC), so that deleting a segment frees whole erase blocks; small enough to scan at start.
    /// </summary>
    public int SegmentMiB { get; set; } = 16;

    /// <summary>
    /// Most that all segments together may take, in MiB; the oldest are deleted. Default 1024: a replay of a million transitions
    /// of 500 bytes fits twice, and it is 3% of a 32 GB card, which leaves the card room for wear levelling.
    /// </summary>
    public int RetentionMiB { get; set; } = 1024;

    /// <summary>
    /// Time between syncs: the most experience that a power cut can cost. Default 1 s: at 100 Hz that is 100 transitions, and one
    /// sync programs a few 4 KiB pages, about 1 GB a day against the tens of terabytes that even a small flash device endures.
    /// </summary>
    public TimeSpan SyncInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>All problems of these values; <paramref name="path"/> is their place in the options.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (SegmentMiB is < 1 or > 1024)
        {
            yield return $"{path}:SegmentMiB is {SegmentMiB}; allowed: 1 to 1024. Set it to the size of one journal file in MiB.";
        }

        if (RetentionMiB is < 2 or > 16_777_216)
        {
            yield return $"{path}:RetentionMiB is {RetentionMiB}; allowed: 2 to 16777216. Set it to the disk space in MiB that the journal "
                + $"may take.";
        }
        else if (SegmentMiB >= 1 && RetentionMiB < 2 * SegmentMiB)
        {
            yield return $"{path}:RetentionMiB is {RetentionMiB}; allowed: at least {2 * SegmentMiB}, twice {path}:SegmentMiB "
                + $"({SegmentMiB}). Raise it or use smaller segments.";
        }

        if (SyncInterval < TimeSpan.FromMilliseconds(1) || SyncInterval > TimeSpan.FromHours(1))
        {
            yield return $"{path}:SyncInterval is {SyncInterval}; allowed: 00:00:00.001 to 01:00:00. Set it to the experience that a power "
                + $"cut may cost.";
        }
    }
}
