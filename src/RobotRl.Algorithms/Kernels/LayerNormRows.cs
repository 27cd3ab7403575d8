using System.Numerics;
using System.Runtime.CompilerServices;

namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// What DroQ does between two layers, one row after the other while it is in the first-level cache: dropout, layer norm with learned
/// scale and shift, ReLU; and the way back.
/// </summary>
internal static unsafe class LayerNormRows
{
    private const float Epsilon = 1e-5f; // PyTorch's default

    /// <summary>
    /// x = max(0, scale n + shift), n = (k x - mean) / sqrt(variance + epsilon), where dropped units are 0 and the others
    /// multiplied by <paramref name="keep"/>.
    /// </summary>
    /// <param name="x">Pre-activations, overwritten.</param>
    /// <param name="dropped">Dropped positions, row x columns + column, rising.</param>
    /// <param name="keep">1 / (1 - rate), or 1 where nothing is dropped on average.</param>
    /// <param name="scale">[columns].</param>
    /// <param name="shift">[columns].</param>
    /// <param name="normalised">n, for the way back.</param>
    /// <param name="inverse">1 / sqrt(variance + epsilon), [rows].</param>
    public static void Forward(
        in Matrix x,
        ReadOnlySpan<int> dropped,
        float keep,
        float* scale,
        float* shift,
        in Matrix normalised,
        Span<float> inverse
    )
    {
        int columns = x.Columns,
            width = Vector<float>.Count,
            next = 0;
        for (int r = 0; r < x.Rows; r++)
        {
            float* row = x.Row(r),
                n = normalised.Row(r);
            for (int start = r * columns; next < dropped.Length && dropped[next] < start + columns; next++)
            {
                row[dropped[next] - start] = 0;
            }

            int i = 0;
            Vector<float> sums = default,
                squares = default;
            float sum = 0,
                square = 0;
            for (; i + width <= columns; i += width)
            {
                sums += Load(row + i);
            }

            for (; i < columns; i++)
            {
                sum += row[i];
            }

            float mean = (Vector.Sum(sums) + sum) / columns;
            var center = new Vector<float>(mean);
            for (i = 0; i + width <= columns; i += width)
            {
                Vector<float> distance = Load(row + i) - center;
                squares += distance * distance;
            }

            for (; i < columns; i++)
            {
                square += (row[i] - mean) * (row[i] - mean);
            }

            // The factor goes through mean and deviation: variance of keep x.
            float deviation = 1f / MathF.Sqrt(((Vector.Sum(squares) + square) / columns * keep * keep) + Epsilon),
                factor = deviation * keep;
            inverse[r] = deviation;
            var factors = new Vector<float>(factor);
            for (i = 0; i + width <= columns; i += width)
            {
                Vector<float> value = (Load(row + i) - center) * factors,
                    y = (value * Load(scale + i)) + Load(shift + i);
                Store(value, n + i);
                Store(Vector.ConditionalSelect(Vector.LessThanOrEqual(y, Vector<float>.Zero), Vector<float>.Zero, y), row + i);
            }

            for (; i < columns; i++)
            {
                n[i] = (row[i] - mean) * factor;
                float y = (n[i] * scale[i]) + shift[i];
                row[i] = y <= 0 ? 0 : y;
            }
        }
    }

    /// <summary>
    /// From the gradient behind the ReLU (0 where it was off) to that at the pre-activations, in place; adds to the gradients of
    /// scale and shift where they are given.
    /// </summary>
    public static void Backward(
        in Matrix gradient,
        ReadOnlySpan<int> dropped,
        float keep,
        float* scale,
        in Matrix normalised,
        ReadOnlySpan<float> inverse,
        float* scaleGradient,
        float* shiftGradient
    )
    {
        int columns = gradient.Columns,
            width = Vector<float>.Count,
            next = 0;
        for (int r = 0; r < gradient.Rows; r++)
        {
            float* g = gradient.Row(r),
                n = normalised.Row(r);
            int i = 0;
            Vector<float> sums = default,
                products = default;
            float sum = 0,
                product = 0;
            for (; i + width <= columns; i += width)
            {
                Vector<float> value = Load(g + i),
                    xhat = Load(n + i);
                if (scaleGradient != null)
                {
                    Store(Load(scaleGradient + i) + (value * xhat), scaleGradient + i);
                    Store(Load(shiftGradient + i) + value, shiftGradient + i);
                }

                value *= Load(scale + i);
                sums += value;
                products += value * xhat;
                Store(value, g + i);
            }

            for (; i < columns; i++)
            {
                if (scaleGradient != null)
                {
                    scaleGradient[i] += g[i] * n[i];
                    shiftGradient[i] += g[i];
                }

                g[i] *= scale[i];
                sum += g[i];
                product += g[i] * n[i];
            }

            float mean = (Vector.Sum(sums) + sum) / columns,
                projection = (Vector.Sum(products) + product) / columns,
                factor = inverse[r] * keep;
            Vector<float> means = new(mean),
                projections = new(projection),
                factors = new(factor);
            for (i = 0; i + width <= columns; i += width)
            {
                Store((Load(g + i) - means - (Load(n + i) * projections)) * factors, g + i);
            }

            for (; i < columns; i++)
            {
                g[i] = (g[i] - mean - (n[i] * projection)) * factor;
            }

            for (int start = r * columns; next < dropped.Length && dropped[next] < start + columns; next++)
            {
                g[dropped[next] - start] = 0;
            }
        }
    }

    private static Vector<float> Load(float* from) => Unsafe.ReadUnaligned<Vector<float>>(from);

    private static void Store(Vector<float> value, float* to) => Unsafe.WriteUnaligned(to, value);
}
