namespace RobotRl.Runtime.Policies;

/// <summary>A policy file cannot be used; the message begins with its path and says why.</summary>
public sealed class PolicyFileException : Exception
{
    /// <summary>Says what is wrong with <paramref name="file"/>.</summary>
    public PolicyFileException(string file, string problem, Exception? inner = null)
        : base($"{file}: {problem}", inner) => File = file;

    /// <summary>The file's path.</summary>
    public string File { get; }
}
