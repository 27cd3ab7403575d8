namespace RobotRl.Runtime.Control;

/// <summary>A place for one connection of the control socket, with its buffer; used again and again.</summary>
internal sealed class ControlPeer
{
    /// <summary>Longest request, bytes.</summary>
    public const int LongestRequest = 4096;

    /// <summary>Its descriptor; -1 where the place is free.</summary>
    public int File { get; set; } = -1;

    /// <summary>What it waits for.</summary>
    public PeerWait Wait { get; set; }

    /// <summary>When it came, or when it asked for a stop (a time stamp of the provider).</summary>
    public long Since { get; set; }

    /// <summary>What was received so far.</summary>
    public byte[] Buffer { get; } = new byte[LongestRequest];

    /// <summary>Bytes of it.</summary>
    public int Length { get; set; }

    /// <summary>The order that it waits for; null for none.</summary>
    public ControlOrder? Order { get; set; }
}
