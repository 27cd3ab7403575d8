using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.ActorCritic;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

public sealed class PpoLearnerTests
{
    [Theory]
    [InlineData(1.0f, 2f)]
    [InlineData(1.0f, -2f)]
    [InlineData(1.19f, 1.5f)]
    [InlineData(1.21f, 1.5f)]
    [InlineData(1.21f, -1.5f)]
    [InlineData(0.81f, -1.5f)]
    [InlineData(0.79f, -1.5f)]
    [InlineData(0.79f, 1.5f)]
    public void ClippedSlope_InsideAndOutsideTheClip_IsTheDifferenceQuotientOfTheObjective(float ratio, float advantage)
    {
        double Objective(double logRatio) => Math.Min(Math.Exp(logRatio) * advantage, Math.Clamp(Math.Exp(logRatio), 0.8, 1.2) * advantage);
        double at = Math.Log(ratio),
            step = 1e-6;
        Assert.Equal((Objective(at + step) - Objective(at - step)) / (2 * step), PpoLearner.ClippedSlope(ratio, advantage, 0.2f), 1e-5);
    }

    [Theory]
    [InlineData(1.5f, 1f)]
    [InlineData(0.5f, -1f)]
    public void ClippedSlope_WhereTheRatioLeftTheClip_IsZero(float ratio, float advantage) =>
        Assert.Equal(0, PpoLearner.ClippedSlope(ratio, advantage, 0.2f));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Update_BeforeAnythingMoved_FindsTheActingPolicysOwnDensities(bool discrete)
    {
        // One batch in one pass: the ratio is computed before the only step, so it is 1 but for rounding.
        using var learner = new PpoLearner(
            4,
            Actions(discrete),
            new()
            {
                StepsPerUpdate = 100,
                Epochs = 1,
                BatchSize = 1000,
            },
            3
        );
        using var driver = new LearnerDriver(learner, 3);
        driver.Run(1000, whenReady: true);
        Assert.True(learner.Updates > 2);
        Assert.Equal(0, LearnerProbe.Metric(learner, "policy/clipped"));
        Assert.InRange(LearnerProbe.Metric(learner, "policy/kl"), -1e-6, 1e-6);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(4, true)]
    public void Update_OfStateDependentExploration_FindsTheActingPolicysOwnDensities(int sampleFrequency, bool shared)
    {
        OnPolicyNetworkOptions network = new()
        {
            HiddenWidth = 8,
            StateDependentExploration = true,
            SdeSampleFrequency = sampleFrequency,
            SharedTrunk = shared,
        };
        using var learner = new PpoLearner(
            4,
            Actions(discrete: false),
            new()
            {
                Network = network,
                StepsPerUpdate = 100,
                Epochs = 1,
                BatchSize = 1000,
                LearningRate = 0.01,
            },
            3
        );
        using var driver = new LearnerDriver(learner, 3);
        driver.Run(1000, whenReady: true);
        Assert.True(learner.Updates > 2);
        Assert.Equal(0, LearnerProbe.Metric(learner, "policy/clipped"));
        Assert.InRange(LearnerProbe.Metric(learner, "policy/kl"), -1e-6, 1e-6);
    }

    [Theory]
    [InlineData("ppo")]
    [InlineData("a2c")]
    public void Update_OfStateDependentExploration_LearnsAndResumesBitForBit(string name)
    {
        ILearner Make(int size) =>
            name == "ppo"
                ? new PpoLearner(
                    size,
                    new ContinuousActionSpace(1),
                    new()
                    {
                        Network = Network(),
                        StepsPerUpdate = 64,
                        BatchSize = 32,
                        Epochs = 4,
                        LearningRate = 0.01,
                        Discount = 0.9,
                    },
                    4
                )
                : new A2cLearner(
                    size,
                    new ContinuousActionSpace(1),
                    new()
                    {
                        Network = Network(),
                        StepsPerUpdate = 16,
                        LearningRate = 0.003,
                        Discount = 0.9,
                    },
                    4
                );
        using ILearner bandit = Make(2);
        (double first, double last) = ContextBandit.Learn(bandit, 8000, 500, 4);
        Assert.True(last > 0.5 * first, $"{first} became {last}");

        using ILearner original = Make(6),
            resumed = Make(6);
        using var driver = new LearnerDriver(original, 10);
        driver.Run(307, whenReady: true);
        MemoryState saved = new(),
            a = new(),
            b = new();
        original.Save(saved);
        resumed.Load(saved);
        using LearnerDriver one = driver.ContinueWith(original),
            twin = driver.ContinueWith(resumed);
        one.Run(300, whenReady: true);
        twin.Run(300, whenReady: true);
        original.Save(a);
        resumed.Save(b);
        Assert.True(a.SameAs(b));

        // The bandit's episodes are of one step, each with a matrix of its own.
        static OnPolicyNetworkOptions Network() =>
            new()
            {
                HiddenWidth = 16,
                StateDependentExploration = true,
                SdeLogStd = -1,
                SdeSampleFrequency = 1,
            };
    }

    [Fact]
    public void Validate_StateDependentExploration_WhereItDoesNotServe_Says()
    {
        Assert.Empty(new PpoOptions { Network = new() { StateDependentExploration = true } }.Validate("L"));
        Assert.Contains(new TrpoOptions { Network = new() { StateDependentExploration = true } }.Validate("L"), p =>
            p.StartsWith("L:Network:StateDependentExploration is true; allowed: false.", StringComparison.Ordinal)
        );
        Assert.Throws<ArgumentException>(() =>
            new A2cLearner(3, new DiscreteActionSpace(2), new() { Network = new() { StateDependentExploration = true } }, 0)
        );
    }

    [Fact]
    public void Update_WithABoundOnTheDivergence_StopsItsPassesThere()
    {
        double Divergence(double targetKl) => Enumerable.Range(1, 8).Average(seed => Of(targetKl, (ulong)seed));

        // Of a single seed it is chance: one pass may overshoot what forty come back to.
        double Of(double targetKl, ulong seed)
        {
            using var learner = new PpoLearner(
                4,
                Actions(discrete: true),
                new()
                {
                    StepsPerUpdate = 200,
                    Epochs = 40,
                    LearningRate = 0.02,
                    TargetKl = targetKl,
                },
                seed
            );
            using var driver = new LearnerDriver(learner, seed);
            while (learner.Updates == 0)
            {
                driver.Run(1, whenReady: true);
            }

            return LearnerProbe.Metric(learner, "policy/kl");
        }

        Assert.True(Divergence(0.01) < Divergence(0), $"{Divergence(0.01)} and {Divergence(0)}");
    }

    private static ActionSpace Actions(bool discrete) => discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(2);
}
