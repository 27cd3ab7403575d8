namespace RobotRl.Hardware.Transports;

/// <summary>A stream of bytes to a device: a serial port, a pseudo-terminal, a pair in memory.</summary>
/// <remarks>
/// One thread at a time. <see cref="Read"/>, <see cref="Write"/> and <see cref="DiscardInput"/> neither allocate nor throw for a
/// lost link.
/// </remarks>
public interface ITransport : IDisposable
{
    /// <summary>What it connects to, for messages: <c>/dev/ttyUSB0 at 1000000 baud</c>.</summary>
    string Name { get; }

    /// <summary>Longest time in which a lost link shows in <see cref="Read"/> or <see cref="Write"/>.</summary>
    TimeSpan LossDetection { get; }

    /// <summary>Opens it; harmless where open.</summary>
    /// <exception cref="TransportException">It does not exist, is taken, or is not permitted; the message says which and what to
    /// do.</exception>
    void Open();

    /// <summary>Closes it; never throws, never hangs. Harmless where closed.</summary>
    void Close();

    /// <summary>Waits until bytes are there, at most <paramref name="timeout"/> (zero: does not wait), and takes what fits.</summary>
    TransportResult Read(Span<byte> buffer, TimeSpan timeout);

    /// <summary>
    /// Sends the bytes. Where the peer does not take them all within <paramref name="timeout"/> the rest is dropped and the result
    /// is <see cref="TransportStatus.TimedOut"/>: stale commands must not queue up.
    /// </summary>
    TransportResult Write(ReadOnlySpan<byte> bytes, TimeSpan timeout);

    /// <summary>Drops what has arrived and was not read.</summary>
    void DiscardInput();
}
