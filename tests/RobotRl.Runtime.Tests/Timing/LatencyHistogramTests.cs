using RobotRl.Runtime.Timing;

namespace RobotRl.Runtime.Tests.Timing;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void QuantileUs_Uniform_IsTheUpperEdgeOfItsBucket()
    {
        var histogram = new LatencyHistogram();
        for (int us = 0; us < 1000; us++)
        {
            histogram.Record((us * 1000) + 500);
        }

        Assert.Equal((500.0, 990.0, 1000.0), (histogram.QuantileUs(0.5), histogram.QuantileUs(0.99), histogram.QuantileUs(1)));
        Assert.Equal((1000L, 999_500L), (histogram.Count, histogram.MaximumNs));
    }

    [Fact]
    public void Record_BeyondTheLastBucket_KeepsTheMaximum()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(-5);
        histogram.Record(3_000_000_000);
        Assert.Equal((1.0, 3_000_000.0), (histogram.QuantileUs(0.5), histogram.QuantileUs(1)));
    }

    [Fact]
    public void QuantileUs_Empty_IsZero()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(5_000);
        histogram.Clear();
        Assert.Equal((0.0, 0L, 0L), (histogram.QuantileUs(0.5), histogram.Count, histogram.MaximumNs));
    }

    [Fact]
    public void Record_AllocatesNothing()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            histogram.Record(i * 997);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
