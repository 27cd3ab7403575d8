using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Sac;

/// <summary>
/// Managed gradients of every SAC loss against TorchSharp in float64, which <see cref="TorchSacGradientTests"/> hold to automatic
/// differentiation.
/// </summary>
public sealed unsafe class ManagedSacGradientTests
{
    [Theory]
    [InlineData(3, 2, 40, 19, 2, SimdWidth.Vector256, false)]
    [InlineData(3, 2, 40, 19, 2, SimdWidth.Vector256, true)]
    [InlineData(17, 6, 33, 64, 2, SimdWidth.Vector256, false)]
    [InlineData(17, 6, 33, 64, 2, SimdWidth.Vector256, true)]
    [InlineData(5, 1, 17, 7, 3, SimdWidth.Vector512, false)]
    [InlineData(5, 1, 17, 7, 3, SimdWidth.Vector512, true)]
    [InlineData(11, 3, 29, 34, 1, SimdWidth.Vector128, false)]
    [InlineData(11, 3, 29, 34, 1, SimdWidth.Vector128, true)]
    [InlineData(4, 2, 8, 5, 2, SimdWidth.Scalar, false)]
    public void Gradients_AnyShape_EqualTorchSharpInFloat64(
        int observations,
        int actions,
        int batch,
        int width,
        int layers,
        SimdWidth simd,
        bool stateDependent
    )
    {
        using DisposeScope scope = NewDisposeScope();
        var options = new SacOptions
        {
            HiddenWidth = width,
            HiddenLayers = layers,
            BatchSize = batch,
            InitialTemperature = 0.3,
            ReplayCapacity = 10,
            LearningStarts = 1,
            StateDependentExploration = stateDependent,
            SdeLogStd = -1,
        };
        using var reference = new TorchSacLearner(options, observations, actions, 21, CPU, ScalarType.Float64);
        using var managed = new ManagedSacLearner(options, observations, actions, 21, simd);
        Gradients.Disturb(managed, reference);

        float[] states = Gradients.Draw(1, batch * observations),
            next = Gradients.Draw(2, batch * observations),
            acted = Gradients.Draw(3, batch * actions),
            returns = Gradients.Draw(4, batch);
        float[] bootstraps = [.. Enumerable.Range(0, batch).Select(i => i == 1 ? 0f : 0.9f)],
            noise = Gradients.Draw(5, 2 * batch * actions);
        reference.CopyMinibatch(
            tensor(states).view(batch, observations),
            tensor(acted).view(batch, actions),
            tensor(returns).view(batch, 1),
            tensor(bootstraps).view(batch, 1),
            tensor(next).view(batch, observations),
            tensor(noise).view(2 * batch, actions)
        );
        noise.CopyTo(managed.Noise);
        managed.PlaceMinibatch(states, acted, returns, bootstraps, next);

        reference.EvaluatePolicy();
        reference.EvaluateCriticLoss();
        reference.ComputeCriticGradient();
        reference.EvaluatePolicyLoss();
        reference.ComputePolicyGradient();
        reference.ComputeTemperatureGradient();
        managed.EvaluatePolicy();
        managed.EvaluateCriticLoss();
        managed.ComputeCriticGradient();
        managed.EvaluatePolicyLoss();
        managed.ComputePolicyGradient();
        managed.ComputeTemperatureGradient();

        Assert.Equal(reference.CriticLoss, managed.CriticLoss, 1e-5 * Math.Abs(reference.CriticLoss));
        Assert.Equal(reference.PolicyLoss, managed.PolicyLoss, 1e-5 * (1 + Math.Abs(reference.PolicyLoss)));
        Gradients.Near(reference.CriticGradients, managed.CriticNetworks.Flat(managed.CriticNetworks.Gradients));
        Gradients.Near(reference.PolicyGradients, managed.PolicyNetworks.Flat(managed.PolicyNetworks.Gradients));
        Assert.Equal(
            reference.TemperatureGradient.Number(),
            managed.TemperatureGradient,
            1e-5 * Math.Abs(reference.TemperatureGradient.Number())
        );
    }
}
