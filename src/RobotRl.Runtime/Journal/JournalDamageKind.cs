namespace RobotRl.Runtime.Journal;

/// <summary>What is wrong with a place in a journal.</summary>
public enum JournalDamageKind
{
    /// <summary>Bytes after the last good frame of the journal: the write that a crash cut short.</summary>
    TornTail,

    /// <summary>Bytes between good frames, or at the end of a segment that is not the last, that are no frame.</summary>
    Frames,

    /// <summary>A segment's header; its frames are still read.</summary>
    Header,

    /// <summary>All bytes are good, but sequences are missing.</summary>
    Gap,
}
