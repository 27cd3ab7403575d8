using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Networks;

public sealed class SampleMlpTests
{
    // Widths with and without a vector remainder, down to one output.
    public static TheoryData<int, int, int, Activation, bool> Shapes
    {
        get
        {
            var data = new TheoryData<int, int, int, Activation, bool>();
            foreach (Activation activation in Enum.GetValues<Activation>())
            {
                foreach (bool norm in new[] { false, true })
                {
                    data.Add(3, 13, 1, activation, norm);
                    data.Add(5, 16, 4, activation, norm);
                    data.Add(1, 71, 9, activation, norm);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Accumulate_AnyShape_MatchesCentralDifferences(int inputs, int width, int outputs, Activation activation, bool norm)
    {
        var shape = new MlpShape(inputs, [width, width + 3], outputs, activation, norm);
        (float[] parameters, float[] input, float[] weight) = Draw(shape, 11);
        double[] expectedOutput = ReferenceMlp.Forward(shape, [.. parameters.Select(p => (double)p)], [.. input.Select(v => (double)v)]);
        double[] expected = ReferenceMlp.Gradient(parameters, p =>
            ReferenceMlp.Forward(shape, p, [.. input.Select(v => (double)v)]).Zip(weight, (y, w) => y * w).Sum()
        );

        var network = new SampleMlp(shape);
        ReferenceMlp.AssertClose(expectedOutput, network.Forward(parameters, input).ToArray(), 1e-5);
        float[] trace = new float[shape.ParameterCount];
        float norm1 = network.Accumulate(parameters, weight, 0f, trace);
        ReferenceMlp.AssertClose(expected, trace, 2e-5);
        Assert.Equal(expected.Sum(Math.Abs), norm1, 1e-3 * expected.Sum(Math.Abs));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Accumulate_UnitFeaturesAndInputs_MatchCentralDifferences(
        int inputs,
        int width,
        int outputs,
        Activation activation,
        bool norm
    )
    {
        var shape = new MlpShape(inputs, [width, width + 3], outputs, activation, norm, UnitFeatures: true);
        (float[] parameters, float[] input, float[] weight) = Draw(shape, 13);
        double[] at = [.. parameters.Select(p => (double)p)];
        double Output(double[] p, double[] x) => ReferenceMlp.Forward(shape, p, x).Zip(weight, (y, w) => y * w).Sum();
        double[] expected = ReferenceMlp.Gradient(parameters, p => Output(p, [.. input.Select(v => (double)v)]));
        double[] expectedAtInput = ReferenceMlp.Gradient(input, x => Output(at, x));

        var network = new SampleMlp(shape);
        ReferenceMlp.AssertClose(
            ReferenceMlp.Forward(shape, at, [.. input.Select(v => (double)v)]),
            network.Forward(parameters, input).ToArray(),
            1e-5
        );
        float[] trace = new float[shape.ParameterCount],
            atInput = new float[inputs];
        network.Accumulate(parameters, weight, 0f, trace, atInput);
        ReferenceMlp.AssertClose(expected, trace, 5e-5);
        ReferenceMlp.AssertClose(expectedAtInput, atInput, 5e-5);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Tangent_AnyShape_IsTheDifferenceQuotientAlongTheDirection(
        int inputs,
        int width,
        int outputs,
        Activation activation,
        bool norm
    )
    {
        var shape = new MlpShape(inputs, [width, width + 3], outputs, activation, norm, UnitFeatures: inputs == 5);
        (float[] parameters, float[] input, _) = Draw(shape, 11);
        float[] direction = new float[parameters.Length];
        new CounterRandom(13, RandomPurpose.Learning).FillGaussian(direction);
        double[] x = [.. input.Select(v => (double)v)];
        double[] Moved(double step) => ReferenceMlp.Forward(shape, [.. parameters.Zip(direction, (p, d) => p + (step * d))], x);
        double[] expected = [.. Moved(1e-6).Zip(Moved(-1e-6), (above, below) => (above - below) / 2e-6)];
        var network = new SampleMlp(shape);
        network.Forward(parameters, input);
        ReferenceMlp.AssertClose(expected, network.Tangent(parameters, direction).ToArray(), 2e-5);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Accumulate_AnyShape_MatchesTorchAutograd(int inputs, int width, int outputs, Activation activation, bool norm)
    {
        var shape = new MlpShape(inputs, [width, 64], outputs, activation, norm);
        (float[] parameters, float[] input, float[] weight) = Draw(shape, 12);
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = tensor(parameters, requires_grad: true),
            x = tensor(input);
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            int layerInputs = shape.LayerInputs(layer),
                layerOutputs = shape.LayerOutputs(layer);
            Tensor w = flat.narrow(0, shape.WeightOffset(layer), layerInputs * layerOutputs).view(layerInputs, layerOutputs);
            x = x.matmul(w).Plus(flat.narrow(0, shape.BiasOffset(layer), layerOutputs));
            if (layer < shape.Hidden.Length)
            {
                x = norm ? nn.functional.layer_norm(x, [layerOutputs]) : x;
                x = activation switch
                {
                    Activation.Relu => nn.functional.relu(x),
                    Activation.LeakyRelu => maximum(x, x.Times(0.01)),
                    _ => nn.functional.tanh(x),
                };
            }
        }

        (x * tensor(weight)).sum().backward();

        var network = new SampleMlp(shape);
        network.Forward(parameters, input);
        float[] trace = new float[shape.ParameterCount];
        network.Accumulate(parameters, weight, 0f, trace);
        ReferenceMlp.AssertClose([.. flat.grad!.data<float>().ToArray().Select(g => (double)g)], trace, 2e-5);
    }

    [Fact]
    public void Accumulate_OverSeveralSamples_EqualsTheDiscountedSum()
    {
        var shape = new MlpShape(4, [19, 8], 2, Activation.LeakyRelu, LayerNorm: true);
        var network = new SampleMlp(shape);
        (float[] parameters, _, float[] weight) = Draw(shape, 13);
        const float Decay = 0.7f;
        double[] expected = new double[shape.ParameterCount];
        float[] trace = new float[shape.ParameterCount],
            single = new float[shape.ParameterCount];
        Array.Fill(trace, float.NaN);
        float norm1 = 0;
        const int Steps = 6;
        for (int step = 0; step < Steps; step++)
        {
            float[] input = Draw(shape, (ulong)(100 + step)).Input;
            network.Forward(parameters, input);
            network.Accumulate(parameters, weight, 0f, single);
            norm1 = network.Accumulate(parameters, weight, step == 0 ? 0f : Decay, trace);
            for (int i = 0; i < expected.Length; i++)
            {
                expected[i] += Math.Pow(Decay, Steps - 1 - step) * single[i];
            }
        }

        ReferenceMlp.AssertClose(expected, trace, 1e-5);
        Assert.Equal(expected.Sum(Math.Abs), norm1, 1e-4 * expected.Sum(Math.Abs));
    }

    [Fact]
    public void ForwardAndAccumulate_AfterWarmUp_AllocateNothing()
    {
        var shape = new MlpShape(17, [256, 256], 6, Activation.LeakyRelu, LayerNorm: true);
        var network = new SampleMlp(shape);
        (float[] parameters, float[] input, float[] weight) = Draw(shape, 14);
        float[] trace = new float[shape.ParameterCount];
        long before = 0;
        for (int i = 0; i < 200; i++)
        {
            before = i == 100 ? GC.GetAllocatedBytesForCurrentThread() : before;
            network.Forward(parameters, input);
            network.Accumulate(parameters, weight, 0.8f, trace);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static (float[] Parameters, float[] Input, float[] Weight) Draw(MlpShape shape, ulong seed)
    {
        var random = new CounterRandom(seed, RandomPurpose.Learning);
        float[] parameters = new float[shape.ParameterCount],
            input = new float[shape.Inputs],
            weight = new float[shape.Outputs];
        random.FillGaussian(parameters);
        random.FillGaussian(input);
        random.FillGaussian(weight);
        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i] *= 0.4f;
        }

        return (parameters, input, weight);
    }
}
