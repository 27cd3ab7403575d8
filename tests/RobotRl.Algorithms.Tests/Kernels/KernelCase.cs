using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Kernels;

/// <summary>Random matrices of random sizes for a kernel, and as tensors in float64.</summary>
internal sealed unsafe class KernelCase : IDisposable
{
    private readonly KernelMemory _memory = new();
    private readonly CounterRandom _random;
    private readonly DisposeScope _scope = NewDisposeScope();

    public KernelCase(int seed, int fewestRows = 1, int fewestColumns = 1)
    {
        _random = new CounterRandom((ulong)seed, RandomPurpose.Simulation);
        (Rows, Columns) = (fewestRows + _random.NextInt32(70), fewestColumns + _random.NextInt32(seed % 3 == 0 ? 12 : 110));
    }

    public int Rows { get; }

    public int Columns { get; }

    public void Dispose()
    {
        _scope.Dispose();
        _memory.Dispose();
    }

    public int Next(int limit) => _random.NextInt32(limit);

    /// <summary>Numbers from N(0, 1), or <paramref name="mean"/>, times <paramref name="deviation"/>.</summary>
    public float[] Draw(int count, float deviation = 1, float mean = 0)
    {
        float[] values = new float[count];
        _random.FillGaussian(values);
        return [.. values.Select(v => mean + (deviation * v))];
    }

    public float* Vector(float[] values)
    {
        float* to = _memory.Floats(values.Length);
        values.CopyTo(new Span<float>(to, values.Length));
        return to;
    }

    public Matrix Matrix(float[] values, int columns)
    {
        Matrix matrix = _memory.Matrix(values.Length / columns, columns);
        for (int row = 0; row < matrix.Rows; row++)
        {
            values.AsSpan(row * columns, columns).CopyTo(matrix.Span(row));
        }

        return matrix;
    }

    public Matrix Empty(int rows, int columns) => _memory.Matrix(rows, columns);

    public KernelMemory Memory => _memory;

    public static float[] Values(in Matrix matrix)
    {
        var values = new List<float>();
        for (int row = 0; row < matrix.Rows; row++)
        {
            values.AddRange(matrix.Span(row));
        }

        return [.. values];
    }

    /// <summary>[rows, columns] in float64, to differentiate by.</summary>
    public static Tensor Leaf(float[] values, int columns) =>
        tensor(values).to(ScalarType.Float64).view(values.Length / columns, columns).detach().requires_grad_(true);

    /// <summary>The same without a gradient.</summary>
    public static Tensor Rows64(float[] values, int columns) =>
        tensor(values).to(ScalarType.Float64).view(values.Length / columns, columns);
}
