using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.ActorCritic;
using RobotRl.Algorithms.Tests.Networks;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

/// <summary>
/// What holds for every update of TRPO, and what a natural gradient's step is, measured on the policies that leave the learner.
/// </summary>
public sealed class TrustRegionTests
{
    [Theory]
    [InlineData(false, false, 0.01)]
    [InlineData(false, true, 0.01)]
    [InlineData(true, false, 0.01)]
    [InlineData(true, true, 0.01)]
    [InlineData(true, false, 0.5)]
    [InlineData(false, false, 0.5)]
    public void Trpo_ManyUpdates_NoneLeavesTheTrustRegion(bool discrete, bool shared, double bound)
    {
        var options = new TrpoOptions
        {
            StepsPerUpdate = 64,
            MaxKl = bound,
            Network = new() { HiddenWidth = 16, SharedTrunk = shared },
            CriticLearningRate = 0.01,
        };
        (int moved, int kept) = (0, 0);
        for (ulong seed = 0; seed < 4; seed++)
        {
            using var learner = new TrpoLearner(2, Actions(discrete), options, seed);
            foreach ((double divergence, double squaredStep) in Updates(learner, 4000, seed))
            {
                Assert.InRange(divergence, -1e-6, bound * (1 + 1e-4));
                bool step = LearnerProbe.Metric(learner, "policy/step") > 0;
                Assert.Equal(step, squaredStep > 0);
                Assert.Equal(step, LearnerProbe.Metric(learner, "policy/gain") > 0);
                Assert.Equal(divergence, LearnerProbe.Metric(learner, "policy/kl"), 1e-4 * bound);
                (moved, kept) = (moved + (step ? 1 : 0), kept + (step ? 0 : 1));
            }
        }

        Assert.True(moved > 100 && moved > 4 * kept, $"{moved} updates moved the policy, {kept} did not");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Npg_SmallStep_MakesTheDivergenceThatItWasSizedBy(bool discrete)
    {
        // With a small step the quadratic model holds, and damping counts as part of the Fisher information: KL + damping
        // |step|^2 / 2 is what was asked for.
        var options = new NpgOptions
        {
            StepsPerUpdate = 256,
            StepKl = 1e-4,
            Damping = 0.1,
            Network = new() { HiddenWidth = 8 },
        };
        using var learner = new NpgLearner(2, Actions(discrete), options, 3);
        int updates = 0;
        foreach (Outcome update in Updates(learner, 4000, 3))
        {
            updates++;
            Assert.InRange(update.Divergence, 1e-6, 1.02e-4);
            Assert.Equal(1e-4, update.Divergence + (0.5 * 0.1 * update.SquaredStep), 3e-6);
        }

        Assert.True(updates >= 10);
    }

    [Fact]
    public void Npg_WithALearningRate_StepsByIt()
    {
        NpgOptions options = new()
        {
            StepsPerUpdate = 64,
            LearningRate = 1e-3,
            Network = new() { HiddenWidth = 8 },
        };
        float[] one = Moved(options),
            two = Moved(options with { LearningRate = 2e-3 });
        Assert.Contains(one, v => v != 0);
        Assert.All(one.Zip(two), pair => Assert.Equal(2 * pair.First, pair.Second, 1e-6));

        static float[] Moved(NpgOptions options)
        {
            using var learner = new NpgLearner(2, Actions(discrete: true), options, 3);
            var before = new PolicyBlock(learner.Policy);
            var after = new PolicyBlock(learner.Policy);
            learner.CopyPolicy(before);
            _ = Updates(learner, 64, 3).Count();
            learner.CopyPolicy(after);
            return [.. after.Parameters.Zip(before.Parameters, (a, b) => a - b)];
        }
    }

    [Theory]
    [InlineData("trpo")]
    [InlineData("npg")]
    public void Update_WhereTheStepHasDecayed_IsThatOfABoundSmallerByItsSquare(string name)
    {
        // 64 of 128 transitions learned from, and nothing left at their end: a step of half the length, of which a quarter of the
        // divergence comes.
        using ILearner first = Make(0.01, 0),
            decayed = Make(0.01, 128),
            quarter = Make(0.0025, 0),
            half = Make(0.005, 0);
        using var driver = new LearnerDriver(first, 3);
        driver.Run(64, whenReady: true);
        var state = new MemoryState();
        first.Save(state);
        (float[] expected, float[] found, float[] other) = (Second(quarter), Second(decayed), Second(half));
        Assert.Equal(expected, found);
        Assert.NotEqual(other, found);

        if (name == "trpo")
        {
            Assert.InRange(LearnerProbe.Metric(decayed, "policy/kl"), 0.0005, 0.0025);
        }

        float[] Second(ILearner learner)
        {
            learner.Load(state);
            using LearnerDriver twin = driver.ContinueWith(learner);
            twin.Run(64, whenReady: true);
            Assert.Equal(2, learner.Updates);
            var block = new PolicyBlock(learner.Policy);
            learner.CopyPolicy(block);
            return block.Parameters;
        }

        ILearner Make(double divergence, int decay)
        {
            OnPolicyNetworkOptions network = new() { HiddenWidth = 8 };
            return name == "trpo"
                ? new TrpoLearner(
                    2,
                    Actions(discrete: true),
                    new()
                    {
                        Network = network,
                        StepsPerUpdate = 64,
                        MaxKl = divergence,
                        StepDecay = new() { Steps = decay, Final = 0 },
                    },
                    3
                )
                : new NpgLearner(
                    2,
                    Actions(discrete: true),
                    new()
                    {
                        Network = network,
                        StepsPerUpdate = 64,
                        StepKl = divergence,
                        StepDecay = new() { Steps = decay, Final = 0 },
                    },
                    3
                );
        }
    }

    /// <summary>
    /// Acts and learns on noise that the action's choice shifts; after each update, the mean divergence over its rollout's
    /// states, and how far the policy's parameters went.
    /// </summary>
    private static IEnumerable<Outcome> Updates(ILearner learner, int steps, ulong seed)
    {
        using var policy = new PackedPolicy(learner.Policy);
        PolicyBlock acting = new(learner.Policy),
            next = new(learner.Policy);
        CounterRandom noise = new(seed, RandomPurpose.Acting),
            world = new(seed, RandomPurpose.Simulation);
        List<float[]> states = [];
        float[] action = new float[1],
            preSquash = new float[1];
        learner.CopyPolicy(acting);
        policy.Pack(acting);
        for (int t = 0; t < steps; t++)
        {
            float[] observation = [world.NextGaussian(), world.NextGaussian()];
            states.Add(observation);
            float logProbability = policy.Act(observation, noise, action, preSquash);
            learner.Observe(
                new Transition
                {
                    Observation = observation,
                    Proposed = action,
                    PreSquash = preSquash,
                    Executed = action,
                    NextObservation = observation,
                    LogProbability = logProbability,
                    Reward = (observation[0] * preSquash[0]) + world.NextGaussian(),
                    End = EpisodeEnd.Terminated,
                    Learnable = true,
                    PolicyVersion = acting.Version,
                    Sequence = t,
                }
            );
            if (!learner.CanUpdate)
            {
                continue;
            }

            learner.Update();
            learner.CopyPolicy(next);
            double squaredStep = acting.Parameters.Zip(next.Parameters, (a, b) => Math.Pow((double)b - a, 2)).Sum();
            yield return new(states.Average(s => Divergence(learner.Policy, acting, next, s)), squaredStep);
            acting.CopyFrom(next);
            policy.Pack(acting);
            states.Clear();
        }
    }

    private static double Divergence(PolicySpec spec, PolicyBlock old, PolicyBlock now, float[] state)
    {
        double[] x = [.. state.Select(v => (double)v)];
        float[] Output(PolicyBlock block) =>
            [.. ReferenceMlp.Forward(spec.Network, [.. block.Parameters.Select(p => (double)p)], x).Select(o => (float)o)];
        return PolicyDivergence.Between(spec.Head, Output(old), Output(now));
    }

    private static ActionSpace Actions(bool discrete) => discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(1);

    private sealed record Outcome(double Divergence, double SquaredStep);
}
