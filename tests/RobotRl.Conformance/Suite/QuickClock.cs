using System.Diagnostics;

namespace RobotRl.Conformance.Suite;

/// <summary>The monotonic clock of this machine, running faster by a factor, so that slow robots are soon tested.</summary>
internal sealed class QuickClock(double factor) : TimeProvider
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => (long)(Stopwatch.GetElapsedTime(_start).Ticks * factor);
}
