using RobotRl.Hardware.Devices.FeetechBus;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

public sealed class CheckedPositionsTests
{
    private readonly CheckedPositions _positions = new(1);

    [Fact]
    public void Allow_NeverChecked_IsFalse() => Assert.False(_positions.Allow(0, 0, 5, 6));

    [Theory]
    [InlineData(2000, 0, true)]
    [InlineData(2060, 0, true)]
    [InlineData(2070, 0, false)]
    [InlineData(1600, 100, true)]
    [InlineData(1500, 100, false)]
    [InlineData(2400, 100, true)]
    [InlineData(2500, 100, false)]
    [InlineData(2000, 600, false)]
    public void Allow_AsFarAsTheJointCanHaveMoved(int ticks, int afterMs, bool expected)
    {
        _positions.Set(0, 2000, 0, 4095, 7);
        Assert.Equal(expected, _positions.Allow(0, ticks, 7 + (afterMs * TimeSpan.TicksPerMillisecond), speed: 6));
    }

    [Theory]
    [InlineData(4090, 20)]
    [InlineData(20, 4090)]
    public void Allow_OverTheSeam_CountsTheShortWay(int before, int now)
    {
        _positions.Set(0, before, 0, 4095, 7);
        Assert.True(_positions.Allow(0, now, 7, 6));
    }

    [Theory]
    [InlineData(500, 3500, 3490, 3500, true)]
    [InlineData(500, 3500, 3490, 3510, false)]
    [InlineData(500, 3500, 510, 490, false)]
    [InlineData(0, 4095, 4090, 4100, false)]
    [InlineData(-28672, 28672, 4090, 4100, true)]
    [InlineData(-28672, 28672, 10, -10, true)]
    [InlineData(-28672, 28672, 300, 300 + 4096, false)]
    public void Allow_OnlyWhereTheServoStaysIfItIsTold(int least, int greatest, int before, int now, bool expected)
    {
        _positions.Set(0, before, least, greatest, 7);
        Assert.Equal(expected, _positions.Allow(0, now, 7, 6));
    }
}
