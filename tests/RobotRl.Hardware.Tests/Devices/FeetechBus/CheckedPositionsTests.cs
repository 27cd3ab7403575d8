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
        _positions.Set(0, 2000, 7);
        Assert.Equal(expected, _positions.Allow(0, ticks, 7 + (afterMs * TimeSpan.TicksPerMillisecond), speed: 6));
    }

    [Theory]
    [InlineData(4090, 20)]
    [InlineData(20, 4090)]
    public void Allow_OverTheSeam_CountsTheShortWay(int before, int now)
    {
        _positions.Set(0, before, 7);
        Assert.True(_positions.Allow(0, now, 7, 6));
    }
}
