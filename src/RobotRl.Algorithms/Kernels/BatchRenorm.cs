using System.Numerics;
using System.Runtime.CompilerServices;

namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// Batch renormalisation (Ioffe, arXiv 1702.03275): y = (n r + d) scale + shift, n = (x - mean) / sqrt(variance + epsilon) with the
/// batch's mean and variance (divisor rows), r and d constants of the pass that bring it near what the running statistics would give.
/// </summary>
internal static unsafe class BatchRenorm
{
    /// <summary>As in the authors' program of CrossQ.</summary>
    public const float Epsilon = 1e-3f,
        MaximumR = 3f,
        MaximumD = 5f;

    /// <summary>Mean and variance of each column.</summary>
    public static void Statistics(in Matrix x, Span<float> mean, Span<float> variance)
    {
        mean.Clear();
        variance.Clear();
        for (int r = 0; r < x.Rows; r++)
        {
            AddTo(mean, x.Row(r));
        }

        Scale(mean, 1f / x.Rows);
        fixed (
            float* means = mean,
                variances = variance
        )
        {
            for (int r = 0; r < x.Rows; r++)
            {
                float* row = x.Row(r);
                int i = 0;
                for (; i + Vector<float>.Count <= mean.Length; i += Vector<float>.Count)
                {
                    Vector<float> distance = Load(row + i) - Load(means + i);
                    Store(Load(variances + i) + (distance * distance), variances + i);
                }

                for (; i < mean.Length; i++)
                {
                    variances[i] += (row[i] - means[i]) * (row[i] - means[i]);
                }
            }
        }

        Scale(variance, 1f / x.Rows);
    }

    /// <summary>n = (x - mean) inverse; y = n a + b, with a = r scale and b = d scale + shift.</summary>
    public static void Forward(
        in Matrix x,
        ReadOnlySpan<float> mean,
        ReadOnlySpan<float> inverse,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        in Matrix n,
        in Matrix y
    )
    {
        int columns = x.Columns;
        fixed (
            float* means = mean,
                inverses = inverse,
                factors = a,
                shifts = b
        )
        {
            for (int r = 0; r < x.Rows; r++)
            {
                float* from = x.Row(r),
                    normal = n.Row(r),
                    to = y.Row(r);
                int i = 0;
                for (; i + Vector<float>.Count <= columns; i += Vector<float>.Count)
                {
                    Vector<float> value = (Load(from + i) - Load(means + i)) * Load(inverses + i);
                    Store(value, normal + i);
                    Store((value * Load(factors + i)) + Load(shifts + i), to + i);
                }

                for (; i < columns; i++)
                {
                    normal[i] = (from[i] - means[i]) * inverses[i];
                    to[i] = (normal[i] * factors[i]) + shifts[i];
                }
            }
        }
    }

    /// <summary>Column sums of g and of g n, on the way back.</summary>
    public static void Sums(in Matrix g, in Matrix n, Span<float> sum, Span<float> product)
    {
        int columns = g.Columns;
        sum.Clear();
        product.Clear();
        fixed (
            float* sums = sum,
                products = product
        )
        {
            for (int r = 0; r < g.Rows; r++)
            {
                float* gradient = g.Row(r),
                    normal = n.Row(r);
                int i = 0;
                for (; i + Vector<float>.Count <= columns; i += Vector<float>.Count)
                {
                    Vector<float> value = Load(gradient + i);
                    Store(Load(sums + i) + value, sums + i);
                    Store(Load(products + i) + (value * Load(normal + i)), products + i);
                }

                for (; i < columns; i++)
                {
                    sums[i] += gradient[i];
                    products[i] += gradient[i] * normal[i];
                }
            }
        }
    }

    /// <summary>
    /// Gradient at x: a inverse (g - sum / rows - n product / rows), 0 where x (a ReLU's output) is not above 0; in place.
    /// </summary>
    public static void Backward(
        in Matrix g,
        in Matrix n,
        in Matrix x,
        ReadOnlySpan<float> factor,
        ReadOnlySpan<float> meanSum,
        ReadOnlySpan<float> meanProduct
    )
    {
        int columns = g.Columns;
        fixed (
            float* factors = factor,
                sums = meanSum,
                products = meanProduct
        )
        {
            for (int r = 0; r < g.Rows; r++)
            {
                float* gradient = g.Row(r),
                    normal = n.Row(r),
                    by = x.Row(r);
                int i = 0;
                for (; i + Vector<float>.Count <= columns; i += Vector<float>.Count)
                {
                    Vector<float> value =
                        Load(factors + i) * (Load(gradient + i) - Load(sums + i) - (Load(normal + i) * Load(products + i)));
                    Store(
                        Vector.ConditionalSelect(Vector.LessThanOrEqual(Load(by + i), Vector<float>.Zero), Vector<float>.Zero, value),
                        gradient + i
                    );
                }

                for (; i < columns; i++)
                {
                    gradient[i] = by[i] <= 0 ? 0 : factors[i] * (gradient[i] - sums[i] - (normal[i] * products[i]));
                }
            }
        }
    }

    private static void AddTo(Span<float> sum, float* row)
    {
        fixed (float* sums = sum)
        {
            int i = 0;
            for (; i + Vector<float>.Count <= sum.Length; i += Vector<float>.Count)
            {
                Store(Load(sums + i) + Load(row + i), sums + i);
            }

            for (; i < sum.Length; i++)
            {
                sums[i] += row[i];
            }
        }
    }

    private static void Scale(Span<float> values, float factor)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] *= factor;
        }
    }

    private static Vector<float> Load(float* from) => Unsafe.ReadUnaligned<Vector<float>>(from);

    private static void Store(Vector<float> value, float* to) => Unsafe.WriteUnaligned(to, value);
}
