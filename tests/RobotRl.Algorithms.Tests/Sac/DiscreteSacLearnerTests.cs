using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Soft;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Tests.Soft;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Sac;

/// <summary>Discrete SAC: gradients, what it converges to on a known model, and what every learner must hold to.</summary>
public sealed unsafe class DiscreteSacLearnerTests
{
    private const int Observations = 3,
        Choices = 4,
        Capacity = 64;

    [Theory]
    [InlineData(3, 2, 40, 19, 2, SimdWidth.Vector256)]
    [InlineData(17, 6, 33, 64, 2, SimdWidth.Vector256)]
    [InlineData(5, 3, 17, 7, 3, SimdWidth.Vector512)]
    [InlineData(11, 9, 29, 34, 1, SimdWidth.Vector128)]
    [InlineData(4, 2, 8, 5, 2, SimdWidth.Scalar)]
    public void Gradients_AnyShape_EqualAutomaticDifferentiation(
        int observations,
        int choices,
        int batch,
        int width,
        int layers,
        SimdWidth simd
    )
    {
        using DisposeScope scope = NewDisposeScope();
        var options = new SacOptions
        {
            HiddenWidth = width,
            HiddenLayers = layers,
            BatchSize = batch,
            InitialTemperature = 0.3,
            RewardScale = 2,
            ReplayCapacity = 10,
            LearningStarts = 1,
        };
        using var learner = new DiscreteSacLearner(options, observations, new DiscreteActionSpace(choices), 21, simd);
        float[] states = Gradients.Draw(1, batch * observations),
            next = Gradients.Draw(2, batch * observations),
            returns = Gradients.Draw(4, batch);
        float[] acted = [.. Enumerable.Range(0, batch).Select(i => (float)(i % choices))],
            bootstraps = [.. Enumerable.Range(0, batch).Select(i => i == 1 ? 0f : 0.9f)];
        MlpShape shape = learner.PolicyNetworks.Layout.Shape;
        using Tensor phi = FlatMlp.Leaf(learner.PolicyNetworks.Flat(learner.PolicyNetworks.Parameters));
        using Tensor theta = FlatMlp.Leaf(learner.CriticNetworks.Flat(learner.CriticNetworks.Parameters));
        Tensor s = Gradients.Rows(states, observations),
            t = Gradients.Rows(next, observations),
            chosen = tensor(acted).to(ScalarType.Int64).view(batch, 1);

        Tensor logPi = FlatMlp.Forward(phi, shape, 0, s).log_softmax(1),
            nextLogPi = FlatMlp.Forward(phi, shape, 0, t).log_softmax(1);
        Tensor soft = (nextLogPi.exp() * (Lower(t) - nextLogPi.Times(0.3))).sum(1, keepdim: true);
        Tensor backup = Gradients.Rows(returns, 1).Times(2).Plus(Gradients.Rows(bootstraps, 1) * soft).detach();
        Tensor lossQ = (FlatMlp.Forward(theta, shape, 0, s).gather(1, chosen) - backup)
            .Squared()
            .mean()
            .Plus((FlatMlp.Forward(theta, shape, 1, s).gather(1, chosen) - backup).Squared().mean())
            .Times(0.5);
        Tensor lossPi = (logPi.exp() * (logPi.Times(0.3) - Lower(s))).sum(1).mean();
        double entropy = -(logPi.exp() * logPi).sum(1).mean().Number();

        learner.PlaceMinibatch(states, returns, bootstraps, next);
        learner.EvaluatePolicy();
        learner.EvaluateCriticLoss(acted);
        learner.ComputeCriticGradient(acted);
        learner.EvaluatePolicyLoss();
        learner.ComputePolicyGradient();
        learner.ComputeTemperatureGradient();

        Assert.Equal(lossQ.Number(), learner.CriticLoss, 1e-5 * (1 + lossQ.Number()));
        Assert.Equal(lossPi.Number(), learner.PolicyLoss, 1e-5 * (1 + Math.Abs(lossPi.Number())));
        Assert.Equal(entropy - (0.98 * Math.Log(choices)), learner.TemperatureGradient, 1e-5);
        Gradients.Near(FlatMlp.Gradient(lossQ, theta), learner.CriticNetworks.Flat(learner.CriticNetworks.Gradients));
        Gradients.Near(FlatMlp.Gradient(lossPi, phi), learner.PolicyNetworks.Flat(learner.PolicyNetworks.Gradients));

        Tensor Lower(Tensor inputs) => minimum(FlatMlp.Forward(theta, shape, 0, inputs), FlatMlp.Forward(theta, shape, 1, inputs));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Update_KnownModel_ComesToTheOptimalSoftPolicy(int seed)
    {
        // One-hot states of a random model, every transition of it in replay as often as it happens; alpha fixed.
        const double alpha = 0.5;
        CounterRandom random = RandomMdp.Random(seed);
        FiniteMdp mdp = RandomMdp.Model(random, 5, Choices, 0.8);
        double[] q = new double[mdp.Pairs];
        new SoftValueIteration(mdp, alpha).Solve(q, 1e-9);
        using var learner = new DiscreteSacLearner(
            new()
            {
                HiddenWidth = 32,
                BatchSize = 128,
                Discount = 0.8,
                InitialTemperature = alpha,
                LearnTemperature = false,
                ReplayCapacity = 8000,
                LearningStarts = 8000,
                ActorLearningRate = 1e-3,
                CriticLearningRate = 1e-3,
                TargetRate = 0.02,
            },
            mdp.States,
            new DiscreteActionSpace(Choices),
            1
        );
        for (int i = 0; i < 8000; i++)
        {
            int pair = i % mdp.Pairs,
                state = pair / Choices,
                action = pair % Choices,
                to = 0;
            for (double left = random.NextDouble(0, 1) - mdp.Next(state, action)[0]; left >= 0 && to < mdp.States - 1; )
            {
                left -= mdp.Next(state, action)[++to];
            }

            learner.Observe(
                new()
                {
                    Observation = OneHot(state),
                    Executed = [action],
                    NextObservation = OneHot(to),
                    Reward = (float)mdp.Rewards[pair],
                    Learnable = true,
                    Sequence = i,
                }
            );
        }

        for (int i = 0; i < 6000; i++)
        {
            learner.Update();
        }

        var block = new PolicyBlock(learner.Policy);
        learner.CopyPolicy(block);
        double[] weights = [.. block.Parameters.Select(p => (double)p)];
        for (int state = 0; state < mdp.States; state++)
        {
            double[] logits = ReferenceMlpOutput(learner.Policy.Network, weights, state),
                optimal = [.. q.Skip(state * Choices).Take(Choices).Select(v => Math.Exp(v / alpha))];
            double sum = logits.Sum(Math.Exp),
                optimalSum = optimal.Sum();
            for (int a = 0; a < Choices; a++)
            {
                Assert.Equal(optimal[a] / optimalSum, Math.Exp(logits[a]) / sum, 0.06);
            }
        }

        float[] OneHot(int state) => [.. Enumerable.Range(0, mdp.States).Select(i => i == state ? 1f : 0f)];

        double[] ReferenceMlpOutput(MlpShape shape, double[] parameters, int state) =>
            Networks.ReferenceMlp.Forward(shape, parameters, [.. OneHot(state).Select(v => (double)v)]);
    }

    [Theory]
    [InlineData(1, false, SimdWidth.Vector256)]
    [InlineData(3, true, SimdWidth.Vector128)]
    public void Load_HalfWayAndReplayRestored_ContinuesBitForBit(int steps, bool normalise, SimdWidth width)
    {
        using DiscreteSacLearner whole = Create(1),
            first = Create(1),
            resumed = Create(9),
            otherSeed = Create(2);
        Run(whole, 0, 150);
        Run(otherSeed, 0, 150);
        Run(first, 0, 90);
        MemoryState state = OffPolicyCases.Saved(first);
        resumed.Load(state);
        for (long i = 90 - resumed.RestoreLength; i < 90; i++)
        {
            Show(i, (in Transition t) => resumed.Restore(t));
        }

        Assert.True(state.SameAs(OffPolicyCases.Saved(resumed)));
        Run(resumed, 90, 150);
        Assert.True(OffPolicyCases.Saved(whole).SameAs(OffPolicyCases.Saved(resumed)));
        Assert.False(OffPolicyCases.Saved(whole).SameAs(OffPolicyCases.Saved(otherSeed)));

        DiscreteSacLearner Create(ulong seed) =>
            new(
                Small() with
                {
                    StepsPerReturn = steps,
                    NormaliseObservations = normalise,
                },
                Observations,
                new DiscreteActionSpace(Choices),
                seed,
                width
            );
    }

    [Fact]
    public void Update_RewardOneForEver_BootstrapsUnlessTerminated()
    {
        // With gamma = 1/2 and next = same state: Q = 1 where terminated, else 1 / (1 - gamma) = 2.
        foreach (
            (EpisodeEnd end, double value, double scale) in (ReadOnlySpan<(EpisodeEnd, double, double)>)
                [(EpisodeEnd.Terminated, 1, 1), (EpisodeEnd.Truncated, 2, 1), (EpisodeEnd.Takeover, 2, 3)]
        )
        {
            using var learner = new DiscreteSacLearner(
                Small() with
                {
                    Discount = 0.5,
                    RewardScale = scale,
                    ActorLearningRate = 3e-3,
                    CriticLearningRate = 3e-3,
                    LearnTemperature = false,
                    InitialTemperature = 1e-6,
                    TargetRate = 0.05,
                },
                Observations,
                new DiscreteActionSpace(Choices),
                3
            );
            for (int i = 0; i < 20; i++)
            {
                learner.Observe(
                    new()
                    {
                        Observation = [0.1f, 0.2f, 0.3f],
                        Executed = [i % Choices],
                        NextObservation = [0.1f, 0.2f, 0.3f],
                        Reward = 1,
                        End = end,
                        Learnable = true,
                        Sequence = i,
                    }
                );
            }

            for (int i = 0; i < 1000; i++)
            {
                learner.Update();
            }

            float[] values = new float[1];
            learner.EstimateValues([0.1f, 0.2f, 0.3f], values);
            Assert.Equal(value, values[0], 0.15);
        }
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(4f)]
    [InlineData(0.5f)]
    public void Observe_NoIndexOfAChoice_Throws(float executed)
    {
        using var learner = new DiscreteSacLearner(Small(), Observations, new DiscreteActionSpace(Choices), 1);
        string message = Assert
            .Throws<ArgumentException>(() =>
                learner.Observe(
                    new()
                    {
                        Observation = [0, 0, 0],
                        Executed = [executed],
                        NextObservation = [0, 0, 0],
                        Learnable = true,
                    }
                )
            )
            .Message;
        Assert.Contains("allowed: a choice from 0 to 3", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Observe_NonFiniteNumber_IsCountedAndNeverLearnedFrom()
    {
        using var learner = new DiscreteSacLearner(Small(), Observations, new DiscreteActionSpace(Choices), 1);
        Run(learner, 0, 60);
        for (int i = 0; i < 30; i++)
        {
            learner.Observe(
                new()
                {
                    Observation = [i % 3 == 0 ? float.PositiveInfinity : 0, 0, 0],
                    Executed = [i % 3 == 1 ? float.NaN : 0],
                    NextObservation = [0, 0, 0],
                    Reward = i % 3 == 2 ? float.NaN : 0,
                    Learnable = true,
                    Sequence = 60 + i,
                }
            );
        }

        Assert.Equal(30, learner.Metrics.ToArray().Single(m => m.Name == "replay/refused").Value);
        learner.Update();
        Assert.All(learner.Metrics.ToArray(), m => Assert.True(double.IsFinite(m.Value), m.Name));
    }

    [Fact]
    public void UpdateAndCopyPolicy_ManyTimes_AllocateNothing()
    {
        using var learner = new DiscreteSacLearner(Small(), Observations, new DiscreteActionSpace(Choices), 1);
        Run(learner, 0, 64);
        var block = new PolicyBlock(learner.Policy);
        Work();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Work()
        {
            for (int i = 0; i < 100; i++)
            {
                learner.Update();
                learner.CopyPolicy(block);
                _ = learner.Metrics.Length;
            }
        }
    }

    private static SacOptions Small() =>
        new()
        {
            HiddenWidth = 16,
            BatchSize = 8,
            LearningStarts = 20,
            ReplayCapacity = Capacity,
            ActorLearningRate = 1e-3,
            CriticLearningRate = 1e-3,
        };

    private static void Run(ILearner learner, long from, long to)
    {
        for (long i = from; i < to; i++)
        {
            Show(i, (in Transition t) => learner.Observe(t));
            if (learner.CanUpdate)
            {
                learner.Update();
            }
        }
    }

    private static void Show(long index, OffPolicyCases.Shown shown) => OffPolicyCases.Show(index, (in Transition t) => shown(
                new()
                {
                    Observation = t.Observation,
                    Proposed = [index % Choices],
                    Executed = [index % Choices],
                    NextObservation = t.NextObservation,
                    Reward = t.Reward,
                    End = t.End,
                    Learnable = t.Learnable,
                    Sequence = t.Sequence,
                }
            ));
}
