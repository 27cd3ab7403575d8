using System.Numerics;
using System.Runtime.InteropServices;

namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// Dense kernels for one sample at a time, over weights [inputs, outputs] in row-major order. All are portable
/// <see cref="Vector{T}"/> code (AVX2, AVX-512 machines and NEON), allocate nothing and add in a fixed order, so that the same
/// kind of CPU gives the same bits.
/// </summary>
internal static class SampleKernels
{
    /// <summary>output = bias + input x weights.</summary>
    public static void Affine(ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, ReadOnlySpan<float> input, Span<float> output)
    {
        int outputs = output.Length,
            width = Vector<float>.Count,
            column = 0;
        Check(weights.Length == input.Length * outputs && bias.Length == outputs);
        ref float w = ref MemoryMarshal.GetReference(weights);
        ref float b = ref MemoryMarshal.GetReference(bias);
        ref float y = ref MemoryMarshal.GetReference(output);

        // Eight accumulators hide the latency of the multiply-add.
        for (; column + (8 * width) <= outputs; column += 8 * width)
        {
            nuint c = (nuint)column,
                v = (nuint)width,
                o = c;
            Vector<float> a0 = Vector.LoadUnsafe(ref b, c),
                a1 = Vector.LoadUnsafe(ref b, c + v);
            Vector<float> a2 = Vector.LoadUnsafe(ref b, c + (2 * v)),
                a3 = Vector.LoadUnsafe(ref b, c + (3 * v));
            Vector<float> a4 = Vector.LoadUnsafe(ref b, c + (4 * v)),
                a5 = Vector.LoadUnsafe(ref b, c + (5 * v));
            Vector<float> a6 = Vector.LoadUnsafe(ref b, c + (6 * v)),
                a7 = Vector.LoadUnsafe(ref b, c + (7 * v));
            for (int i = 0; i < input.Length; i++, o += (nuint)outputs)
            {
                var x = new Vector<float>(input[i]);
                a0 = Vector.MultiplyAddEstimate(x, Vector.LoadUnsafe(ref w, o), a0);
                a1 = Vector.MultiplyAddEstimate(x, Vector.LoadUnsafe(ref w, o + v), a1);
                a2 = Vector.MultiplyAddEstimate(x, Vector.LoadUnsafe(ref w, o + (2 * v)), a2);
                a3 = Vector.MultiplyAddEstimate(x, Vector.LoadUnsafe(ref w, o + (3 * v)), a3);
                a4 = Vector.MultiplyAddEstimate(x, Vector.LoadUnsafe(ref w, o + (4 * v)), a4);
                a5 = Vector.MultiplyAddEstimate(x, Vector.LoadUnsafe(ref w, o + (5 * v)), a5);
                a6 = Vector.MultiplyAddEstimate(x, Vector.LoadUnsafe(ref w, o + (6 * v)), a6);
                a7 = Vector.MultiplyAddEstimate(x, Vector.LoadUnsafe(ref w, o + (7 * v)), a7);
            }

            a0.StoreUnsafe(ref y, c);
            a1.StoreUnsafe(ref y, c + v);
            a2.StoreUnsafe(ref y, c + (2 * v));
            a3.StoreUnsafe(ref y, c + (3 * v));
            a4.StoreUnsafe(ref y, c + (4 * v));
            a5.StoreUnsafe(ref y, c + (5 * v));
            a6.StoreUnsafe(ref y, c + (6 * v));
            a7.StoreUnsafe(ref y, c + (7 * v));
        }

        for (; column + width <= outputs; column += width)
        {
            nuint o = (nuint)column;
            Vector<float> sum = Vector.LoadUnsafe(ref b, o);
            for (int i = 0; i < input.Length; i++, o += (nuint)outputs)
            {
                sum = Vector.MultiplyAddEstimate(new Vector<float>(input[i]), Vector.LoadUnsafe(ref w, o), sum);
            }

            sum.StoreUnsafe(ref y, (nuint)column);
        }

        for (; column < outputs; column++)
        {
            float sum = bias[column];
            for (int i = 0, o = column; i < input.Length; i++, o += outputs)
            {
                sum += input[i] * weights[o];
            }

            output[column] = sum;
        }
    }

