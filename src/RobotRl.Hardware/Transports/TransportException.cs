namespace RobotRl.Hardware.Transports;

/// <summary>A link could not be opened: one sentence with the port or broker, the reason, and what to do.</summary>
public sealed class TransportException : Exception
{
    /// <summary>Says what is wrong with <paramref name="link"/>.</summary>
    public TransportException(string link, string message, Exception? inner = null)
        : base(message, inner) => Link = link;

    /// <summary>The port or broker.</summary>
    public string Link { get; }
}
