namespace RobotRl.Runtime.Loops;

/// <summary>Rate of a counter over the last few seconds. One thread.</summary>
public sealed class RateMeter
{
    private const int Samples = 16;
    private readonly TimeProvider _time;
    private readonly Queue<(long Stamp, long Count)> _window = new();

    /// <summary>Uses <paramref name="time"/>'s monotonic stamps.</summary>
    public RateMeter(TimeProvider time) => _time = time;

    /// <summary>Takes the counter's value now and answers its rate per second; NaN at the first call.</summary>
    public double Rate(long count)
    {
        long now = _time.GetTimestamp();
        double rate = double.NaN;
        if (_window.TryPeek(out (long Stamp, long Count) first))
        {
            double seconds = _time.GetElapsedTime(first.Stamp, now).TotalSeconds;
            rate = seconds > 0 ? (count - first.Count) / seconds : double.NaN;
        }

        _window.Enqueue((now, count));
        if (_window.Count > Samples)
        {
            _window.Dequeue();
        }

        return rate;
    }
}