    /// <summary>
    /// trace = decay x trace + input (outer) outputGradient, and, where asked for, inputGradient = weights x outputGradient, in
    /// one pass. Returns the sum of the absolute values of the trace.
    /// </summary>
    /// <param name="weights">[inputs, outputs]; read only where <paramref name="inputGradient"/> is not empty.</param>
    /// <param name="input">[inputs].</param>
    /// <param name="outputGradient">[outputs].</param>
    /// <param name="inputGradient">[inputs], or empty for the first layer.</param>
    /// <param name="decay">Factor on what the trace held; 0 overwrites it (a NaN in it too).</param>
    /// <param name="trace">[inputs, outputs].</param>
    public static float AccumulateOuter(
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> input,
        ReadOnlySpan<float> outputGradient,
        Span<float> inputGradient,
        float decay,
        Span<float> trace
    )
    {
        int outputs = outputGradient.Length;
        Check(
            trace.Length == input.Length * outputs
                && (inputGradient.IsEmpty || (inputGradient.Length == input.Length && weights.Length == trace.Length))
        );
        float sum = 0;
        for (int i = 0; i < input.Length; i++)
        {
            sum += AccumulateScaled(outputGradient, input[i], decay, trace.Slice(i * outputs, outputs));
            if (!inputGradient.IsEmpty)
            {
                inputGradient[i] = Dot(weights.Slice(i * outputs, outputs), outputGradient);
            }
        }

        return sum;
    }

    /// <summary>trace = decay x trace + scale x gradient; returns the sum of absolute values of the trace.</summary>
    public static float AccumulateScaled(ReadOnlySpan<float> gradient, float scale, float decay, Span<float> trace)
    {
        Check(gradient.Length == trace.Length);
        if (decay == 0)
        {
            trace.Clear();
        }

        ref float g = ref MemoryMarshal.GetReference(gradient);
        ref float e = ref MemoryMarshal.GetReference(trace);
        int width = Vector<float>.Count,
            i = 0;
        Vector<float> s = new(scale),
            d = new(decay),
            sum0 = Vector<float>.Zero,
            sum1 = Vector<float>.Zero;
        for (; i + (2 * width) <= trace.Length; i += 2 * width)
        {
            nuint o = (nuint)i,
                p = o + (nuint)width;
            Vector<float> e0 = Vector.MultiplyAddEstimate(s, Vector.LoadUnsafe(ref g, o), d * Vector.LoadUnsafe(ref e, o));
            Vector<float> e1 = Vector.MultiplyAddEstimate(s, Vector.LoadUnsafe(ref g, p), d * Vector.LoadUnsafe(ref e, p));
            e0.StoreUnsafe(ref e, o);
            e1.StoreUnsafe(ref e, p);
            sum0 += Vector.Abs(e0);
            sum1 += Vector.Abs(e1);
        }

        float sum = Vector.Sum(sum0 + sum1);
        for (; i < trace.Length; i++)
        {
            float value = (scale * gradient[i]) + (decay * trace[i]);
            trace[i] = value;
            sum += MathF.Abs(value);
        }

        return sum;
    }

