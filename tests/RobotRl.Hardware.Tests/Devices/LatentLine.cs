using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices;

/// <summary>
/// A line behind an adapter with a latency timer: every reply comes the same time later, on a fake clock that waiting moves on.
/// </summary>
internal sealed class LatentLine(ITransport line, FakeTimeProvider clock, TimeSpan latency) : ITransport
{
    private readonly Queue<(DateTimeOffset Due, byte[] Bytes)> _underway = new();
    private readonly byte[] _buffer = new byte[4096];

    /// <summary>Requests so far.</summary>
    public int Requests { get; private set; }

    /// <summary>Requests that were answered so far.</summary>
    public int Answered { get; private set; }

    public string Name => line.Name;

    public TimeSpan LossDetection => line.LossDetection;

    public void Open() => line.Open();

    public void Close()
    {
        _underway.Clear();
        line.Close();
    }

    public void DiscardInput()
    {
        while (_underway.TryPeek(out (DateTimeOffset Due, byte[] Bytes) next) && next.Due <= clock.GetUtcNow())
        {
            _underway.Dequeue();
        }
    }

    public TransportResult Read(Span<byte> buffer, TimeSpan timeout)
    {
        DateTimeOffset end = clock.GetUtcNow() + timeout;
        if (!_underway.TryPeek(out (DateTimeOffset Due, byte[] Bytes) next) || next.Due > end)
        {
            return Wait(timeout) ? new(TransportStatus.TimedOut, 0) : new(TransportStatus.Lost, 0);
        }

        Wait(next.Due - clock.GetUtcNow());
        _underway.Dequeue();
        next.Bytes.CopyTo(buffer);
        return new(TransportStatus.Ok, next.Bytes.Length);
    }

    public TransportResult Write(ReadOnlySpan<byte> bytes, TimeSpan timeout)
    {
        Requests++;
        TransportResult result = line.Write(bytes, timeout);
        int count = line.Read(_buffer, TimeSpan.Zero).Count;
        if (count > 0)
        {
            Answered++;
            _underway.Enqueue((clock.GetUtcNow() + latency, _buffer[..count]));
        }

        return result;
    }

    public void Dispose() => line.Dispose();

    private bool Wait(TimeSpan time) => time <= TimeSpan.Zero || line.Read(_buffer, time).Status != TransportStatus.Lost;
}
