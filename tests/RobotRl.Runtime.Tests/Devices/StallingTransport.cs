using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Runtime.Tests.Devices;

/// <summary>
/// An adapter on a Feetech bus that may stand still for a while: what is sent meanwhile arrives later. It shows what it passes
/// on.
/// </summary>
internal sealed class StallingTransport(ITransport inner) : ITransport
{
    private readonly FeetechDecoder _decoder = new();
    private long _stallUntilNs;

    /// <summary>Nothing passes until then. Any thread.</summary>
    public long StallUntilNs
    {
        get => Volatile.Read(ref _stallUntilNs);
        set => Volatile.Write(ref _stallUntilNs, value);
    }

    /// <summary>Called for every packet that arrives, before it is answered.</summary>
    public Action<FeetechPacket>? Heard { get; set; }

    public string Name => inner.Name;

    public TimeSpan LossDetection => inner.LossDetection;

    public void Open() => inner.Open();

    public void Close() => inner.Close();

    public TransportResult Read(Span<byte> buffer, TimeSpan timeout)
    {
        if (MonotonicClock.NowNs < StallUntilNs)
        {
            MonotonicClock.SleepUntil(Math.Min(StallUntilNs, MonotonicClock.NowNs + (timeout.Ticks * 100)));
            return new(TransportStatus.TimedOut, 0);
        }

        TransportResult read = inner.Read(buffer, timeout);
        ReadOnlySpan<byte> bytes = buffer[..read.Count];
        while (_decoder.TryRead(ref bytes, out FeetechPacket packet))
        {
            Heard?.Invoke(packet);
        }

        return read;
    }

    public TransportResult Write(ReadOnlySpan<byte> bytes, TimeSpan timeout) => inner.Write(bytes, timeout);

    public void DiscardInput() => inner.DiscardInput();

    public void Dispose()
    {
        // The terminal is the test's.
    }
}
