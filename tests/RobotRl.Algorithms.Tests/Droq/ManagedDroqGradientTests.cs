using RobotRl.Algorithms.Droq;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Tests.OffPolicy;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Droq;

/// <summary>Managed gradients of every DroQ loss against TorchSharp's automatic differentiation in float64.</summary>
public sealed unsafe class ManagedDroqGradientTests
{
    [Theory]
    [InlineData(3, 2, 40, 19, 2, SimdWidth.Vector256)]
    [InlineData(17, 6, 33, 64, 2, SimdWidth.Vector256)]
    [InlineData(5, 1, 17, 7, 3, SimdWidth.Vector512)]
    [InlineData(4, 2, 8, 5, 1, SimdWidth.Vector128)]
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
        var options = new DroqOptions
        {
            HiddenWidth = width,
            HiddenLayers = layers,
            BatchSize = batch,
            ReplayCapacity = 10,
            LearningStarts = 1,
            DropoutRate = 0.1,
            InitialTemperature = 0.3,
        };
        using var reference = new TorchDroqLearner(options, observations, actions, 21, CPU, ScalarType.Float64);
        using var managed = new ManagedDroqLearner(options, observations, actions, 21, simd);
        Gradients.Disturb(managed, reference);
        float[] states = Gradients.Draw(1, batch * observations),
            next = Gradients.Draw(2, batch * observations),
            acted = Gradients.Draw(3, batch * actions);
        float[] returns = Gradients.Draw(4, batch),
            noise = Gradients.Draw(5, batch * actions),
            nextNoise = Gradients.Draw(6, batch * actions),
            bootstraps = [.. Enumerable.Range(0, batch).Select(i => i == 1 ? 0f : 0.9f)];
        CounterRandom random = new(4, 4),
            same = new(4, 4);
        reference.CriticNetworks.Gradient(
            reference.CriticLoss(
                Gradients.Rows(states, observations),
                Gradients.Rows(acted, actions),
                Gradients.Rows(returns, 1),
                Gradients.Rows(bootstraps, 1),
                Gradients.Rows(next, observations),
                Gradients.Rows(nextNoise, actions),
                random
            )
        );
        reference.PolicyNetworks.Gradient(
            reference.PolicyLoss(Gradients.Rows(states, observations), Gradients.Rows(noise, actions), reference.Masks(random))
        );

        noise.CopyTo(managed.Noise);
        nextNoise.CopyTo(managed.NextNoise);
        managed.DrawDropout(same);
        managed.PlaceMinibatch(states, acted, returns, bootstraps, next);
        managed.EvaluateCriticLoss();
        managed.ComputeCriticGradient();
        managed.EvaluatePolicyLoss();
        managed.ComputePolicyGradient();
        managed.ComputeTemperatureGradient();
        Gradients.Near(reference.CriticNetworks.Gradients, managed.CriticNetworks.Flat(managed.CriticNetworks.Gradients));
        Assert.Equal(reference.TemperatureGradient, managed.TemperatureGradient, 1e-5 * Math.Abs(reference.TemperatureGradient));
        Gradients.Near(reference.PolicyNetworks.Gradients, managed.PolicyNetworks.Flat(managed.PolicyNetworks.Gradients));
    }
}
