using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// What happens between two layers, on padded and aligned vectors (<see cref="DenseVector.Padding"/>). The padding may come out
/// as anything; only the first <c>count</c> entries mean something. NaN stays NaN throughout, so that it can be seen at the end.
/// </summary>
internal static unsafe class VectorActivations
{
    // Row m: the places of the bits that are set in m, for one byte's worth of comparisons.
    private static readonly byte* s_places = Places();

    /// <summary>(x - mean) / sqrt(variance + epsilon) with the population variance.</summary>
    public static void LayerNorm(float* x, int count, float epsilon)
    {
        Vector256<float> sums = Vector256<float>.Zero,
            squares = Vector256<float>.Zero;
        int whole = count / Vector256<float>.Count * Vector256<float>.Count;
        for (int i = 0; i < whole; i += Vector256<float>.Count)
        {
            sums += Vector256.Load(x + i);
        }

        float sum = Vector256.Sum(sums);
        for (int i = whole; i < count; i++)
        {
            sum += x[i];
        }

        float mean = sum / count,
            variance = 0f;
        Vector256<float> shift = Vector256.Create(mean);
        for (int i = 0; i < whole; i += Vector256<float>.Count)
        {
            Vector256<float> distance = Vector256.Load(x + i) - shift;
            squares += distance * distance;
            distance.Store(x + i);
        }

        for (int i = whole; i < count; i++)
        {
            x[i] -= mean;
            variance += x[i] * x[i];
        }

        variance = (variance + Vector256.Sum(squares)) / count;
        Vector256<float> scale = Vector256.Create(1f / MathF.Sqrt(variance + epsilon));
        for (int i = 0; i < count; i += Vector256<float>.Count)
        {
            (Vector256.Load(x + i) * scale).Store(x + i);
        }
    }

    /// <summary>x where positive, else slope x x.</summary>
    public static void LeakyRelu(float* x, int count, float slope)
    {
        for (int i = 0; i < count; i += Vector256<float>.Count)
        {
            Vector256<float> value = Vector256.Load(x + i);
            Vector256.ConditionalSelect(Vector256.LessThan(value, Vector256<float>.Zero), value * slope, value).Store(x + i);
        }
    }

    /// <summary>tanh x = 1 - 2 / (exp(2x) + 1), within 2.4e-7 of it.</summary>
    public static void Tanh(float* x, int count)
    {
        Vector256<float> one = Vector256.Create(1f),
            two = Vector256.Create(2f);
        for (int i = 0; i < count; i += Vector256<float>.Count)
        {
            Vector256<float> value = Vector256.Load(x + i);
            (one - (two / (Vector256.Exp(value + value) + one))).Store(x + i);
        }
    }

    /// <summary>
    /// ReLU as a list: the entries above zero (and NaN) and their places; returns how many. Writes up to a register's length past
    /// them, within the padding.
    /// </summary>
    public static int ListPositive(float* x, int count, int* indices, float* values, SimdWidth width)
    {
        int padded = DenseVector.Padded(count),
            found = 0;
        if (width == SimdWidth.Vector512 && Avx512F.IsSupported)
        {
            Vector512<int> places = Vector512<int>.Indices,
                step = Vector512.Create(Vector512<int>.Count);
            for (int i = 0; i < padded; i += Vector512<float>.Count)
            {
                Vector512<float> value = Vector512.Load(x + i),
                    positive = ~Vector512.LessThanOrEqual(value, Vector512<float>.Zero);
                Avx512F.Compress(Vector512<float>.Zero, positive, value).Store(values + found);
                Avx512F.Compress(Vector512<int>.Zero, positive.AsInt32(), places).Store(indices + found);
                found += int.PopCount((int)positive.ExtractMostSignificantBits());
                places += step;
            }
        }
        else if (width >= SimdWidth.Vector256 && Avx2.IsSupported)
        {
            for (int i = 0; i < padded; i += Vector256<float>.Count)
            {
                Vector256<float> value = Vector256.Load(x + i);
                int positive = (int)(~Vector256.LessThanOrEqual(value, Vector256<float>.Zero)).ExtractMostSignificantBits();
                Vector256<int> places = Avx2.ConvertToVector256Int32(s_places + (8 * positive));
                Avx2.PermuteVar8x32(value, places).Store(values + found);
                (places + Vector256.Create(i)).Store(indices + found);
                found += int.PopCount(positive);
            }
        }
        else
        {
            for (int i = 0; i < count; i++)
            {
                // Without a branch: half of them go either way.
                indices[found] = i;
                values[found] = x[i];
                found += x[i] <= 0f ? 0 : 1;
            }
        }

        // Padding that a NaN has got into.
        while (found > 0 && indices[found - 1] >= count)
        {
            found--;
        }

        return found;
    }

    private static byte* Places()
    {
        byte* places = (byte*)NativeMemory.AllocZeroed(256 * 8);
        for (int mask = 0; mask < 256; mask++)
        {
            int found = 0;
            for (int bit = 0; bit < 8; bit++)
            {
                if ((mask & (1 << bit)) != 0)
                {
                    places[(8 * mask) + found++] = (byte)bit;
                }
            }
        }

        return places;
    }
}
