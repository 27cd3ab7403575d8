using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.Networks;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.ActorCritic;

public sealed class ScoreFunctionTests
{
    public static TheoryData<bool> Spaces => [false, true];

    [Theory]
    [MemberData(nameof(Spaces))]
    public void Evaluate_ThroughANetwork_MatchesCentralDifferences(bool discrete)
    {
        (ScoreFunction score, MlpShape shape, float[] parameters, float[] input, float[] sample) = Draw(discrete);
        const double Tau = 0.3;
        double[] x = [.. input.Select(v => (double)v)];
        double[] expected = ReferenceMlp.Gradient(parameters, p =>
            LogProbability(ReferenceMlp.Forward(shape, p, x), sample, discrete)
            + (Tau * Entropy(ReferenceMlp.Forward(shape, p, x), discrete))
        );

        var network = new SampleMlp(shape);
        (float logProbability, float entropy) = score.Evaluate(network.Forward(parameters, input), sample);
        float[] outputGradient =
        [
            .. Enumerable.Range(0, score.Outputs).Select(i => score.ScoreGradient[i] + ((float)Tau * score.EntropyGradient[i])),
        ];
        float[] gradient = new float[shape.ParameterCount];
        network.Accumulate(parameters, outputGradient, 0, gradient);

        double[] output = ReferenceMlp.Forward(shape, [.. parameters.Select(p => (double)p)], x);
        Assert.Equal(LogProbability(output, sample, discrete), logProbability, 1e-4);
        Assert.Equal(Entropy(output, discrete), entropy, 1e-5);
        ReferenceMlp.AssertClose(expected, gradient, 2e-5);
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void Evaluate_OnOutputs_MatchesTorchAutograd(bool discrete)
    {
        (ScoreFunction score, _, _, _, float[] sample) = Draw(discrete);
        float[] outputs = new float[score.Outputs];
        new CounterRandom(5, RandomPurpose.Learning).FillGaussian(outputs);
        score.Evaluate(outputs, sample);

        using DisposeScope scope = NewDisposeScope();
        Tensor o = tensor(outputs, requires_grad: true),
            logProbability,
            entropy;
        if (discrete)
        {
            Tensor logs = nn.functional.log_softmax(o, 0);
            (logProbability, entropy) = (logs.narrow(0, (long)sample[0], 1).sum(), -(logs.exp() * logs).sum());
        }
        else
        {
            Tensor deviation = o.narrow(0, sample.Length, sample.Length).Softplus();
            Tensor distance = (tensor(sample) - o.narrow(0, 0, sample.Length)) / deviation;
            logProbability = (distance.Squared().Times(-0.5) - deviation.log()).Minus(0.5 * Math.Log(2 * Math.PI)).sum();
            entropy = deviation.log().Plus(0.5 * Math.Log(2 * Math.PI * Math.E)).sum();
        }

        ReferenceMlp.AssertClose(Gradient(logProbability), score.ScoreGradient.ToArray(), 1e-5);
        ReferenceMlp.AssertClose(Gradient(entropy), score.EntropyGradient.ToArray(), 1e-5);

        double[] Gradient(Tensor of) => [.. autograd.grad([of], [o], retain_graph: true)[0].data<float>().ToArray().Select(g => (double)g)];
    }

    [Fact]
    public void Evaluate_DeviationNextToNothing_StaysANumber()
    {
        var score = new ScoreFunction(new ContinuousActionSpace(1));
        (float logProbability, float entropy) = score.Evaluate([0.5f, -30f], [0.5f]);
        Assert.Equal(30 - 0.918939, logProbability, 1e-4);
        Assert.Equal(-30 + 1.418939, entropy, 1e-4);
        Assert.Equal([0f, -1f], score.ScoreGradient.ToArray().Select(g => MathF.Round(g, 4)));
        Assert.Equal([0f, 1f], score.EntropyGradient.ToArray().Select(g => MathF.Round(g, 4)));
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(3f)]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Accepts_IndexThatIsNoChoice_IsFalse(float index) =>
        Assert.False(new ScoreFunction(new DiscreteActionSpace(3)).Accepts([index]));

    [Fact]
    public void Accepts_WhatAPolicyDraws_IsTrue()
    {
        Assert.True(new ScoreFunction(new DiscreteActionSpace(3)).Accepts([2f]));
        Assert.True(new ScoreFunction(new ContinuousActionSpace(2)).Accepts([1.7f, -4f]));
    }

    private static double LogProbability(double[] output, float[] sample, bool discrete)
    {
        if (discrete)
        {
            return output[(int)sample[0]] - Math.Log(output.Sum(Math.Exp));
        }

        return sample
            .Select(
                (x, j) =>
                {
                    double deviation = Math.Log(1 + Math.Exp(output[sample.Length + j]));
                    return -(Math.Pow((x - output[j]) / deviation, 2) / 2) - Math.Log(deviation) - (Math.Log(2 * Math.PI) / 2);
                }
            )
            .Sum();
    }

    private static double Entropy(double[] output, bool discrete)
    {
        if (discrete)
        {
            double total = output.Sum(Math.Exp);
            return -output.Sum(o => Math.Exp(o) / total * Math.Log(Math.Exp(o) / total));
        }

        return output.Skip(output.Length / 2).Sum(o => Math.Log(2 * Math.PI * Math.E * Math.Pow(Math.Log(1 + Math.Exp(o)), 2)) / 2);
    }

    private static (ScoreFunction Score, MlpShape Shape, float[] Parameters, float[] Input, float[] Sample) Draw(bool discrete)
    {
        var score = new ScoreFunction(discrete ? new DiscreteActionSpace(4) : new ContinuousActionSpace(3));
        var shape = new MlpShape(5, [16, 9], score.Outputs, Activation.LeakyRelu, LayerNorm: true);
        float[] parameters = new float[shape.ParameterCount],
            input = new float[5],
            sample = discrete ? [2] : new float[3];
        var random = new CounterRandom(21, RandomPurpose.Learning);
        random.FillGaussian(parameters);
        random.FillGaussian(input);
        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i] *= 0.4f;
        }

        if (!discrete)
        {
            random.FillGaussian(sample);
        }

        return (score, shape, parameters, input, sample);
    }
}
