using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Sac;

/// <summary>Gradients of J_V, J_Q and J_pi against automatic differentiation of their formulas in float64.</summary>
public sealed unsafe class SacVGradientTests
{
    [Theory]
    [InlineData(3, 2, 40, 19, 2, SimdWidth.Vector256)]
    [InlineData(17, 6, 33, 64, 2, SimdWidth.Vector256)]
    [InlineData(5, 1, 17, 7, 3, SimdWidth.Vector512)]
    [InlineData(11, 3, 29, 34, 1, SimdWidth.Vector128)]
    [InlineData(4, 2, 8, 5, 2, SimdWidth.Scalar)]
    public void Gradients_AnyShape_EqualAutomaticDifferentiation(
        int observations,
        int actions,
        int batch,
        int width,
        int layers,
        SimdWidth simd
    )
    {
        using DisposeScope scope = NewDisposeScope();
        var options = new SacVOptions
        {
            HiddenWidth = width,
            HiddenLayers = layers,
            BatchSize = batch,
            Temperature = 0.3,
            RewardScale = 2,
            ReplayCapacity = 10,
            LearningStarts = 1,
        };
        using var learner = new SacVLearner(options, observations, actions, 21, simd);
        float[] states = Gradients.Draw(1, batch * observations),
            next = Gradients.Draw(2, batch * observations),
            acted = Gradients.Draw(3, batch * actions);
        float[] returns = Gradients.Draw(4, batch),
            noise = Gradients.Draw(5, batch * actions),
            bootstraps = [.. Enumerable.Range(0, batch).Select(i => i == 1 ? 0f : 0.9f)];
        MlpShape policyShape = learner.PolicyNetworks.Layout.Shape,
            criticShape = learner.CriticNetworks.Layout.Shape,
            valueShape = learner.ValueNetworks.Layout.Shape;
        using Tensor phi = Leaf(learner.PolicyNetworks),
            theta = Leaf(learner.CriticNetworks),
            psi = Leaf(learner.ValueNetworks);
        Tensor s = Gradients.Rows(states, observations),
            eps = Gradients.Rows(noise, actions);

        Tensor head = FlatMlp.Forward(phi, policyShape, 0, s),
            std = head.narrow(1, actions, actions).Clamped(-20, 2).exp();
        Tensor a = head.narrow(1, 0, actions).Plus(std * eps).tanh();
        Tensor logPi = ((eps.Squared().Times(-0.5) - std.log()).Minus(0.5 * Math.Log(2 * Math.PI)) - (-a.Squared()).Plus(1).log()).sum(
            1,
            keepdim: true
        );
        Tensor proposed = Lower(cat([s, a], 1)),
            value = FlatMlp.Forward(psi, valueShape, 0, s);
        Tensor lossV = (value - (proposed - logPi.Times(0.3)).detach()).Squared().mean().Times(0.5);
        Tensor lossPi = (logPi.Times(0.3) - proposed).mean();
        Tensor backup = Gradients
            .Rows(returns, 1)
            .Times(2)
            .Plus(Gradients.Rows(bootstraps, 1) * FlatMlp.Forward(psi, valueShape, 0, Gradients.Rows(next, observations)))
            .detach();
        Tensor both = cat([s, Gradients.Rows(acted, actions)], 1);
        Tensor lossQ = (FlatMlp.Forward(theta, criticShape, 0, both) - backup)
            .Squared()
            .mean()
            .Plus((FlatMlp.Forward(theta, criticShape, 1, both) - backup).Squared().mean())
            .Times(0.5);

        noise.CopyTo(learner.Noise);
        learner.PlaceMinibatch(states, acted, returns, bootstraps, next);
        learner.EvaluatePolicy();
        learner.EvaluateValueLoss();
        learner.ComputeValueGradient();
        learner.EvaluateCriticLoss();
        learner.ComputeCriticGradient();
        learner.ComputePolicyGradient();

        Assert.Equal(lossV.Number(), learner.ValueLoss, 1e-5 * (1 + lossV.Number()));
        Assert.Equal(lossQ.Number(), learner.CriticLoss, 1e-5 * (1 + lossQ.Number()));
        Assert.Equal(lossPi.Number(), learner.PolicyLoss, 1e-5 * (1 + Math.Abs(lossPi.Number())));
        Gradients.Near(FlatMlp.Gradient(lossV, psi), learner.ValueNetworks.Flat(learner.ValueNetworks.Gradients));
        Gradients.Near(FlatMlp.Gradient(lossQ, theta), learner.CriticNetworks.Flat(learner.CriticNetworks.Gradients));
        Gradients.Near(FlatMlp.Gradient(lossPi, phi), learner.PolicyNetworks.Flat(learner.PolicyNetworks.Gradients));

        Tensor Lower(Tensor inputs) =>
            minimum(FlatMlp.Forward(theta, criticShape, 0, inputs), FlatMlp.Forward(theta, criticShape, 1, inputs));

        static Tensor Leaf(ManagedNetworks networks) => FlatMlp.Leaf(networks.Flat(networks.Parameters));
    }
}
