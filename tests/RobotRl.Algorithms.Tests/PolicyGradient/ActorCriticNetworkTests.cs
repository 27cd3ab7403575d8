using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Tests.Networks;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

public sealed class ActorCriticNetworkTests
{
    private static readonly MlpShape s_policy = new(4, [6, 5], 3, Activation.Tanh);

    [Theory]
    [InlineData(false, true, true)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    [InlineData(true, true, true)]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    public void Accumulate_OfPolicyValueOrBoth_IsTheDifferenceQuotientOnTopOfWhatWasThere(bool shared, bool ofPolicy, bool ofValue)
    {
        (ActorCriticNetwork network, float[] parameters, CounterRandom random) = Make(shared);
        float[] input = Gaussian(random, 4),
            weights = Gaussian(random, 3),
            gradient = Gaussian(random, parameters.Length);
        float[] before = [.. gradient];
        const float ValueWeight = 0.7f;
        if (ofPolicy && ofValue)
        {
            network.Forward(parameters, input);
            network.Accumulate(parameters, weights, ValueWeight, gradient);
        }
        else if (ofPolicy)
        {
            network.OutputAt(parameters, input);
            network.AccumulatePolicy(parameters, weights, gradient);
        }
        else
        {
            network.ValueAt(parameters, input);
            network.AccumulateValue(parameters, ValueWeight, gradient);
        }

        double[] x = [.. input.Select(v => (double)v)];
        double[] expected = ReferenceMlp.Gradient(parameters, p =>
        {
            (double[] output, double value) = Reference(shared, network.ActorCount, p, x);
            return (ofPolicy ? output.Zip(weights, (o, w) => o * w).Sum() : 0) + (ofValue ? ValueWeight * value : 0);
        });
        ReferenceMlp.AssertClose(expected, [.. gradient.Zip(before, (after, was) => after - was)], 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Accumulate_OfStateDependentNoise_IsTheDifferenceQuotientInLogSigma_AndLeavesPhiAlone(bool shared)
    {
        var random = new CounterRandom(5, RandomPurpose.Simulation);
        var network = new ActorCriticNetwork(s_policy, shared, stateDependentNoise: true);
        float[] parameters = [.. Gaussian(random, network.ParameterCount).Select(p => 0.5f * p)],
            input = Gaussian(random, 4),
            weights = Gaussian(random, 6);
        float[] gradient = new float[parameters.Length],
            meanOnly = new float[parameters.Length],
            before = new float[parameters.Length];
        network.Forward(parameters, input);
        float[] output = network.Output.ToArray();
        network.Accumulate(parameters, weights, 0.7f, gradient);
        network.Accumulate(parameters, [.. weights[..3], 0, 0, 0], 0.7f, meanOnly);

        // phi, the last hidden layer, by the reference: the same network without its last layer.
        double[] x = [.. input.Select(v => (double)v)],
            all = [.. parameters.Select(p => (double)p)];
        MlpShape trunk = shared ? s_policy with { Outputs = 4 } : s_policy,
            hidden = new(4, [6], 5, Activation.Tanh);
        double[] phi = [.. ReferenceMlp.Forward(hidden, all[..trunk.WeightOffset(2)], x).Select(Math.Tanh)];
        double LogStd(double[] p, int j) =>
            0.5 * Math.Log(1e-6 + Enumerable.Range(0, 5).Sum(i => Math.Pow(phi[i] * Math.Exp(p[network.NoiseStart + (i * 3) + j]), 2)));
        ReferenceMlp.AssertClose([.. Enumerable.Range(0, 3).Select(j => LogStd(all, j))], output[3..], 1e-5);
        double[] expected = ReferenceMlp.Gradient(parameters, p => Enumerable.Range(0, 3).Sum(j => weights[3 + j] * LogStd(p, j)));
        ReferenceMlp.AssertClose(expected[network.NoiseStart..], gradient[network.NoiseStart..], 1e-4);
        Assert.Equal(meanOnly[..network.NoiseStart], gradient[..network.NoiseStart]);

        float[] policy = new float[s_policy.ParameterCount + 15];
        network.CopyPolicy(parameters, policy);
        network.TakePolicy(policy, before);
        Assert.Equal(parameters[network.NoiseStart..], before[network.NoiseStart..]);
        Assert.Equal(parameters[network.NoiseStart..], policy[s_policy.ParameterCount..]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Forward_AsTheReferenceDoes_AndItsPolicyIsWhatLeaves(bool shared)
    {
        (ActorCriticNetwork network, float[] parameters, CounterRandom random) = Make(shared);
        float[] input = Gaussian(random, 4),
            policy = new float[s_policy.ParameterCount];
        network.Forward(parameters, input);
        double[] x = [.. input.Select(v => (double)v)];
        (double[] output, double value) = Reference(shared, network.ActorCount, [.. parameters.Select(p => (double)p)], x);
        ReferenceMlp.AssertClose(output, network.Output.ToArray(), 1e-5);
        Assert.Equal(value, network.Value, 1e-5);
        Assert.Equal(network.Value, network.ValueAt(parameters, input));
        network.CopyPolicy(parameters, policy);
        ReferenceMlp.AssertClose(
            ReferenceMlp.Forward(s_policy, [.. policy.Select(p => (double)p)], x),
            network.OutputAt(parameters, input).ToArray(),
            1e-5
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TakePolicy_OfAnother_BringsItsPolicyAndLeavesTheValuesHead(bool shared)
    {
        (ActorCriticNetwork network, float[] parameters, CounterRandom random) = Make(shared);
        float[] policy = Gaussian(random, s_policy.ParameterCount),
            again = new float[policy.Length],
            before = [.. parameters];
        network.TakePolicy(policy, parameters);
        network.CopyPolicy(parameters, again);
        Assert.Equal(policy, again);
        int kept = parameters.Zip(before).Count(pair => pair.First == pair.Second);
        Assert.Equal(parameters.Length - policy.Length, kept);
    }

    private static (ActorCriticNetwork Network, float[] Parameters, CounterRandom Random) Make(bool shared)
    {
        var random = new CounterRandom(5, RandomPurpose.Simulation);
        var network = new ActorCriticNetwork(s_policy, shared);
        return (network, [.. Gaussian(random, network.ParameterCount).Select(p => 0.5f * p)], random);
    }

    private static (double[] Output, double Value) Reference(bool shared, int actorCount, double[] parameters, double[] x)
    {
        if (shared)
        {
            double[] both = ReferenceMlp.Forward(s_policy with { Outputs = 4 }, parameters, x);
            return (both[..3], both[3]);
        }

        return (
            ReferenceMlp.Forward(s_policy, parameters[..actorCount], x),
            ReferenceMlp.Forward(s_policy with { Outputs = 1 }, parameters[actorCount..], x)[0]
        );
    }

    private static float[] Gaussian(CounterRandom random, int size)
    {
        float[] values = new float[size];
        random.FillGaussian(values);
        return values;
    }
}
