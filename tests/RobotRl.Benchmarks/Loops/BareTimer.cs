using RobotRl.Hardware.Timing;

namespace RobotRl.Benchmarks.Loops;

/// <summary>
/// A loop that does nothing but wake up on an absolute grid, at the control thread's priority: what the machine itself misses.
/// </summary>
internal sealed class BareTimer : IDisposable
{
    private readonly long _periodNs;
    private readonly Thread _thread;
    private volatile bool _stop;
    private long _ticks,
        _missed;

    public BareTimer(TimeSpan period, int priority)
    {
        _periodNs = period.Ticks * TimeSpan.NanosecondsPerTick;
        _thread = new Thread(() => Run(priority)) { IsBackground = true, Name = "bare timer" };
        _thread.Start();
    }

    public long Ticks => Volatile.Read(ref _ticks);

    /// <summary>Grid points that passed while it should have been awake before them.</summary>
    public long Missed => Volatile.Read(ref _missed);

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
    }

    private void Run(int priority)
    {
        _ = RealTimeScheduling.TryUseFifo(priority);
        for (long deadline = MonotonicClock.NowNs + _periodNs; !_stop; deadline += _periodNs)
        {
            MonotonicClock.SleepUntil(deadline);
            long late = (MonotonicClock.NowNs - deadline) / _periodNs;
            Volatile.Write(ref _missed, _missed + late);
            Volatile.Write(ref _ticks, _ticks + 1);
            deadline += late * _periodNs;
        }
    }
}
