using RobotRl.Algorithms.ActorCritic;

namespace RobotRl.Algorithms.Tests.ActorCritic;

public sealed class StepDecayOptionsTests
{
    [Fact]
    public void Factor_WithoutSteps_IsOne() => Assert.Equal(1, new StepDecayOptions().Factor(1_000_000));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(500, 0.6)]
    [InlineData(1000, 0.2)]
    [InlineData(5000, 0.2)]
    public void Factor_OnTheWay_FallsLinearlyAndStaysAtTheFinalShare(long learned, double expected) =>
        Assert.Equal(expected, new StepDecayOptions { Steps = 1000, Final = 0.2 }.Factor(learned), 1e-12);

    [Fact]
    public void Ascend_WithAScale_TakesThatPartOfTheStep()
    {
        foreach (OptimiserKind kind in Enum.GetValues<OptimiserKind>())
        {
            float[] whole = new float[5],
                half = new float[5],
                gradient = [1, -2, 3, 0.5f, 0];
            new FlatOptimiser(kind, 0.1, 5).Ascend(whole, gradient);
            new FlatOptimiser(kind, 0.1, 5) { Scale = 0.5 }.Ascend(half, gradient);
            Assert.All(whole.Zip(half), pair => Assert.Equal(0.5f * pair.First, pair.Second, 1e-6f));
            Assert.NotEqual(0, whole[0]);
        }
    }
}
