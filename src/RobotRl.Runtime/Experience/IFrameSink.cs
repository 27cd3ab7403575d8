namespace RobotRl.Runtime.Experience;

/// <summary>Takes finished transitions in their order.</summary>
public interface IFrameSink
{
    /// <summary>
    /// Takes one frame; the memory is the caller's and must be copied to be kept. False where it was dropped (and counted).
    /// </summary>
    bool Take(ReadOnlySpan<byte> frame);
}
