using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

/// <summary>
/// Gradients whose squares are beyond single precision are learned from; those that are not finite are refused, and said to be.
/// </summary>
public sealed class GreatGradientTests
{
    public static TheoryData<string> Names => [.. OnPolicyCases.Names];

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public void Bound_FiniteGradientAboveTheRootOfTheGreatestFloat_IsScaledDown(double most)
    {
        float[] gradient = [3e25f, -4e25f, 0];
        Assert.True(GradientNorm.Bound(gradient, most));
        double norm = most > 0 ? most : 1e18;
        Assert.Equal(0.6 * norm, gradient[0], norm * 1e-6);
        Assert.Equal(-0.8 * norm, gradient[1], norm * 1e-6);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Bound_NotFinite_IsRefusedAndUntouched(float value)
    {
        float[] gradient = [1, value];
        Assert.False(GradientNorm.Bound(gradient, 0.5));
        Assert.Equal([1, value], gradient);
    }

    [Fact]
    public void Bound_SmallGradient_IsUntouched()
    {
        float[] gradient = [0.1f, 0.2f];
        Assert.True(GradientNorm.Bound(gradient, 0));
        Assert.Equal([0.1f, 0.2f], gradient);
    }

    [Fact]
    public void WideDot_GreatestNumbersAndOddLengths_IsTheSumInDoublePrecision()
    {
        for (int length = 0; length < 40; length++)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(i => i % 3 == 0 ? float.MaxValue : i)];
            double expected = values.Sum(v => (double)v * v);
            Assert.Equal(expected, SampleKernels.WideDot(values, values), Math.Abs(expected) * 1e-12);
        }
    }

    [Fact]
    public void ScaleToUnit_GreatNumbers_HaveLengthOne()
    {
        float[] values = [3e30f, 4e30f];
        SampleKernels.ScaleToUnit(values);
        Assert.Equal(0.6f, values[0], 1e-6);
        Assert.Equal(0.8f, values[1], 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Update_RewardsOfTenToThe22_LearnsAndRefusesNothing(string name)
    {
        using ILearner learner = OnPolicyCases.Make(name, 2, new DiscreteActionSpace(2), 5);
        (float[] policy, float[] values) = (Policy(learner), Values(learner));
        Feed(learner, 1e22f);
        Assert.True(learner.Updates > 0);
        Assert.Equal(0, learner.RefusedUpdates);
        Assert.All(Policy(learner), p => Assert.True(float.IsFinite(p)));

        // Where one bound holds policy and V together, V's part takes nearly all of it.
        Assert.False(policy.SequenceEqual(Policy(learner)) && values.SequenceEqual(Values(learner)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Update_ReturnsBeyondSinglePrecision_RefusesEachUpdateAndSaysSo(string name)
    {
        using ILearner learner = OnPolicyCases.Make(name, 2, new DiscreteActionSpace(2), 5);
        Feed(learner, float.MaxValue);
        Assert.True(learner.Updates > 0);
        Assert.Equal(learner.Updates, learner.RefusedUpdates);
        var saved = new MemoryState();
        learner.Save(saved);
        using ILearner loaded = OnPolicyCases.Make(name, 2, new DiscreteActionSpace(2), 5);
        loaded.Load(saved);
        Assert.Equal(learner.RefusedUpdates, loaded.RefusedUpdates);
    }

    private static float[] Values(ILearner learner)
    {
        float[] values = new float[3];
        learner.EstimateValues([0.5f, -0.5f, 1, 2, -1, 0], values);
        return values;
    }

    private static float[] Policy(ILearner learner)
    {
        var block = new PolicyBlock(learner.Policy);
        learner.CopyPolicy(block);
        return block.Parameters;
    }

    /// <summary>Episodes of eight steps with such a reward for the one action and none for the other.</summary>
    private static void Feed(ILearner learner, float reward)
    {
        var block = new PolicyBlock(learner.Policy);
        using var policy = new PackedPolicy(learner.Policy);
        CounterRandom acting = new(5, RandomPurpose.Acting),
            world = new(5, RandomPurpose.Simulation);
        float[] observation = new float[2],
            next = new float[2],
            action = new float[1],
            preSquash = new float[1];
        for (int t = 0; t < 192; t++)
        {
            learner.CopyPolicy(block);
            policy.Pack(block);
            world.FillGaussian(next);
            float log = policy.Act(observation, acting, action, preSquash);
            learner.Observe(
                new Transition
                {
                    Observation = observation,
                    Proposed = action,
                    PreSquash = preSquash,
                    Executed = action,
                    NextObservation = next,
                    LogProbability = log,
                    Reward = action[0] * reward,
                    End = t % 8 == 7 ? EpisodeEnd.Terminated : EpisodeEnd.None,
                    Learnable = true,
                    PolicyVersion = block.Version,
                    Sequence = t,
                }
            );
            if (learner.CanUpdate)
            {
                learner.Update();
            }

            next.CopyTo(observation, 0);
        }
    }
}
