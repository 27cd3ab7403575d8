using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests.Kernels;

public sealed class DropoutPositionsTests
{
    [Theory]
    [InlineData(0.01)]
    [InlineData(0.3)]
    public void Draw_ManyTimes_DropsEveryUnitAtTheRateAndNeighboursIndependently(double rate)
    {
        const int units = 200,
            draws = 20_000;
        var dropped = new DropoutPositions(units, rate);
        var random = new CounterRandom(1, RandomPurpose.Learning);
        int[] counts = new int[units];
        int pairs = 0;
        for (int i = 0; i < draws; i++)
        {
            dropped.Draw(random);
            int before = -2;
            foreach (int position in dropped.Positions)
            {
                Assert.InRange(position, before + 1, units - 1);
                pairs += position == before + 1 ? 1 : 0;
                counts[position]++;
                before = position;
            }
        }

        double deviation = Math.Sqrt(draws * rate * (1 - rate));
        Assert.All(counts, c => Assert.InRange(c, (draws * rate) - (5 * deviation), (draws * rate) + (5 * deviation)));
        double expected = (double)draws * (units - 1) * rate * rate;
        Assert.InRange(pairs, expected - (6 * Math.Sqrt(expected)), expected + (6 * Math.Sqrt(expected)));
    }

    [Fact]
    public void Draw_RateOfZero_DropsNothing()
    {
        var dropped = new DropoutPositions(100, 0);
        dropped.Draw(new CounterRandom(1, RandomPurpose.Learning));
        Assert.Empty(dropped.Positions.ToArray());
    }
}
