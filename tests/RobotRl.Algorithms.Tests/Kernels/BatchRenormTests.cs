using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Kernels;

/// <summary>Batch renormalisation of a ReLU's output, there and back, against TorchSharp in float64.</summary>
public sealed unsafe class BatchRenormTests
{
    [Theory]
    [MemberData(nameof(Seeds))]
    public void ForwardAndBackward_RandomShape_EqualTorchSharpInFloat64(int seed)
    {
        using var work = new KernelCase(seed, fewestRows: 3);
        (int rows, int columns) = (work.Rows, work.Columns);
        float[] before = work.Draw(rows * columns),
            scale = work.Draw(columns, 0.5f, 1),
            shift = work.Draw(columns, 0.5f),
            weight = work.Draw(rows * columns);
        float[] r = work.Draw(columns, 0.2f, 1),
            d = work.Draw(columns, 0.5f);

        Tensor z = KernelCase.Leaf(before, columns),
            x = z.relu(),
            mean = x.mean([0L]),
            variance = (x - mean).Squared().mean([0L]);
        Tensor scales = KernelCase.Leaf(scale, columns),
            shifts = KernelCase.Leaf(shift, columns);
        Tensor normal = (x - mean) / variance.Plus(BatchRenorm.Epsilon).sqrt();
        Tensor output = ((normal * KernelCase.Rows64(r, columns)).Plus(KernelCase.Rows64(d, columns)) * scales).Plus(shifts);
        IList<Tensor> expected = autograd.grad([(output * KernelCase.Rows64(weight, columns)).sum()], [z, scales, shifts]);

        Matrix input = work.Matrix([.. before.Select(v => Math.Max(v, 0))], columns),
            n = work.Empty(rows, columns),
            y = work.Empty(rows, columns);
        float[] means = new float[columns],
            variances = new float[columns],
            sum = new float[columns],
            product = new float[columns];
        BatchRenorm.Statistics(input, means, variances);
        Gradients.Near(mean, means);
        Gradients.Near(variance, variances);
        float[] inverse = [.. variances.Select(v => 1 / MathF.Sqrt(v + BatchRenorm.Epsilon))];
        float[] a = [.. r.Zip(scale, (one, other) => one * other)],
            b = [.. d.Select((v, i) => (v * scale[i]) + shift[i])];
        BatchRenorm.Forward(input, means, inverse, a, b, n, y);
        Gradients.Near(normal.flatten(), KernelCase.Values(n));
        Gradients.Near(output.flatten(), KernelCase.Values(y));

        // dshift = sum g; dscale = sum g (n r + d).
        Matrix g = work.Matrix(weight, columns);
        BatchRenorm.Sums(g, n, sum, product);
        Gradients.Near(expected[1].flatten(), [.. sum.Select((s, i) => (r[i] * product[i]) + (d[i] * s))]);
        Gradients.Near(expected[2].flatten(), sum);
        BatchRenorm.Backward(
            g,
            n,
            input,
            [.. a.Zip(inverse, (one, other) => one * other)],
            [.. sum.Select(s => s / rows)],
            [.. product.Select(p => p / rows)]
        );
        Gradients.Near(expected[0].flatten(), KernelCase.Values(g));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];
}
