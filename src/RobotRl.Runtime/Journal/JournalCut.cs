namespace RobotRl.Runtime.Journal;

/// <summary>What <see cref="JournalWriter.TruncateTo"/> found.</summary>
/// <param name="Removed">Frames that lay behind the cut and are gone.</param>
/// <param name="Missing">Frames before the cut that the journal should have and lacks at its end; 0 where checkpoint and journal
/// agree.</param>
public readonly record struct JournalCut(long Removed, long Missing);
