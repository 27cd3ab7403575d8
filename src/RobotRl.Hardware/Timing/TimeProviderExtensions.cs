namespace RobotRl.Hardware.Timing;

/// <summary>A provider's monotonic stamp in the units that drivers reckon in.</summary>
public static class TimeProviderExtensions
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>The monotonic stamp in nanoseconds from its zero. Any thread; does not allocate.</summary>
    public static long GetMonotonicNs(this TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        long stamp = time.GetTimestamp(),
            frequency = time.TimestampFrequency;
        return NanosecondsPerSecond % frequency == 0
            ? stamp * (NanosecondsPerSecond / frequency)
            : (long)((Int128)stamp * NanosecondsPerSecond / frequency);
    }
}
