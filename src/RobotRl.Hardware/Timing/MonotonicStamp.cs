namespace RobotRl.Hardware.Timing;

/// <summary>
/// The monotonic stamp of a <see cref="TimeProvider"/> in ticks of 100 ns, from its zero; whole numbers, since a stamp may exceed
/// what a double holds.
/// </summary>
public sealed class MonotonicStamp
{
    private readonly TimeProvider _time;
    private readonly long _stampsPerTick;

    /// <summary>Reads <paramref name="time"/>.</summary>
    public MonotonicStamp(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        long frequency = time.TimestampFrequency;
        _stampsPerTick = frequency % TimeSpan.TicksPerSecond == 0 ? frequency / TimeSpan.TicksPerSecond : 0;
    }

    /// <summary>Now. Any thread; does not allocate.</summary>
    public long Now
    {
        get
        {
            long stamp = _time.GetTimestamp();
            return _stampsPerTick > 0 ? stamp / _stampsPerTick : (long)((Int128)stamp * TimeSpan.TicksPerSecond / _time.TimestampFrequency);
        }
    }

    /// <summary>Time since <paramref name="stamp"/>; zero where it is ahead.</summary>
    public TimeSpan Since(long stamp) => new(Math.Max(0, Now - stamp));
}
