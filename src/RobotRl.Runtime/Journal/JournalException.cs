namespace RobotRl.Runtime.Journal;

/// <summary>A journal cannot be used at all: another layout, or a format of the future.</summary>
public sealed class JournalException : Exception
{
    /// <summary>Says what is wrong with <paramref name="file"/>.</summary>
    public JournalException(string file, string message)
        : base(message) => File = file;

    /// <summary>The segment file.</summary>
    public string File { get; }
}
