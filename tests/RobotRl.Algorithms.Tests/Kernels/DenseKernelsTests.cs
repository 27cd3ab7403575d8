using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests.Kernels;

/// <summary>
/// The three products of a dense layer against sums in double precision, with every kind of register, over random and odd shapes.
/// </summary>
public sealed unsafe class DenseKernelsTests
{
    public static TheoryData<SimdWidth, int, int, int> Shapes()
    {
        var shapes = new TheoryData<SimdWidth, int, int, int>();
        var random = new CounterRandom(5, RandomPurpose.Simulation);
        foreach (SimdWidth width in Enum.GetValues<SimdWidth>())
        {
            foreach (
                (int rows, int inputs, int outputs) in (ReadOnlySpan<(int, int, int)>)
                    [(1, 1, 1), (1, 1, 2), (7, 6, 16), (13, 5, 33), (37, 23, 12), (64, 17, 1), (6, 700, 31), (330, 9, 40)]
            )
            {
                shapes.Add(width, rows, inputs, outputs);
            }

            for (int i = 0; i < 6; i++)
            {
                shapes.Add(width, 1 + random.NextInt32(90), 1 + random.NextInt32(90), 1 + random.NextInt32(90));
            }
        }

        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Products_AnyShape_EqualSumsInDoublePrecision(SimdWidth width, int rows, int inputs, int outputs)
    {
        using var memory = new KernelMemory();
        var random = new CounterRandom(1, (ulong)(rows + (1000 * inputs) + (1_000_000 * outputs)));
        Matrix x = memory.Matrix(rows, inputs),
            y = memory.Matrix(rows, outputs),
            dy = memory.Matrix(rows, outputs),
            dx = memory.Matrix(rows, inputs);
        float[] flat = new float[(inputs + 1) * outputs];
        random.FillGaussian(flat);
        Fill(x, random);
        Fill(dy, random);
        float* layer = memory.Floats(DenseKernels.PackedLength(inputs, outputs, width)),
            gradient = memory.Floats(DenseKernels.PackedLength(inputs, outputs, width));
        DenseKernels.Pack(flat, inputs, outputs, layer, width);
        float[] unpacked = new float[flat.Length];
        DenseKernels.Unpack(layer, inputs, outputs, unpacked, width);
        Assert.Equal(flat, unpacked);

        foreach (bool relu in (ReadOnlySpan<bool>)[false, true])
        {
            DenseKernels.Forward(x, layer, y, relu, width);
            for (int r = 0; r < rows; r++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    double sum = flat[(inputs * outputs) + o],
                        size = Math.Abs(sum);
                    for (int i = 0; i < inputs; i++)
                    {
                        double term = (double)x.Span(r)[i] * flat[(i * outputs) + o];
                        (sum, size) = (sum + term, size + Math.Abs(term));
                    }

                    Near(relu ? Math.Max(0, sum) : sum, y.Span(r)[o], size);
                }
            }
        }

        foreach (bool masked in (ReadOnlySpan<bool>)[false, true])
        {
            Matrix mask = masked ? x : default;
            if (outputs == 1)
            {
                SingleOutput.InputGradient(dy, layer, mask, dx);
            }
            else
            {
                float* transposed = memory.Floats(DenseKernels.TransposedLength(inputs, outputs, width));
                DenseKernels.PackTransposed(layer, inputs, outputs, 0, inputs, transposed, width);
                DenseKernels.InputGradient(dy, transposed, mask, dx, width);
            }

            for (int r = 0; r < rows; r++)
            {
                for (int i = 0; i < inputs; i++)
                {
                    double sum = 0,
                        size = 0;
                    for (int o = 0; o < outputs; o++)
                    {
                        double term = (double)dy.Span(r)[o] * flat[(i * outputs) + o];
                        (sum, size) = (sum + term, size + Math.Abs(term));
                    }

                    Near(masked && x.Span(r)[i] <= 0 ? 0 : sum, dx.Span(r)[i], size);
                }
            }
        }

        DenseKernels.WeightGradient(x, dy, gradient, memory.Floats(DenseKernels.ScratchLength(inputs, rows)), width);
        float[] flatGradient = new float[flat.Length];
        DenseKernels.Unpack(gradient, inputs, outputs, flatGradient, width);
        for (int i = 0; i <= inputs; i++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = 0,
                    size = 0;
                for (int r = 0; r < rows; r++)
                {
                    double term = (i == inputs ? 1.0 : x.Span(r)[i]) * dy.Span(r)[o];
                    (sum, size) = (sum + term, size + Math.Abs(term));
                }

                Near(sum, flatGradient[(i * outputs) + o], size);
            }
        }
    }

    [Theory]
    [InlineData(SimdWidth.Vector256, 23, 40, 17, 6)]
    [InlineData(SimdWidth.Vector128, 23, 40, 17, 6)]
    [InlineData(SimdWidth.Vector256, 60, 33, 9, 41)]
    public void PackTransposed_SomeRows_GivesTheirInputGradientOnly(SimdWidth width, int inputs, int outputs, int first, int count)
    {
        using var memory = new KernelMemory();
        var random = new CounterRandom(3, RandomPurpose.Simulation);
        float[] flat = new float[(inputs + 1) * outputs];
        random.FillGaussian(flat);
        float* layer = memory.Floats(DenseKernels.PackedLength(inputs, outputs, width)),
            transposed = memory.Floats(DenseKernels.TransposedLength(count, outputs, width));
        DenseKernels.Pack(flat, inputs, outputs, layer, width);
        Matrix dy = memory.Matrix(5, outputs),
            dx = memory.Matrix(5, count);
        Fill(dy, random);
        DenseKernels.PackTransposed(layer, inputs, outputs, first, count, transposed, width);
        DenseKernels.InputGradient(dy, transposed, default, dx, width);
        for (int r = 0; r < 5; r++)
        {
            for (int i = 0; i < count; i++)
            {
                double sum = 0;
                for (int o = 0; o < outputs; o++)
                {
                    sum += (double)dy.Span(r)[o] * flat[((first + i) * outputs) + o];
                }

                Near(sum, dx.Span(r)[i], 20);
            }
        }
    }

    [Fact]
    public void Forward_NaNInput_StaysNaNThroughRelu()
    {
        using var memory = new KernelMemory();
        Matrix x = memory.Matrix(3, 4),
            y = memory.Matrix(3, 20),
            q = memory.Matrix(3, 1);
        x.Span(1)[2] = float.NaN;
        float* layer = memory.Floats(DenseKernels.PackedLength(4, 20, DenseVector.BestWidth)),
            single = memory.Floats(16);
        DenseKernels.Forward(x, layer, y, true, DenseVector.BestWidth);
        DenseKernels.Forward(x, single, q, true, DenseVector.BestWidth);
        Assert.True(float.IsNaN(y.Span(1)[7]) && float.IsNaN(q.Span(1)[0]));
        Assert.Equal(0, y.Span(0)[7]);
    }

    [Fact]
    public void Forward_Twice_GivesTheSameBitsAndAllocatesNothing()
    {
        using var memory = new KernelMemory();
        var random = new CounterRandom(8, RandomPurpose.Simulation);
        Matrix x = memory.Matrix(50, 77),
            y = memory.Matrix(50, 41),
            again = memory.Matrix(50, 41);
        Fill(x, random);
        float* layer = memory.Floats(DenseKernels.PackedLength(77, 41, DenseVector.BestWidth));
        random.FillGaussian(new Span<float>(layer, DenseKernels.PackedLength(77, 41, DenseVector.BestWidth)));
        DenseKernels.Forward(x, layer, y, true, DenseVector.BestWidth);
        long before = GC.GetAllocatedBytesForCurrentThread();
        DenseKernels.Forward(x, layer, again, true, DenseVector.BestWidth);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        for (int r = 0; r < 50; r++)
        {
            Assert.True(y.Span(r).SequenceEqual(again.Span(r)));
        }
    }

    private static void Near(double expected, double actual, double size) =>
        Assert.InRange(actual, expected - (2e-6 * size) - 1e-7, expected + (2e-6 * size) + 1e-7);

    private static void Fill(Matrix matrix, CounterRandom random)
    {
        for (int r = 0; r < matrix.Rows; r++)
        {
            random.FillGaussian(matrix.Span(r));
        }
    }
}
