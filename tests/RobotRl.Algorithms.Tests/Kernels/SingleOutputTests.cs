using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Kernels;

/// <summary>A dense layer with one output, there and back, against TorchSharp in float64.</summary>
public sealed unsafe class SingleOutputTests
{
    [Theory]
    [MemberData(nameof(Seeds))]
    public void ForwardAndBackward_RandomShape_EqualTorchSharpInFloat64(int seed)
    {
        using var work = new KernelCase(seed);
        (int rows, int columns) = (work.Rows, work.Columns);
        float[] before = work.Draw(rows * columns),
            layer = work.Draw(columns + 1, 0.5f),
            weight = work.Draw(rows);
        float[] x = [.. before.Select(v => Math.Max(v, 0))];
        Tensor z = KernelCase.Leaf(before, columns),
            weights = KernelCase.Leaf(layer[..columns], 1),
            bias = KernelCase.Leaf(layer[columns..], 1),
            input = z.relu();
        Tensor output = input.matmul(weights).Plus(bias);
        IList<Tensor> expected = autograd.grad([(output * KernelCase.Rows64(weight, 1)).sum()], [z, input, weights, bias]);

        Matrix rowsOfX = work.Matrix(x, columns),
            y = work.Empty(rows, 1),
            cut = work.Empty(rows, 1),
            dy = work.Matrix(weight, 1),
            masked = work.Empty(rows, columns),
            whole = work.Empty(rows, columns);
        float* packed = work.Vector(layer),
            gradient = work.Vector(new float[columns + 1]);
        SingleOutput.Forward(rowsOfX, packed, y, relu: false);
        SingleOutput.Forward(rowsOfX, packed, cut, relu: true);
        Gradients.Near(output.flatten(), KernelCase.Values(y));
        Assert.Equal(KernelCase.Values(y).Select(v => Math.Max(v, 0)), KernelCase.Values(cut));
        SingleOutput.InputGradient(dy, packed, rowsOfX, masked);
        SingleOutput.InputGradient(dy, packed, default, whole);
        SingleOutput.WeightGradient(rowsOfX, dy, gradient);
        Gradients.Near(expected[0].flatten(), KernelCase.Values(masked));
        Gradients.Near(expected[1].flatten(), KernelCase.Values(whole));
        Gradients.Near(cat([expected[2].flatten(), expected[3].flatten()]), new ReadOnlySpan<float>(gradient, columns + 1));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];
}
