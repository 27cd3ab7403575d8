namespace RobotRl.Runtime.Control;

/// <summary>What a connection of the control socket waits for.</summary>
internal enum PeerWait
{
    /// <summary>Its request is not whole yet.</summary>
    Request,

    /// <summary>The next status.</summary>
    Status,

    /// <summary>The read-back that confirms a stop.</summary>
    Stop,

    /// <summary>An order to arm, or the word that all is in place.</summary>
    Order,
}
