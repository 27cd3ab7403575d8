using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices;

/// <summary>A line on a fake clock whose far end answers every request, each by the same time too late.</summary>
internal sealed class LateLine
{
    private readonly Queue<(DateTimeOffset Due, byte[] Reply)> _owed = new();
    private readonly FakeTimeProvider _time;
    private readonly MemoryTransport _far;

    /// <param name="time">The clock, which waiting at the near end moves on.</param>
    /// <param name="late">From a request to its reply.</param>
    /// <param name="answer">The reply to a request.</param>
    public LateLine(FakeTimeProvider time, TimeSpan late, Func<byte[], byte[]> answer)
    {
        _time = time;
        (Near, _far) = MemoryTransport.CreatePair("late", Wait);
        Near.Open();
        _far.Open();
        byte[] request = new byte[256];
        Near.Written = () =>
        {
            int length = _far.Read(request, TimeSpan.Zero).Count;
            _owed.Enqueue((time.GetUtcNow() + late, answer(request[..length])));
        };
    }

    public MemoryTransport Near { get; }

    /// <summary>Moves the clock on; replies that are due meanwhile lie at the near end then.</summary>
    public void AdvanceTo(DateTimeOffset to)
    {
        while (_owed.Count > 0 && _owed.Peek().Due <= to)
        {
            Deliver();
        }

        _time.SetUtcNow(to);
    }

    private void Wait(TimeSpan time)
    {
        if (_owed.Count > 0 && _owed.Peek().Due <= _time.GetUtcNow() + time)
        {
            Deliver();
        }
        else
        {
            _time.Advance(time);
        }
    }

    private void Deliver()
    {
        (DateTimeOffset due, byte[] reply) = _owed.Dequeue();
        _time.SetUtcNow(due);
        _far.Write(reply, TimeSpan.Zero);
    }
}
