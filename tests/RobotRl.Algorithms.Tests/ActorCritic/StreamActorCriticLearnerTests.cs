using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.Networks;
using static RobotRl.Algorithms.Tests.ActorCritic.LearnerProbe;

namespace RobotRl.Algorithms.Tests.ActorCritic;

public sealed class StreamActorCriticLearnerTests
{
    private static readonly StreamActorCriticOptions Small = new() { HiddenWidth = 12, Sparsity = 0.5 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Update_OverAnEpisode_FollowsTheFormulasWithTracesAsExplicitSums(bool shared)
    {
        var options = new StreamActorCriticOptions
        {
            HiddenWidth = 6,
            SharedTrunk = shared,
            Sparsity = 0.4,
            EntropyCoefficient = 0.05,
        };
        using var learner = new StreamActorCriticLearner(5, new DiscreteActionSpace(3), options, 3);
        MlpShape policy = learner.Policy.Network,
            actorShape = shared ? policy with { Outputs = policy.Outputs + 1 } : policy;
        MlpShape criticShape = shared ? actorShape : policy with { Outputs = 1 };
        var random = new CounterRandom(9, RandomPurpose.Simulation);
        var raw = new List<double[]> { Gaussian(random, 5) };
        double rewardTrace = 0;
        var discountedReturns = new List<double>();
        List<double[]> actorGradients = [],
            criticGradients = [];
        for (int t = 0; t < 6; t++)
        {
            double reward = Gaussian(random, 1)[0];
            int action = random.NextInt32(3);
            bool last = t == 5;
            raw.Add(Gaussian(random, 5));
            float[] actor = Read(learner, "actor/parameters", actorShape.ParameterCount),
                critic = Read(learner, "critic/parameters", criticShape.ParameterCount);

            // s is normalised by what was seen up to s (the very first not at all), s' by what was seen up to s'.
            double[] s = t == 0 ? raw[0] : Normalised(raw, t),
                next = Normalised(raw, t + 1);
            rewardTrace = (0.99 * (last ? 0 : 1) * rewardTrace) + reward;
            discountedReturns.Add(rewardTrace);
            double variance = t == 0 ? 1 : discountedReturns.Sum(u => Math.Pow(u - discountedReturns.Average(), 2)) / t;
            double scaled = reward / Math.Sqrt(variance + 1e-8);
            double Value(double[] w, double[] x) => ReferenceMlp.Forward(criticShape, w, x)[^1];
            double[] w0 = [.. critic.Select(p => (double)p)];
            double delta = scaled + (last ? 0 : 0.99 * Value(w0, next)) - Value(w0, s);
            criticGradients.Add(ReferenceMlp.Gradient(critic, w => Value(w, s)));
            actorGradients.Add(ReferenceMlp.Gradient(actor, theta =>
                {
                    double[] logits = ReferenceMlp.Forward(actorShape, theta, s)[..policy.Outputs];
                    double total = logits.Sum(Math.Exp);
                    double entropy = -logits.Sum(l => Math.Exp(l) / total * (l - Math.Log(total)));
                    return logits[action] - Math.Log(total) + (0.05 * Math.Sign(delta) * entropy);
                }));

            learner.Observe(
                new Transition
                {
                    Observation = Single(raw[t]),
                    Proposed = [action],
                    PreSquash = [action],
                    Executed = [action],
                    NextObservation = Single(raw[t + 1]),
                    Reward = (float)reward,
                    End = last ? EpisodeEnd.Terminated : EpisodeEnd.None,
                    Learnable = true,
                    Sequence = t,
                }
            );
            learner.Update();
            double[] policyMove = Move(actorGradients, delta, 3),
                valueMove = Move(criticGradients, delta, 2);
            AssertMoved(
                actor,
                Read(learner, "actor/parameters", actor.Length),
                shared ? [.. policyMove.Zip(valueMove, (a, c) => a + c)] : policyMove
            );
            AssertMoved(
                critic,
                Read(learner, "critic/parameters", critic.Length),
                shared ? [.. policyMove.Zip(valueMove, (a, c) => a + c)] : valueMove
            );
        }

        static double[] Move(List<double[]> gradients, double delta, double kappa)
        {
            double[] z =
            [
                .. gradients[0].Select((_, i) => gradients.Select((g, k) => Math.Pow(0.99 * 0.8, gradients.Count - 1 - k) * g[i]).Sum()),
            ];
            double step = Math.Min(1, 1 / (kappa * Math.Max(1, Math.Abs(delta)) * z.Sum(Math.Abs)));
            return [.. z.Select(e => step * delta * e)];
        }

        static void AssertMoved(float[] before, float[] after, double[] move)
        {
            double largest = move.Max(Math.Abs);
            for (int i = 0; i < before.Length; i++)
            {
                Assert.Equal(move[i], (double)after[i] - before[i], (2e-3 * largest) + 2e-7);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Update_Always_KeepsTheStepWithinTheObGdBound(bool discrete)
    {
        using StreamActorCriticLearner learner = Make(discrete, 1);
        using var driver = new LearnerDriver(learner, 1);
        for (int i = 0; i < 500; i++)
        {
            driver.Run(1);
            double effective =
                Metric(learner, "value/step")
                * 2
                * Math.Max(1, Math.Abs(Metric(learner, "value/td_error")))
                * Metric(learner, "value/trace_norm");
            Assert.InRange(effective, 0, 1.0001);
            Assert.InRange(Metric(learner, "value/step"), 0, 1);
        }
    }

    // The bound is on first order: V(s) moves by alpha' delta ||z||^2, and ||z||^2 is at most ||z||_1 ||z||_inf, so the share of
    // the TD error that is closed is at most ||z||_inf / kappa: nothing overshoots while no gradient exceeds kappa.
    [Fact]
    public void Update_WithoutTraces_DoesNotOvershootTheTdErrorOfItsOwnSample()
    {
        using var learner = new StreamActorCriticLearner(20, new ContinuousActionSpace(2), new() { TraceDecay = 0 }, 2);
        using var driver = new LearnerDriver(learner, 2);
        MlpShape shape = learner.Policy.Network with { Outputs = 1 };
        int closer = 0;
        for (int i = 0; i < 400; i++)
        {
            driver.Run(1);
            double[] critic = [.. Read(learner, "critic/parameters", shape.ParameterCount).Select(p => (double)p)];
            double[] s = [.. Read(learner, "pending/observation", 20).Select(p => (double)p)];
            double share =
                (ReferenceMlp.Forward(shape, critic, s)[0] - Metric(learner, "value/estimate")) / Metric(learner, "value/td_error");
            double largest = Read(learner, "critic/trace", critic.Length).Max(Math.Abs);
            Assert.True(share <= (1.2 * largest / 2) + 1e-3, $"step {i}: {share} of the error closed; largest gradient {largest}");
            Assert.True(share < 1, $"step {i}: {share} of the error closed: overshot");
            closer += share > 0 ? 1 : 0;
        }

        Assert.True(closer > 390, $"{closer} of 400 steps went towards their target");
    }

    [Theory]
    [InlineData(20, 0.9)]
    [InlineData(4, 1.0)]
    public void Constructor_Always_ZeroesTheShareOfWeightsThatThePaperAsksFor(int inputs, double firstLayerShare)
    {
        using var learner = new StreamActorCriticLearner(inputs, new DiscreteActionSpace(2), new(), 5);
        MlpShape shape = learner.Policy.Network;
        float[] actor = Read(learner, "actor/parameters", shape.ParameterCount);
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            int n = shape.LayerInputs(layer),
                m = shape.LayerOutputs(layer);
            float[] weights = actor[shape.WeightOffset(layer)..shape.BiasOffset(layer)];
            double share = layer == 0 ? firstLayerShare : Math.Ceiling(0.9 * n) / n;
            for (int j = 0; j < m; j++)
            {
                Assert.Equal(share * n, Enumerable.Range(0, n).Count(i => weights[(i * m) + j] == 0), 1e-9);
            }

            Assert.All(weights, w => Assert.InRange(w, -1 / MathF.Sqrt(n), 1 / MathF.Sqrt(n)));
            Assert.True(share == 1 || weights.Max() > 0.8f / MathF.Sqrt(n));
            Assert.All(actor[shape.BiasOffset(layer)..shape.WeightOffset(layer + 1)], b => Assert.Equal(0, b));
        }
    }

    [Theory]
    [InlineData(EpisodeEnd.Truncated)]
    [InlineData(EpisodeEnd.Fault)]
    [InlineData(EpisodeEnd.Takeover)]
    public void Update_EndThatIsNoTermination_BootstrapsAndResetsTraces(EpisodeEnd end)
    {
        double Error(EpisodeEnd with)
        {
            using StreamActorCriticLearner learner = Make(discrete: true, 7);
            using var driver = new LearnerDriver(learner, 7);
            driver.Run(40);
            driver.Show(with, 1, actFirst: true);
            learner.Update();
            return Metric(learner, "value/td_error");
        }

        using StreamActorCriticLearner before = Make(discrete: true, 7);
        using var same = new LearnerDriver(before, 7);
        same.Run(40);
        same.Show(end, 1, actFirst: true);
        MlpShape shape = before.Policy.Network with { Outputs = 1 };
        double[] critic = [.. Read(before, "critic/parameters", shape.ParameterCount).Select(p => (double)p)];
        double next = ReferenceMlp.Forward(shape, critic, [.. Read(before, "pending/next_observation", 6).Select(p => (double)p)])[0];
        Assert.True(Math.Abs(next) > 1e-3);
        Assert.Equal(0.99 * next, Error(end) - Error(EpisodeEnd.Terminated), 1e-4);
        before.Update();
        Assert.True(NextUpdateStartsTraces(before, same));
    }

    [Theory]
    [InlineData("unlearnable")]
    [InlineData("gap")]
    [InlineData("missed")]
    [InlineData("broken")]
    [InlineData("terminated")]
    [InlineData("nothing")]
    public void Update_AfterABreakInTheStream_StartsItsTracesAnew(string cause)
    {
        using StreamActorCriticLearner learner = Make(discrete: true, 8);
        using var driver = new LearnerDriver(learner, 8);
        driver.Run(60);
        driver.Show(cause == "terminated" ? EpisodeEnd.Terminated : EpisodeEnd.None, 1, actFirst: true);
        learner.Update();
        switch (cause)
        {
            case "unlearnable":
                driver.Show(EpisodeEnd.None, 1, learnable: false, actFirst: true);
                Assert.False(learner.CanUpdate);
                break;
            case "gap":
                driver.Show(EpisodeEnd.None, 1, actFirst: true, skip: 1);
                Assert.True(SameTraceAsGradient(learner));
                return;
            case "missed":
                driver.Run(1, update: false);
                Assert.Equal(0, Metric(learner, "stream/missed"));
                break;
            case "broken":
                driver.ShowBroken("next", float.NaN);
                Assert.False(learner.CanUpdate);
                break;
        }

        Assert.Equal(cause != "nothing", NextUpdateStartsTraces(learner, driver));
    }

    [Theory]
    [InlineData("observation", float.NaN)]
    [InlineData("next", float.PositiveInfinity)]
    [InlineData("action", float.NaN)]
    [InlineData("action", 7f)]
    public void Observe_NumberThatIsNone_IsRefusedAndCounted(string what, float value)
    {
        using StreamActorCriticLearner learner = Make(discrete: true, 9);
        using var driver = new LearnerDriver(learner, 9);
        driver.Run(30);
        float[] before = Read(learner, "actor/parameters", learner.Policy.Network.ParameterCount);
        driver.ShowBroken(what, value);
        Assert.Equal(1, learner.Refused);
        Assert.False(learner.CanUpdate);
        Assert.Throws<InvalidOperationException>(learner.Update);
        driver.Show(EpisodeEnd.None, float.NaN, actFirst: true);
        Assert.Equal(2, learner.Refused);
        Assert.Equal(before, Read(learner, "actor/parameters", before.Length));
        driver.Run(200);
        Assert.All(Read(learner, "actor/parameters", before.Length), p => Assert.True(float.IsFinite(p)));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Load_InTheMiddle_ContinuesBitForBit(bool discrete, bool pending)
    {
        using StreamActorCriticLearner original = Make(discrete, 10);
        using var driver = new LearnerDriver(original, 10);
        driver.Run(123);
        if (pending)
        {
            driver.Run(1, update: false);
        }

        var saved = new MemoryState();
        original.Save(saved);
        using StreamActorCriticLearner resumed = Make(discrete, 99);
        resumed.Load(saved);
        using LearnerDriver twin = driver.ContinueWith(resumed);
        if (pending)
        {
            original.Update();
            resumed.Update();
        }

        driver.Run(150);
        twin.Run(150);
        MemoryState a = new(),
            b = new();
        original.Save(a);
        resumed.Save(b);
        Assert.True(a.SameAs(b));
        Assert.False(a.SameAs(saved));
    }

    [Fact]
    public void Constructor_SameSeed_LearnsTheSameWeights()
    {
        float[] Learn(ulong seed)
        {
            using StreamActorCriticLearner learner = Make(discrete: false, seed);
            using var driver = new LearnerDriver(learner, 11);
            driver.Run(200);
            return Read(learner, "actor/parameters", learner.Policy.Network.ParameterCount);
        }

        Assert.Equal(Learn(1), Learn(1));
        Assert.NotEqual(Learn(1), Learn(2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ObserveAndUpdate_AfterWarmUp_AllocateNothing(bool discrete)
    {
        using StreamActorCriticLearner learner = Make(discrete, 12);
        using var driver = new LearnerDriver(learner, 12);
        driver.Run(200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        driver.Run(1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void RevertPolicy_AfterTheNormaliserMoved_ActsAsTheOldPolicyDid()
    {
        using StreamActorCriticLearner learner = Make(discrete: false, 13);
        using var driver = new LearnerDriver(learner, 13);
        driver.Run(150);
        var old = new RobotRl.Algorithms.Policies.PolicyBlock(learner.Policy);
        learner.CopyPolicy(old);
        driver.Run(300);
        learner.RevertPolicy(old);
        var reverted = new RobotRl.Algorithms.Policies.PolicyBlock(learner.Policy);
        learner.CopyPolicy(reverted);
        Assert.Equal(old.NormaliserMean, reverted.NormaliserMean);
        Assert.Equal(old.Parameters, reverted.Parameters);
        float[] raw = [0.3f, -0.4f, 0.9f, 1.2f, -0.7f, 0.1f];
        double[] expected = Policies.ReferencePolicy.Outputs(old, raw),
            actual = Policies.ReferencePolicy.Outputs(reverted, raw);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Update_InLockstep_SeesTheLogProbabilityThatThePolicyActedWith(bool discrete)
    {
        using StreamActorCriticLearner learner = Make(discrete, 14);
        using var driver = new LearnerDriver(learner, 14);
        driver.Run(5);
        for (int i = 0; i < 100; i++)
        {
            driver.Run(1);
            Assert.Equal(driver.LogProbability, Metric(learner, "policy/log_probability"), 2e-4);
        }
    }

    [Fact]
    public void EstimateValues_RawObservations_AreInUnitsOfTheRawReturn()
    {
        using var learner = new StreamActorCriticLearner(1, new DiscreteActionSpace(2), new(), 15);
        var random = new CounterRandom(15, RandomPurpose.Simulation);
        float[] next = [0],
            now = [0];
        for (int t = 0; t < 20_000; t++)
        {
            (now[0], next[0]) = (next[0], random.NextSingle() < 0.5f ? 1 : -1);
            learner.Observe(
                new Transition
                {
                    Observation = now,
                    Proposed = [0],
                    PreSquash = [0],
                    Executed = [0],
                    NextObservation = next,
                    Reward = 20 + (10 * now[0]),
                    End = EpisodeEnd.Terminated,
                    Learnable = true,
                    Sequence = t,
                }
            );
            learner.Update();
        }

        float[] values = new float[2];
        learner.EstimateValues([1, -1], values);
        Assert.InRange(values[0], 24, 36);
        Assert.InRange(values[1], 4, 16);
    }

    private static StreamActorCriticLearner Make(bool discrete, ulong seed) =>
        new(6, discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(2), Small, seed);

    /// <summary>Whether the next update's critic trace is the gradient of that one step alone.</summary>
    private static bool NextUpdateStartsTraces(StreamActorCriticLearner learner, LearnerDriver driver)
    {
        driver.Show(EpisodeEnd.None, 1, actFirst: true);
        return SameTraceAsGradient(learner);
    }

    private static bool SameTraceAsGradient(StreamActorCriticLearner learner)
    {
        var network = new SampleMlp(learner.Policy.Network with { Outputs = 1 });
        float[] critic = Read(learner, "critic/parameters", network.Shape.ParameterCount),
            gradient = new float[critic.Length];
        learner.Update();
        network.Forward(critic, Read(learner, "pending/observation", 6));
        network.Accumulate(critic, [1f], 0, gradient);
        return gradient.AsSpan().SequenceEqual(Read(learner, "critic/trace", critic.Length));
    }

    private static double[] Gaussian(CounterRandom random, int size) =>
        [.. Enumerable.Range(0, size).Select(_ => (double)random.NextGaussian())];

    private static float[] Single(double[] values) => [.. values.Select(v => (float)v)];

    private static double[] Normalised(List<double[]> raw, int index)
    {
        double[][] seen = [.. raw.Take(index + 1)];
        return
        [
            .. raw[index]
                .Select(
                    (x, i) =>
                    {
                        double mean = seen.Average(o => o[i]),
                            variance = seen.Sum(o => Math.Pow(o[i] - mean, 2)) / index;
                        return (x - mean) / Math.Sqrt(variance + 1e-8);
                    }
                ),
        ];
    }
}
