using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Sac;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Sac;

/// <summary>The written-out gradients in float64 against central differences and against automatic differentiation of the paper's losses.</summary>
public sealed class TorchSacGradientTests : IDisposable
{
    private const int Observations = 3, Actions = 2, Batch = 40, Width = 19;
    private const double Temperature = 0.3, TargetEntropy = -1.5, Difference = 1e-6;

    private static SacOptions Options => new()
    {
        HiddenWidth = Width, BatchSize = Batch, InitialTemperature = Temperature, TargetEntropy = TargetEntropy, ReplayCapacity = 10, LearningStarts = 1,
    };

    private readonly TorchSacLearner _learner;
    private readonly Tensor _observations, _actions, _returns, _bootstraps, _next, _noise;

    public TorchSacGradientTests()
    {
        _learner = new(Options, Observations, Actions, 21, CPU, ScalarType.Float64);
        _observations = Draw(1, Batch, Observations);
        _actions = Draw(2, Batch, Actions).tanh();
        _returns = Draw(3, Batch, 1);
        _bootstraps = full(Batch, 1, 0.9, ScalarType.Float64);
        _bootstraps[1] = 0;
        _next = Draw(4, Batch, Observations);
        _noise = Draw(5, 2 * Batch, Actions);
        _learner.CopyMinibatch(_observations, _actions, _returns, _bootstraps, _next, _noise);

        // Targets that differ from the critics, and one sample whose log sigma is clamped.
        using Tensor shift = Draw(6, (int)_learner.TargetParameters.numel(), 1).view(-1);
        _learner.TargetParameters.add_(shift * 0.1);
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
            logStd.add_(bias);
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

        Tensor policy = Leaf(_learner.PolicyParameters), critics = Leaf(_learner.CriticParameters), targets = _learner.TargetParameters;
        (Tensor next, Tensor nextLogPi) = Sample(policy.detach(), _next, _noise.narrow(0, Batch, Batch));
        Tensor lowest = minimum(Critic(targets, 0, _next, next), Critic(targets, 1, _next, next));
        Tensor backup = _returns + (_bootstraps * (lowest - (Temperature * nextLogPi)));
        Tensor criticLoss = ((Critic(critics, 0, _observations, _actions) - backup).square().mean() * 0.5)
            + ((Critic(critics, 1, _observations, _actions) - backup).square().mean() * 0.5);
        criticLoss.backward();
        Assert.Equal(criticLoss.ToDouble(), _learner.CriticLoss, 1e-12);
        Same(critics.grad!, _learner.CriticGradients);

        (Tensor proposed, Tensor logPi) = Sample(policy, _observations, _noise.narrow(0, 0, Batch));
        Tensor frozen = critics.detach();
        Tensor policyLoss = ((Temperature * logPi) - minimum(Critic(frozen, 0, _observations, proposed), Critic(frozen, 1, _observations, proposed))).mean();
        policyLoss.backward();
        Assert.Equal(policyLoss.ToDouble(), _learner.PolicyLoss, 1e-12);
        Same(policy.grad!, _learner.PolicyGradients);
    }

    [Fact]
    public void ComputePolicyGradient_Float32EachSampleThroughItsLowerCritic_EqualsFloat64ThroughBoth()
    {
        _learner.EvaluatePolicyLoss();
        _learner.ComputePolicyGradient();
        using var single = new TorchSacLearner(Options, Observations, Actions, 21, CPU, ScalarType.Float32);
        single.CopyMinibatch(_observations, _actions, _returns, _bootstraps, _next, _noise);
        single.EvaluatePolicy();
        single.EvaluatePolicyLoss();
        single.ComputePolicyGradient();
        Assert.InRange((single.PolicyGradients - _learner.PolicyGradients).abs().max().ToDouble(), 0, 1e-6);
    }

    public void Dispose() => _learner.Dispose();

    private static Tensor Draw(ulong stream, int rows, int columns)
    {
        float[] values = new float[rows * columns];
        new CounterRandom(9, stream).FillGaussian(values);
        return tensor(values).view(rows, columns).to(ScalarType.Float64);
    }

    private static Tensor Leaf(Tensor parameters) => parameters.clone().requires_grad_(true);

    private static void Same(Tensor expected, Tensor actual) => Assert.InRange((expected - actual).abs().max().ToDouble(), 0, 1e-12);

    private static void Check(Tensor parameters, Tensor gradients, Func<double> loss)
    {
        double[] analytic = gradients.clone().data<double>().ToArray();
        for (int i = 0; i < analytic.Length; i++)
        {
            using Tensor one = parameters.narrow(0, i, 1);
            double value = one.ToDouble();
            one.fill_(value + Difference);
            double above = loss();
            one.fill_(value - Difference);
            double below = loss();
            one.fill_(value);
            Assert.Equal((above - below) / (2 * Difference), analytic[i], 1e-7 + (1e-6 * Math.Abs(analytic[i])));
        }
    }

    private static Tensor Network(Tensor flat, int inputs, int outputs, Tensor x)
    {
        int offset = 0;
        foreach ((int from, int to) in (ReadOnlySpan<(int, int)>)[(inputs, Width), (Width, Width), (Width, outputs)])
        {
            x = x.mm(flat.narrow(0, offset, from * to).view(from, to)) + flat.narrow(0, offset + (from * to), to);
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
        Tensor mean = head.narrow(1, 0, Actions), std = head.narrow(1, Actions, Actions).clamp(-20, 2).exp();
        Tensor action = (mean + (std * noise)).tanh();
        Tensor density = (-0.5 * noise.square()) - std.log() - (0.5 * Math.Log(2 * Math.PI)) - (1 - action.square()).log();
        return (action, density.sum(1, true));
    }
}
