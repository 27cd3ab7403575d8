using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Sac;

/// <summary>
/// The written-out gradients in float64 against central differences and against automatic differentiation of the paper's losses.
/// </summary>
public sealed class TorchSacGradientTests : IDisposable
{
    private const int Observations = 3,
        Actions = 2,
        Batch = 40,
        Width = 19;
    private const double Temperature = 0.3,
        TargetEntropy = -1.5,
        Difference = 1e-6;

    private static SacOptions Options =>
        new()
        {
            HiddenWidth = Width,
            BatchSize = Batch,
            InitialTemperature = Temperature,
            TargetEntropy = TargetEntropy,
            ReplayCapacity = 10,
            LearningStarts = 1,
        };

    private readonly TorchSacLearner _learner;
    private readonly Tensor _observations,
        _actions,
        _returns,
        _bootstraps,
        _next,
        _noise;

    public TorchSacGradientTests()
    {
        _learner = new(Options, Observations, Actions, 21, CPU, ScalarType.Float64);
        _observations = Draw(1, Batch, Observations);
        using Tensor actions = Draw(2, Batch, Actions);
        _actions = actions.tanh();
        _returns = Draw(3, Batch, 1);
        using Tensor bootstraps = tensor(Enumerable.Range(0, Batch).Select(i => i == 1 ? 0 : 0.9).ToArray());
        _bootstraps = bootstraps.view(Batch, 1);
        _next = Draw(4, Batch, Observations);
        _noise = Draw(5, 2 * Batch, Actions);
        _learner.CopyMinibatch(_observations, _actions, _returns, _bootstraps, _next, _noise);

        // Targets that differ from the critics, and one sample whose log sigma is clamped.
        using Tensor drawn = Draw(6, (int)_learner.TargetParameters.numel(), 1),
            column = drawn.Times(0.1),
            shift = column.view(-1),
            shifted = _learner.TargetParameters.Plus(shift);
        _learner.TargetParameters.copy_(shifted);
        _learner.EvaluatePolicy();
    }

    [Fact]
    public void ComputeCriticGradient_Float64_EqualsCentralDifferences()
    {
        _learner.EvaluateCriticLoss();
        _learner.ComputeCriticGradient();
        Check(_learner.CriticParameters, _learner.CriticGradients, () =>
        {
            _learner.EvaluateCriticLoss();
            return _learner.CriticLoss;
        });
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(9.0)] // the bias of the first log sigma: beyond the clamp
    public void ComputePolicyGradient_Float64_EqualsCentralDifferences(double bias)
    {
        using (Tensor logStd = _learner.PolicyParameters.narrow(0, _learner.Policy.Network.BiasOffset(2) + Actions, 1))
        {
            logStd.SetTo(logStd.Number() + bias);
        }

        _learner.EvaluatePolicy();
        _learner.EvaluatePolicyLoss();
        _learner.ComputePolicyGradient();
        Check(_learner.PolicyParameters, _learner.PolicyGradients, () =>
        {
            _learner.EvaluatePolicy();
            _learner.EvaluatePolicyLoss();
            return _learner.PolicyLoss;
        });
    }

    [Fact]
    public void ComputeTemperatureGradient_Float64_EqualsCentralDifferences()
    {
        _learner.ComputeTemperatureGradient();
        Check(_learner.LogTemperature, _learner.TemperatureGradient, () =>
        {
            _learner.EvaluatePolicy();
            return _learner.TemperatureLoss;
        });
    }

