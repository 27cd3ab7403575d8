using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Tests.OffPolicy;
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
    public void Gradients_AnyShape_EqualAutomaticDifferentiation(int observations, int actions, int batch, int width, int layers, SimdWidth simd)
    {
        var options = new SacVOptions
        {
            HiddenWidth = width, HiddenLayers = layers, BatchSize = batch, Temperature = 0.3, RewardScale = 2, ReplayCapacity = 10, LearningStarts = 1,
        };
        using var learner = new SacVLearner(options, observations, actions, 21, simd);
        float[] states = Gradients.Draw(1, batch * observations), next = Gradients.Draw(2, batch * observations), acted = Gradients.Draw(3, batch * actions);
        float[] returns = Gradients.Draw(4, batch), noise = Gradients.Draw(5, batch * actions), bootstraps = [.. Enumerable.Range(0, batch).Select(i => i == 1 ? 0f : 0.9f)];
        MlpShape policyShape = learner.PolicyNetworks.Layout.Shape, criticShape = learner.CriticNetworks.Layout.Shape, valueShape = learner.ValueNetworks.Layout.Shape;
        using Tensor phi = Leaf(learner.PolicyNetworks), theta = Leaf(learner.CriticNetworks), psi = Leaf(learner.ValueNetworks);
        Tensor s = Gradients.Rows(states, observations), eps = Gradients.Rows(noise, actions);

        Tensor head = FlatMlp.Forward(phi, policyShape, 0, s), std = head.narrow(1, actions, actions).clamp(-20, 2).exp();
        Tensor a = (head.narrow(1, 0, actions) + (std * eps)).tanh();
        Tensor logPi = (-0.5 * eps.square() - std.log() - (0.5 * Math.Log(2 * Math.PI)) - (1 - a.square()).log()).sum(1, keepdim: true);
        Tensor proposed = Lower(cat([s, a], 1)), value = FlatMlp.Forward(psi, valueShape, 0, s);
        Tensor lossV = 0.5 * (value - (proposed - (0.3 * logPi)).detach()).square().mean();
        Tensor lossPi = ((0.3 * logPi) - proposed).mean();
        Tensor backup = ((2 * Gradients.Rows(returns, 1)) + (Gradients.Rows(bootstraps, 1) * FlatMlp.Forward(psi, valueShape, 0, Gradients.Rows(next, observations)))).detach();
        Tensor both = cat([s, Gradients.Rows(acted, actions)], 1);
        Tensor lossQ = 0.5 * ((FlatMlp.Forward(theta, criticShape, 0, both) - backup).square().mean() + (FlatMlp.Forward(theta, criticShape, 1, both) - backup).square().mean());

        noise.CopyTo(learner.Noise);
        learner.PlaceMinibatch(states, acted, returns, bootstraps, next);
        learner.EvaluatePolicy();
        learner.EvaluateValueLoss();
        learner.ComputeValueGradient();
        learner.EvaluateCriticLoss();
        learner.ComputeCriticGradient();
        learner.ComputePolicyGradient();

        Assert.Equal(lossV.ToDouble(), learner.ValueLoss, 1e-5 * (1 + lossV.ToDouble()));
        Assert.Equal(lossQ.ToDouble(), learner.CriticLoss, 1e-5 * (1 + lossQ.ToDouble()));
        Assert.Equal(lossPi.ToDouble(), learner.PolicyLoss, 1e-5 * (1 + Math.Abs(lossPi.ToDouble())));
        Gradients.Near(FlatMlp.Gradient(lossV, psi), learner.ValueNetworks.Flat(learner.ValueNetworks.Gradients));
        Gradients.Near(FlatMlp.Gradient(lossQ, theta), learner.CriticNetworks.Flat(learner.CriticNetworks.Gradients));
        Gradients.Near(FlatMlp.Gradient(lossPi, phi), learner.PolicyNetworks.Flat(learner.PolicyNetworks.Gradients));

        Tensor Lower(Tensor inputs) => minimum(FlatMlp.Forward(theta, criticShape, 0, inputs), FlatMlp.Forward(theta, criticShape, 1, inputs));

        static Tensor Leaf(ManagedNetworks networks) => FlatMlp.Leaf(networks.Flat(networks.Parameters));
    }
}
