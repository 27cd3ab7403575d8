namespace RobotRl.Runtime.Storage;

/// <summary>A file is truncated, altered, or not what it should be.</summary>
public sealed class DamagedFileException : Exception
{
    /// <summary>Says what is wrong with <paramref name="file"/>; the message begins with its path.</summary>
    public DamagedFileException(string file, string problem, Exception? inner = null)
        : base($"{file}: {problem}", inner) => (File, Problem) = (file, problem);

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>What is wrong, without the path.</summary>
    public string Problem { get; }
}
