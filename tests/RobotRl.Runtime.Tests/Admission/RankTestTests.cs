using RobotRl.Algorithms.Randomness;
using RobotRl.Runtime.Admission;

namespace RobotRl.Runtime.Tests.Admission;

public sealed class RankTestTests
{
    // Lower tails of the standard normal distribution, by Python's math.erfc.
    [Theory]
    [InlineData(0.0, 0.5)]
    [InlineData(-1.0, 0.15865525393145705)]
    [InlineData(-1.959963984540054, 0.025)]
    [InlineData(-2.999, 0.0013543365337271066)]
    [InlineData(-3.0, 0.0013498980316300933)]
    [InlineData(-5.0, 2.866515718791946e-07)]
    [InlineData(2.0, 0.9772498680518208)]
    public void LowerTail_KnownPoints_Agrees(double z, double expected) =>
        Assert.InRange(RankTest.LowerTail(z) / expected, 1 - 1e-12, 1 + 1e-12);

    [Fact]
    public void LowerProbability_CompleteSeparationOfTwentyEach_IsAsComputedByHand()
    {
        // U = 0: z = (0.5 - 200) / sqrt(20 x 20 x 41 / 12) = -5.3965.
        double[] low = [.. Enumerable.Range(0, 20).Select(i => (double)i)],
            high = [.. low.Select(x => x + 100)];
        Assert.InRange(RankTest.LowerProbability(low, high), 3.39e-8, 3.41e-8);
        Assert.InRange(RankTest.LowerProbability(high, low), 1 - 1e-6, 1);
    }

    [Fact]
    public void LowerProbability_AllEqualOrEmpty_SaysNothing()
    {
        Assert.Equal(1, RankTest.LowerProbability([5, 5, 5, 5], [5, 5, 5, 5]));
        Assert.Equal(1, RankTest.LowerProbability([], [5, 5]));
    }

    [Fact]
    public void LowerProbability_DrawnAlike_IsBelowALevelAboutThatOften()
    {
        var random = new CounterRandom(11, 1UL);
        double[] a = new double[20],
            b = new double[20];
        int below = 0;
        for (int trial = 0; trial < 4000; trial++)
        {
            for (int i = 0; i < 20; i++)
            {
                // Rounded, so that ties occur.
                (a[i], b[i]) = (Math.Round(random.NextGaussian() * 4), Math.Round(random.NextGaussian() * 4));
            }

            below += RankTest.LowerProbability(a, b) < 0.05 ? 1 : 0;
        }

        Assert.InRange(below / 4000.0, 0.04, 0.06);
    }
}
