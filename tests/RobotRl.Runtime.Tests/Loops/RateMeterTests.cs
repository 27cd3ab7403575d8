using Microsoft.Extensions.Time.Testing;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Tests.Loops;

public sealed class RateMeterTests
{
    [Fact]
    public void Rate_FirstCall_IsUnknown_ThenCountOverTime()
    {
        var time = new FakeTimeProvider();
        var meter = new RateMeter(time);
        Assert.Equal(double.NaN, meter.Rate(100));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(50, meter.Rate(200), 1e-9);
    }

    [Fact]
    public void Rate_AfterTheWindow_ForgetsTheStart()
    {
        var time = new FakeTimeProvider();
        var meter = new RateMeter(time);
        long count = 0;
        double rate = 0;
        for (int i = 0; i < 40; i++)
        {
            rate = meter.Rate(count);
            time.Advance(TimeSpan.FromSeconds(0.2));
            count += i < 20 ? 1000 : 1;
        }

        Assert.Equal(5, rate, 1e-9);
    }

    [Fact]
    public void Rate_NoTimePassed_IsUnknown()
    {
        var meter = new RateMeter(new FakeTimeProvider());
        meter.Rate(1);
        Assert.Equal(double.NaN, meter.Rate(2));
    }
}
