using RobotRl.Algorithms.PolicyGradient;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

public sealed class AdvantagesTests
{
    private const double Discount = 0.9;

    // Steps 0 to 2 end in a termination, steps 3 and 4 at a time limit, step 5 is cut by the end of the rollout.
    private static readonly float[] Rewards = [1, -2, 3, 0.5f, 4, -1];
    private static readonly float[] Values = [0.3f, -0.7f, 1.1f, 2, -0.4f, 0.9f];
    private static readonly float[] NextValues = [-0.7f, 1.1f, 50, -0.4f, 7, 5];
    private static readonly float[] Bootstraps = [1, 1, 0, 1, 1, 1];
    private static readonly float[] Continues = [1, 1, 0, 1, 0, 0];

    [Fact]
    public void LambdaZeroIsTheTemporalDifferenceError()
    {
        float[] actual = Generalised(0);
        for (int t = 0; t < Rewards.Length; t++)
        {
            double expected = Rewards[t] + (t == 2 ? 0 : Discount * NextValues[t]) - Values[t];
            Assert.Equal(expected, actual[t], 1e-5);
        }
    }

    [Fact]
    public void LambdaOneIsTheReturnMinusTheValue()
    {
        float[] returns = new float[Rewards.Length],
            actual = Generalised(1);
        Advantages.RewardToGo(Rewards, NextValues, Bootstraps, Continues, Discount, returns);
        for (int t = 0; t < Rewards.Length; t++)
        {
            Assert.Equal((double)returns[t] - Values[t], actual[t], 1e-5);
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public void AnyLambdaIsTheSumOfItsDefinition(double lambda)
    {
        float[] errors = Generalised(0),
            actual = Generalised(lambda);
        int[] ends = [2, 2, 2, 4, 4, 5];
        for (int t = 0; t < Rewards.Length; t++)
        {
            double expected = 0;
            for (int l = 0; t + l <= ends[t]; l++)
            {
                expected += Math.Pow(Discount * lambda, l) * errors[t + l];
            }

            Assert.Equal(expected, actual[t], 1e-5);
        }
    }

    [Fact]
    public void OnlyTerminationStopsBootstrapping()
    {
        float[] returns = new float[Rewards.Length];
        Advantages.RewardToGo(Rewards, NextValues, Bootstraps, Continues, Discount, returns);
        Assert.Equal(1 - (0.9 * 2) + (0.81 * 3), returns[0], 1e-5);
        Assert.Equal(3, returns[2], 1e-5);
        Assert.Equal(4 + (0.9 * 7), returns[4], 1e-5);
        Assert.Equal(-1 + (0.9 * 5), returns[5], 1e-5);
    }

    [Fact]
    public void FullReturnIsTheSameAtEachStepOfAnEpisode()
    {
        float[] returns = new float[Rewards.Length];
        Advantages.FullReturn(Rewards, Continues, Discount, returns);
        Assert.Equal(1 - (0.9 * 2) + (0.81 * 3), returns[0], 1e-5);
        Assert.Equal(returns[0], returns[1]);
        Assert.Equal(returns[0], returns[2]);
        Assert.Equal(0.5 + (0.9 * 4), returns[3], 1e-5);
        Assert.Equal(returns[3], returns[4]);
        Assert.Equal(-1, returns[5], 1e-5);
    }

    [Fact]
    public void FactorsFromTheStartBeginAnewWithEachEpisode()
    {
        float[] factors = new float[Rewards.Length];
        Advantages.FromStart(Continues, Discount, factors);
        double[] expected = [1, 0.9, 0.81, 1, 0.9, 1];
        for (int t = 0; t < factors.Length; t++)
        {
            Assert.Equal(expected[t], factors[t], 1e-5);
        }
    }

    [Fact]
    public void StandardisedValuesHaveMeanZeroAndDeviationOne()
    {
        float[] values = [1, 2, 3, 6];
        Advantages.Standardise(values);
        Assert.Equal(0, values.Average(), 1e-5);
        Assert.Equal(1, Math.Sqrt(values.Sum(value => (double)value * value) / 3), 1e-5);
    }

    [Theory]
    [InlineData(new float[] { })]
    [InlineData(new float[] { 4 })]
    [InlineData(new float[] { 2, 2, 2 })]
    public void ValuesWithoutSpreadAreLeftAlone(float[] values)
    {
        float[] before = [.. values];
        Advantages.Standardise(values);
        Assert.Equal(before, values);
    }

    private static float[] Generalised(double lambda)
    {
        float[] advantages = new float[Rewards.Length];
        Advantages.Generalised(Rewards, Values, NextValues, Bootstraps, Continues, Discount, lambda, advantages);
        return advantages;
    }
}
