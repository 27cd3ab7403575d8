namespace RobotRl.Runtime.Control;

/// <summary>A control socket that cannot be opened or reached: which, why, what to do.</summary>
public sealed class ControlException : Exception
{
    /// <summary>Says what is wrong with the socket of <paramref name="runDirectory"/>.</summary>
    public ControlException(string runDirectory, string message, Exception? inner = null)
        : base(message, inner) => RunDirectory = runDirectory;

    /// <summary>The run whose socket it is.</summary>
    public string RunDirectory { get; }

    /// <summary>Whether a process holds the run and cannot be reached: its robot may move.</summary>
    public bool StillRuns { get; init; }
}
