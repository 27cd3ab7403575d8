namespace RobotRl.Hardware.Transports;

/// <summary>How a read or write went.</summary>
public enum TransportStatus : byte
{
    /// <summary>It worked.</summary>
    Ok,

    /// <summary>Nothing came, or not everything was taken, in time.</summary>
    TimedOut,

    /// <summary>The peer is gone, or the transport is closed: open it again.</summary>
    Lost,
}
