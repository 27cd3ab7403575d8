namespace RobotRl.Hardware.Protocols.Framing;

/// <summary>What a decoder has seen since it was made. A copy; the decoder's own goes on.</summary>
/// <param name="Frames">Frames understood and handed over.</param>
/// <param name="BadChecksums">Frames whose checksum was wrong.</param>
/// <param name="BadFrames">Frames cut short, too long, or otherwise against the protocol.</param>
/// <param name="Unexpected">Frames that nobody asked for: other id, other length.</param>
/// <param name="DroppedBytes">Bytes that belonged to no frame handed over.</param>
public readonly record struct DecoderCounters(long Frames, long BadChecksums, long BadFrames, long Unexpected, long DroppedBytes);