    [Fact]
    public void ComputeGradients_Float64_EqualAutomaticDifferentiation()
    {
        _learner.EvaluateCriticLoss();
        _learner.ComputeCriticGradient();
        _learner.EvaluatePolicyLoss();
        _learner.ComputePolicyGradient();

        using DisposeScope scope = NewDisposeScope();
        Tensor policy = Leaf(_learner.PolicyParameters),
            critics = Leaf(_learner.CriticParameters),
            targets = _learner.TargetParameters;
        (Tensor next, Tensor nextLogPi) = Sample(policy.detach(), _next, _noise.narrow(0, Batch, Batch));
        Tensor lowest = minimum(Critic(targets, 0, _next, next), Critic(targets, 1, _next, next));
        Tensor backup = _returns.Plus(_bootstraps * (lowest - nextLogPi.Times(Temperature)));
        Tensor criticLoss = (Critic(critics, 0, _observations, _actions) - backup)
            .Squared()
            .mean()
            .Times(0.5)
            .Plus((Critic(critics, 1, _observations, _actions) - backup).Squared().mean().Times(0.5));
        criticLoss.backward();
        Assert.Equal(criticLoss.Number(), _learner.CriticLoss, 1e-12);
        Same(critics.grad!, _learner.CriticGradients);

        (Tensor proposed, Tensor logPi) = Sample(policy, _observations, _noise.narrow(0, 0, Batch));
        Tensor frozen = critics.detach();
        Tensor policyLoss = (
            logPi.Times(Temperature) - minimum(Critic(frozen, 0, _observations, proposed), Critic(frozen, 1, _observations, proposed))
        ).mean();
        policyLoss.backward();
        Assert.Equal(policyLoss.Number(), _learner.PolicyLoss, 1e-12);
        Same(policy.grad!, _learner.PolicyGradients);
    }

    [Fact]
    public void ComputePolicyGradient_Float32EachSampleThroughItsLowerCritic_EqualsFloat64ThroughBoth()
    {
        _learner.EvaluatePolicyLoss();
        _learner.ComputePolicyGradient();
        using DisposeScope scope = NewDisposeScope();
        using var single = new TorchSacLearner(Options, Observations, Actions, 21, CPU, ScalarType.Float32);
        single.CopyMinibatch(_observations, _actions, _returns, _bootstraps, _next, _noise);
        single.EvaluatePolicy();
        single.EvaluatePolicyLoss();
        single.ComputePolicyGradient();
        Assert.InRange((single.PolicyGradients - _learner.PolicyGradients).abs().max().Number(), 0, 1e-6);
    }

    public void Dispose() => _learner.Dispose();

    private static Tensor Draw(ulong stream, int rows, int columns)
    {
        float[] values = new float[rows * columns];
        new CounterRandom(9, stream).FillGaussian(values);
        using Tensor flat = tensor(values),
            matrix = flat.view(rows, columns);
        return matrix.to(ScalarType.Float64);
    }

    private static Tensor Leaf(Tensor parameters) => parameters.clone().requires_grad_(true);

    private static void Same(Tensor expected, Tensor actual) => Assert.InRange((expected - actual).abs().max().Number(), 0, 1e-12);

    private static void Check(Tensor parameters, Tensor gradients, Func<double> loss)
    {
        double[] analytic = gradients.data<double>().ToArray();
        for (int i = 0; i < analytic.Length; i++)
        {
            using Tensor one = parameters.narrow(0, i, 1);
            double value = one.Number();
            one.SetTo(value + Difference);
            double above = loss();
            one.SetTo(value - Difference);
            double below = loss();
            one.SetTo(value);
            Assert.Equal((above - below) / (2 * Difference), analytic[i], 1e-7 + (1e-6 * Math.Abs(analytic[i])));
        }
    }

    private static Tensor Network(Tensor flat, int inputs, int outputs, Tensor x)
    {
        int offset = 0;
        foreach ((int from, int to) in (ReadOnlySpan<(int, int)>)[(inputs, Width), (Width, Width), (Width, outputs)])
        {
            x = x.mm(flat.narrow(0, offset, from * to).view(from, to)).Plus(flat.narrow(0, offset + (from * to), to));
            offset += (from + 1) * to;
            x = offset < flat.numel() ? x.relu() : x;
        }

        return x;
    }

    private static Tensor Critic(Tensor both, int index, Tensor observations, Tensor actions) =>
        Network(both.narrow(0, index * (both.numel() / 2), both.numel() / 2), Observations + Actions, 1, cat([observations, actions], 1));

    private static (Tensor Action, Tensor LogPi) Sample(Tensor policy, Tensor observations, Tensor noise)
    {
        Tensor head = Network(policy, Observations, 2 * Actions, observations);
        Tensor mean = head.narrow(1, 0, Actions),
            std = head.narrow(1, Actions, Actions).Clamped(-20, 2).exp();
        Tensor action = mean.Plus(std * noise).tanh();
        Tensor density = (noise.Squared().Times(-0.5) - std.log()).Minus(0.5 * Math.Log(2 * Math.PI)) - (-action.Squared()).Plus(1).log();
        return (action, density.sum(1, true));
    }
}