    /// <summary>Sum of the products.</summary>
    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        Check(left.Length == right.Length);
        ref float a = ref MemoryMarshal.GetReference(left);
        ref float b = ref MemoryMarshal.GetReference(right);
        int width = Vector<float>.Count,
            i = 0;
        Vector<float> sum0 = Vector<float>.Zero,
            sum1 = sum0,
            sum2 = sum0,
            sum3 = sum0;
        for (; i + (4 * width) <= left.Length; i += 4 * width)
        {
            nuint o = (nuint)i,
                v = (nuint)width;
            sum0 = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref a, o), Vector.LoadUnsafe(ref b, o), sum0);
            sum1 = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref a, o + v), Vector.LoadUnsafe(ref b, o + v), sum1);
            sum2 = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref a, o + (2 * v)), Vector.LoadUnsafe(ref b, o + (2 * v)), sum2);
            sum3 = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref a, o + (3 * v)), Vector.LoadUnsafe(ref b, o + (3 * v)), sum3);
        }

        for (; i + width <= left.Length; i += width)
        {
            sum0 = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref a, (nuint)i), Vector.LoadUnsafe(ref b, (nuint)i), sum0);
        }

        float sum = Vector.Sum(sum0 + sum1 + (sum2 + sum3));
        for (; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }

    /// <summary>target = target + scale x source.</summary>
    public static void AddScaled(ReadOnlySpan<float> source, float scale, Span<float> target)
    {
        Check(source.Length == target.Length);
        ref float a = ref MemoryMarshal.GetReference(source);
        ref float y = ref MemoryMarshal.GetReference(target);
        int width = Vector<float>.Count,
            i = 0;
        var s = new Vector<float>(scale);
        for (; i + width <= target.Length; i += width)
        {
            Vector
                .MultiplyAddEstimate(s, Vector.LoadUnsafe(ref a, (nuint)i), Vector.LoadUnsafe(ref y, (nuint)i))
                .StoreUnsafe(ref y, (nuint)i);
        }

        for (; i < target.Length; i++)
        {
            target[i] += scale * source[i];
        }
    }

    /// <summary>Sum of the values.</summary>
    public static float Sum(ReadOnlySpan<float> values)
    {
        ref float a = ref MemoryMarshal.GetReference(values);
        int width = Vector<float>.Count,
            i = 0;
        Vector<float> sums = Vector<float>.Zero;
        for (; i + width <= values.Length; i += width)
        {
            sums += Vector.LoadUnsafe(ref a, (nuint)i);
        }

        float sum = Vector.Sum(sums);
        for (; i < values.Length; i++)
        {
            sum += values[i];
        }

        return sum;
    }

    /// <summary>output = input where positive, else slope x input; a NaN stays one.</summary>
    public static void LeakyRelu(ReadOnlySpan<float> input, float slope, Span<float> output)
    {
        Check(input.Length == output.Length);
        ref float a = ref MemoryMarshal.GetReference(input);
        ref float y = ref MemoryMarshal.GetReference(output);
        int width = Vector<float>.Count,
            i = 0;
        for (; i + width <= output.Length; i += width)
        {
            Vector<float> x = Vector.LoadUnsafe(ref a, (nuint)i);
            Vector.ConditionalSelect(Vector.GreaterThan(x, Vector<float>.Zero), x, x * slope).StoreUnsafe(ref y, (nuint)i);
        }

        for (; i < output.Length; i++)
        {
            output[i] = input[i] > 0 ? input[i] : slope * input[i];
        }
    }

    /// <summary>gradient = gradient where the activation's output is positive, else slope x gradient.</summary>
    public static void BackThroughLeakyRelu(ReadOnlySpan<float> activated, float slope, Span<float> gradient)
    {
        Check(activated.Length == gradient.Length);
        ref float a = ref MemoryMarshal.GetReference(activated);
        ref float y = ref MemoryMarshal.GetReference(gradient);
        int width = Vector<float>.Count,
            i = 0;
        for (; i + width <= gradient.Length; i += width)
        {
            Vector<float> g = Vector.LoadUnsafe(ref y, (nuint)i);
            Vector<float> x = Vector.LoadUnsafe(ref a, (nuint)i);
            Vector.ConditionalSelect(Vector.GreaterThan(x, Vector<float>.Zero), g, g * slope).StoreUnsafe(ref y, (nuint)i);
        }

        for (; i < gradient.Length; i++)
        {
            gradient[i] *= activated[i] > 0 ? 1 : slope;
        }
    }

    /// <summary>
    /// values = values / |values|; zeros stay zeros, and where the length is no number neither are they. Returns the factor.
    /// </summary>
    public static float ScaleToUnit(Span<float> values)
    {
        float square = Dot(values, values),
            inverse;
        if (float.IsNormal(square))
        {
            inverse = 1f / MathF.Sqrt(square);
        }
        else
        {
            // Squares of finite numbers above 1.8e19 and below 1e-19 need double precision.
            double wide = WideDot(values, values);
            inverse =
                wide == 0 ? 0
                : double.IsFinite(wide) ? (float)(1 / Math.Sqrt(wide))
                : float.NaN;
        }

        for (int i = 0; i < values.Length; i++)
        {
            values[i] *= inverse;
        }

        return inverse;
    }

    /// <summary>Sum of the products, multiplied and added up in double precision: finite for all finite numbers.</summary>
    public static double WideDot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        Check(left.Length == right.Length);
        ref float a = ref MemoryMarshal.GetReference(left);
        ref float b = ref MemoryMarshal.GetReference(right);
        int i = 0;
        Vector<double> sum0 = Vector<double>.Zero,
            sum1 = sum0;
        for (; i + Vector<float>.Count <= left.Length; i += Vector<float>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref a, (nuint)i), out Vector<double> lowA, out Vector<double> highA);
            Vector.Widen(Vector.LoadUnsafe(ref b, (nuint)i), out Vector<double> lowB, out Vector<double> highB);
            sum0 += lowA * lowB;
            sum1 += highA * highB;
        }

        double sum = Vector.Sum(sum0 + sum1);
        for (; i < left.Length; i++)
        {
            sum += (double)left[i] * right[i];
        }

        return sum;
    }

    private static void Check(bool fits)
    {
        if (!fits)
        {
            throw new ArgumentException("The lengths of weights, input and output do not fit together.");
        }
    }
}
