using CsCheck;
using RobotRl.Hardware.Safety;

namespace RobotRl.Hardware.Tests.Safety;

public sealed class BrakingTests
{
    [Fact]
    public void Speed_AnyGap_UsesItUpExactlyWhereBrakingStartsNextPeriod() =>
        Gen.Select(Gen.Double[1e-6, 100], Gen.Double[0.01, 1000], Gen.Double[1e-4, 1])
            .Sample(
                (gap, deceleration, period) =>
                {
                    double speed = Braking.Speed(gap, deceleration, period),
                        way = 0;
                    for (double v = speed; v > 0 && way < 2 * gap; v -= deceleration * period)
                    {
                        way += v * period;
                    }

                    Assert.InRange(way / gap, 1 - 1e-6, 1 + 1e-6);
                }
            );

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Speed_NoGap_IsZero(double gap) => Assert.Equal(0, Braking.Speed(gap, 1, 0.01));

    [Fact]
    public void Speed_NoLimits_IsUnbounded()
    {
        Assert.Equal(double.PositiveInfinity, Braking.Speed(double.PositiveInfinity, 1, 0.01));
        Assert.Equal(100, Braking.Speed(1, double.PositiveInfinity, 0.01));
    }
}
