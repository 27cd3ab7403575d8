namespace RobotRl.Runtime.Timing;

/// <summary>
/// Counts durations in buckets of 1 us up to 100 ms; longer ones share the last bucket, with their maximum kept. Recording
/// neither allocates nor locks. One thread records; readings by others are approximate.
/// </summary>
public sealed class LatencyHistogram
{
    private const int Buckets = 100_001;
    private readonly int[] _counts = new int[Buckets];
    private long _count,
        _maximumNs;

    /// <summary>How many were recorded.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The longest, in nanoseconds.</summary>
    public long MaximumNs => Volatile.Read(ref _maximumNs);

    /// <summary>Records one duration; negative counts as zero.</summary>
    public void Record(long ns)
    {
        _counts[Math.Clamp(ns / 1000, 0, Buckets - 1)]++;
        _count++;
        if (ns > _maximumNs)
        {
            _maximumNs = ns;
        }
    }

    /// <summary>
    /// The duration that a share <paramref name="quantile"/> of all stays within, in microseconds (upper bucket edge); 0 where
    /// none.
    /// </summary>
    public double QuantileUs(double quantile)
    {
        long rank = (long)Math.Ceiling(quantile * Count),
            seen = 0;
        for (int bucket = 0; bucket < Buckets && rank > 0; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank)
            {
                return bucket == Buckets - 1 ? MaximumNs / 1000.0 : bucket + 1;
            }
        }

        return 0;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        (_count, _maximumNs) = (0, 0);
    }
}
