using RobotRl.Algorithms.Deterministic;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Deterministic;

/// <summary>Gradients of the losses of DDPG and DPG against automatic differentiation of their formulas in float64.</summary>
public sealed unsafe class DeterministicGradientTests
{
    [Theory]
    [InlineData(3, 2, 40, 19, 2, SimdWidth.Vector256)]
    [InlineData(17, 6, 33, 64, 2, SimdWidth.Vector256)]
    [InlineData(5, 1, 17, 7, 3, SimdWidth.Vector512)]
    [InlineData(4, 2, 8, 5, 1, SimdWidth.Scalar)]
    public void Ddpg_AnyShape_EqualsAutomaticDifferentiation(
        int observations,
        int actions,
        int batch,
        int width,
        int layers,
        SimdWidth simd
    )
    {
        using DisposeScope scope = NewDisposeScope();
        var options = new DdpgOptions
        {
            HiddenWidth = width,
            HiddenLayers = layers,
            BatchSize = batch,
            RewardScale = 2,
            ReplayCapacity = 10,
            LearningStarts = 1,
        };
        using var learner = new DdpgLearner(options, observations, actions, 21, simd);

        // Targets that differ from the networks.
        Disturb(learner.PolicyNetworks);
        Disturb(learner.CriticNetworks);
        var work = new Work(observations, actions, batch);
        Tensor policy = Leaf(learner.PolicyNetworks, learner.PolicyNetworks.Parameters),
            critic = Leaf(learner.CriticNetworks, learner.CriticNetworks.Parameters);
        Tensor targetPolicy = Leaf(learner.PolicyNetworks, learner.PolicyNetworks.Targets),
            targetCritic = Leaf(learner.CriticNetworks, learner.CriticNetworks.Targets);
        (Tensor lossQ, Tensor lossPi) = work.Losses(
            learner.PolicyNetworks.Layout.Shape,
            learner.CriticNetworks.Layout.Shape,
            policy,
            critic,
            targetPolicy,
            targetCritic,
            1
        );

        learner.PlaceMinibatch(work.States, work.Acted, work.Returns, work.Bootstraps, work.Next);
        learner.EvaluateCriticLoss();
        learner.ComputeCriticGradient();
        learner.EvaluatePolicyLoss();
        learner.ComputePolicyGradient();
        Check(lossQ, lossPi, policy, critic, learner.CriticLoss, learner.PolicyLoss, learner.PolicyNetworks, learner.CriticNetworks);
    }

    [Theory]
    [InlineData(3, 2, 40, 19, 2, SimdWidth.Vector256)]
    [InlineData(17, 6, 33, 64, 2, SimdWidth.Vector512)]
    [InlineData(4, 2, 8, 5, 1, SimdWidth.Vector128)]
    public void Dpg_AnyShape_EqualsAutomaticDifferentiation(int observations, int actions, int batch, int width, int layers, SimdWidth simd)
    {
        using DisposeScope scope = NewDisposeScope();
        var options = new DpgOptions
        {
            HiddenWidth = width,
            HiddenLayers = layers,
            BatchSize = batch,
            RewardScale = 2,
            ReplayCapacity = 10,
            LearningStarts = 1,
        };
        using var learner = new DpgLearner(options, observations, actions, 21, simd);
        var work = new Work(observations, actions, batch);
        Tensor policy = Leaf(learner.PolicyNetworks, learner.PolicyNetworks.Parameters),
            critic = Leaf(learner.CriticNetworks, learner.CriticNetworks.Parameters);
        (Tensor lossQ, Tensor lossPi) = work.Losses(
            learner.PolicyNetworks.Layout.Shape,
            learner.CriticNetworks.Layout.Shape,
            policy,
            critic,
            policy,
            critic,
            0.5
        );

        learner.PlaceMinibatch(work.States, work.Acted, work.Returns, work.Bootstraps, work.Next);
        learner.EvaluateCriticLoss();
        learner.ComputeCriticGradient();
        learner.EvaluatePolicyLoss();
        learner.ComputePolicyGradient();
        Check(lossQ, lossPi, policy, critic, learner.CriticLoss, learner.PolicyLoss, learner.PolicyNetworks, learner.CriticNetworks);
    }

    private static void Check(
        Tensor lossQ,
        Tensor lossPi,
        Tensor policy,
        Tensor critic,
        double criticLoss,
        double policyLoss,
        ManagedNetworks policyNetworks,
        ManagedNetworks criticNetworks
    )
    {
        Assert.Equal(lossQ.Number(), criticLoss, 1e-5 * (1 + lossQ.Number()));
        Assert.Equal(lossPi.Number(), policyLoss, 1e-5 * (1 + Math.Abs(lossPi.Number())));
        Gradients.Near(FlatMlp.Gradient(lossQ, critic), criticNetworks.Flat(criticNetworks.Gradients));
        Gradients.Near(FlatMlp.Gradient(lossPi, policy), policyNetworks.Flat(policyNetworks.Gradients));
    }

    private static Tensor Leaf(ManagedNetworks networks, float* block) => FlatMlp.Leaf(networks.Flat(block));

    private static void Disturb(ManagedNetworks networks)
    {
        for (long i = 0; i < networks.Length; i++)
        {
            networks.Targets[i] *= 0.9f;
        }
    }

    private sealed class Work(int observations, int actions, int batch)
    {
        public float[] States { get; } = Gradients.Draw(1, batch * observations);

        public float[] Next { get; } = Gradients.Draw(2, batch * observations);

        public float[] Acted { get; } = Gradients.Draw(3, batch * actions);

        public float[] Returns { get; } = Gradients.Draw(4, batch);

        public float[] Bootstraps { get; } = [.. Enumerable.Range(0, batch).Select(i => i == 1 ? 0f : 0.9f)];

        /// <summary>factor E[(Q(s, a) - y)^2] and -E[Q(s, mu(s))].</summary>
        public (Tensor Critic, Tensor Policy) Losses(
            MlpShape policyShape,
            MlpShape criticShape,
            Tensor policy,
            Tensor critic,
            Tensor targetPolicy,
            Tensor targetCritic,
            double factor
        )
        {
            Tensor s = Gradients.Rows(States, observations),
                next = Gradients.Rows(Next, observations);
            Tensor nextValue = FlatMlp.Forward(
                targetCritic,
                criticShape,
                0,
                cat([next, FlatMlp.Forward(targetPolicy, policyShape, 0, next).tanh()], 1)
            );
            Tensor backup = Gradients.Rows(Returns, 1).Times(2).Plus(Gradients.Rows(Bootstraps, 1) * nextValue).detach();
            Tensor lossQ = (FlatMlp.Forward(critic, criticShape, 0, cat([s, Gradients.Rows(Acted, actions)], 1)) - backup)
                .Squared()
                .mean()
                .Times(factor);
            Tensor lossPi = -FlatMlp.Forward(critic, criticShape, 0, cat([s, FlatMlp.Forward(policy, policyShape, 0, s).tanh()], 1)).mean();
            return (lossQ, lossPi);
        }
    }
}
