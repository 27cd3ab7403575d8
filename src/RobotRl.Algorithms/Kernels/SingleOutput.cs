using System.Numerics;
using System.Runtime.CompilerServices;

namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// The products of a dense layer with one output, [inputs + 1] with the bias behind the weights: bound by memory, not by
/// arithmetic.
/// </summary>
internal static unsafe class SingleOutput
{
    /// <summary>y = x w + b, max(0, .) of it where asked for.</summary>
    public static void Forward(in Matrix x, float* layer, in Matrix y, bool relu)
    {
        int inputs = x.Columns,
            width = Vector<float>.Count,
            row = 0;
        for (; row + 4 <= x.Rows; row += 4)
        {
            float* x0 = x.Row(row),
                x1 = x.Row(row + 1),
                x2 = x.Row(row + 2),
                x3 = x.Row(row + 3);
            Vector<float> s0 = default,
                s1 = default,
                s2 = default,
                s3 = default;
            int i = 0;
            for (; i + width <= inputs; i += width)
            {
                Vector<float> w = Load(layer + i);
                s0 = Vector.MultiplyAddEstimate(Load(x0 + i), w, s0);
                s1 = Vector.MultiplyAddEstimate(Load(x1 + i), w, s1);
                s2 = Vector.MultiplyAddEstimate(Load(x2 + i), w, s2);
                s3 = Vector.MultiplyAddEstimate(Load(x3 + i), w, s3);
            }

            *y.Row(row) = Rest(x0, Vector.Sum(s0), i);
            *y.Row(row + 1) = Rest(x1, Vector.Sum(s1), i);
            *y.Row(row + 2) = Rest(x2, Vector.Sum(s2), i);
            *y.Row(row + 3) = Rest(x3, Vector.Sum(s3), i);
        }

        for (; row < x.Rows; row++)
        {
            float* x0 = x.Row(row);
            Vector<float> s0 = default;
            int i = 0;
            for (; i + width <= inputs; i += width)
            {
                s0 = Vector.MultiplyAddEstimate(Load(x0 + i), Load(layer + i), s0);
            }

            *y.Row(row) = Rest(x0, Vector.Sum(s0), i);
        }

        float Rest(float* from, float sum, int i)
        {
            for (; i < inputs; i++)
            {
                sum += from[i] * layer[i];
            }

            sum += layer[inputs];
            return relu && sum <= 0 ? 0 : sum;
        }
    }

    /// <summary>dx = dy w^T, kept where <paramref name="mask"/> is above 0 (without data: everywhere).</summary>
    public static void InputGradient(in Matrix dy, float* layer, in Matrix mask, in Matrix dx)
    {
        int inputs = dx.Columns,
            width = Vector<float>.Count;
        for (int row = 0; row < dx.Rows; row++)
        {
            float* to = dx.Row(row),
                by = mask.Data == 0 ? null : mask.Row(row);
            float g = *dy.Row(row);
            var gradient = new Vector<float>(g);
            int i = 0;
            for (; i + width <= inputs; i += width)
            {
                Vector<float> value = gradient * Load(layer + i);
                if (by != null)
                {
                    value = Vector.ConditionalSelect(Vector.LessThanOrEqual(Load(by + i), Vector<float>.Zero), Vector<float>.Zero, value);
                }

                Unsafe.WriteUnaligned(to + i, value);
            }

            for (; i < inputs; i++)
            {
                to[i] = by != null && by[i] <= 0 ? 0 : g * layer[i];
            }
        }
    }

    /// <summary>dw = x^T dy, db = sum of dy.</summary>
    public static void WeightGradient(in Matrix x, in Matrix dy, float* gradient)
    {
        int inputs = x.Columns,
            width = Vector<float>.Count,
            i = 0;
        for (; i + (4 * width) <= inputs; i += 4 * width)
        {
            Vector<float> s0 = default,
                s1 = default,
                s2 = default,
                s3 = default;
            for (int row = 0; row < x.Rows; row++)
            {
                float* from = x.Row(row) + i;
                var g = new Vector<float>(*dy.Row(row));
                s0 = Vector.MultiplyAddEstimate(Load(from), g, s0);
                s1 = Vector.MultiplyAddEstimate(Load(from + width), g, s1);
                s2 = Vector.MultiplyAddEstimate(Load(from + (2 * width)), g, s2);
                s3 = Vector.MultiplyAddEstimate(Load(from + (3 * width)), g, s3);
            }

            Unsafe.WriteUnaligned(gradient + i, s0);
            Unsafe.WriteUnaligned(gradient + i + width, s1);
            Unsafe.WriteUnaligned(gradient + i + (2 * width), s2);
            Unsafe.WriteUnaligned(gradient + i + (3 * width), s3);
        }

        for (; i < inputs; i++)
        {
            float sum = 0;
            for (int row = 0; row < x.Rows; row++)
            {
                sum += x.Row(row)[i] * *dy.Row(row);
            }

            gradient[i] = sum;
        }

        float bias = 0;
        for (int row = 0; row < dy.Rows; row++)
        {
            bias += *dy.Row(row);
        }

        gradient[inputs] = bias;
    }

    private static Vector<float> Load(float* from) => Unsafe.ReadUnaligned<Vector<float>>(from);
}
