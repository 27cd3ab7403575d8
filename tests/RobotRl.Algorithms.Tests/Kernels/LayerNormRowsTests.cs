using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Kernels;

/// <summary>Dropout, layer norm and ReLU, there and back, against TorchSharp in float64.</summary>
public sealed unsafe class LayerNormRowsTests
{
    [Theory]
    [MemberData(nameof(Seeds))]
    public void ForwardAndBackward_RandomShape_EqualTorchSharpInFloat64(int seed)
    {
        using var work = new KernelCase(seed, fewestColumns: 3);
        (int rows, int columns) = (work.Rows, work.Columns);
        float[] x = work.Draw(rows * columns),
            scale = work.Draw(columns, 0.5f, 1),
            shift = work.Draw(columns, 0.5f),
            weight = work.Draw(rows * columns);
        int[] dropped = [.. Enumerable.Range(0, rows * columns).Where(_ => seed % 2 == 1 && work.Next(10) == 0)];
        float keep = seed % 2 == 1 ? 1 / 0.9f : 1;
        float[] mask = [.. Enumerable.Range(0, rows * columns).Select(i => Array.BinarySearch(dropped, i) >= 0 ? 0f : 1f)];
        Tensor input = KernelCase.Leaf(x, columns),
            scales = KernelCase.Leaf(scale, columns),
            shifts = KernelCase.Leaf(shift, columns);
        Tensor output = nn
            .functional.layer_norm(
                (input * KernelCase.Rows64(mask, columns)).Times(keep),
                [columns],
                scales.view(columns),
                shifts.view(columns)
            )
            .relu();
        IList<Tensor> expected = autograd.grad([(output * KernelCase.Rows64(weight, columns)).sum()], [input, scales, shifts]);

        Matrix rowsInPlace = work.Matrix(x, columns),
            normalised = work.Empty(rows, columns);
        float[] inverse = new float[rows];
        LayerNormRows.Forward(rowsInPlace, dropped, keep, work.Vector(scale), work.Vector(shift), normalised, inverse);
        float[] y = KernelCase.Values(rowsInPlace);
        Gradients.Near(output.flatten(), y);

        // Behind the ReLU; the gradients of scale and shift are added to what is there.
        float[] behind = [.. weight.Select((w, i) => y[i] > 0 ? w : 0)];
        Matrix gradient = work.Matrix(behind, columns),
            alone = work.Matrix(behind, columns);
        float* scaleGradient = work.Vector([.. Enumerable.Repeat(1f, columns)]),
            shiftGradient = work.Vector([.. Enumerable.Repeat(-1f, columns)]);
        LayerNormRows.Backward(gradient, dropped, keep, work.Vector(scale), normalised, inverse, scaleGradient, shiftGradient);
        LayerNormRows.Backward(alone, dropped, keep, work.Vector(scale), normalised, inverse, null, null);
        Gradients.Near(expected[0].flatten(), KernelCase.Values(gradient));
        Gradients.Near(expected[1].flatten().Plus(1), new ReadOnlySpan<float>(scaleGradient, columns));
        Gradients.Near(expected[2].flatten().Minus(1), new ReadOnlySpan<float>(shiftGradient, columns));
        Assert.Equal(KernelCase.Values(gradient), KernelCase.Values(alone));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];
}
