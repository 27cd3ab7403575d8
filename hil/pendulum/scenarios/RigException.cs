namespace RobotRl.Hil.Pendulum;

/// <summary>The rig could not be started, or did not do what it was told; one sentence with what to do.</summary>
public sealed class RigException : Exception
{
    /// <summary>Says what went wrong.</summary>
    public RigException(string message, Exception? inner = null)
        : base(message, inner) { }
}
