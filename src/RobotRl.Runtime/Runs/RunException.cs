namespace RobotRl.Runtime.Runs;

/// <summary>A run directory cannot be used; the message names it and says what to do. Nothing was changed.</summary>
public sealed class RunException : Exception
{
    /// <summary>Says what is wrong with <paramref name="directory"/>.</summary>
    public RunException(string directory, string message, Exception? inner = null)
        : base(message, inner) => Directory = directory;

    /// <summary>The run directory.</summary>
    public string Directory { get; }
}
