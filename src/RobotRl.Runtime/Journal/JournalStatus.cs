namespace RobotRl.Runtime.Journal;

/// <summary>Whether experience reaches the disk.</summary>
public enum JournalStatus
{
    /// <summary>It does.</summary>
    Ok,

    /// <summary>
    /// No space is left. Frames wait in memory, and those that no longer fit are counted as lost; writing resumes by itself.
    /// </summary>
    DiskFull,

    /// <summary>
    /// The disk refuses for another reason (see <see cref="JournalWriter.Problem"/>); frames wait and are counted as for
    /// <see cref="DiskFull"/>.
    /// </summary>
    WriteFailed,
}
