using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// What happens between two layers, on padded and aligned vectors (<see cref="DenseVector.Padding"/>). The padding may come out
/// as anything; only the first <c>count</c> entries mean something. NaN stays NaN throughout, so that it can be seen at the end.
/// </summary>
internal static unsafe class VectorActivations
{
    /// <summary>(x - mean) / sqrt(variance + epsilon) with the population variance.</summary>
    public static void LayerNorm(float* x, int count, float epsilon)
    {
        double sum = 0, squares = 0;
        for (int i = 0; i < count; i++)
        {
            sum += x[i];
        }

        double mean = sum / count;
        for (int i = 0; i < count; i++)
        {
            double distance = x[i] - mean;
            squares += distance * distance;
        }

        float shift = (float)mean, scale = (float)(1 / Math.Sqrt((squares / count) + epsilon));
        for (int i = 0; i < count; i++)
        {
            x[i] = (x[i] - shift) * scale;
        }
    }

    /// <summary>x where positive, else slope x x.</summary>
    public static void LeakyRelu(float* x, int count, float slope)
    {
        for (int i = 0; i < count; i++)
        {
            x[i] *= x[i] < 0f ? slope : 1f;
        }
    }

    /// <summary>tanh x = 1 - 2 / (exp(2x) + 1); within 1.2e-7 of it.</summary>
    public static void Tanh(float* x, int count)
    {
        Vector128<float> one = Vector128.Create(1f), two = Vector128.Create(2f);
        for (int i = 0; i < count; i += Vector128<float>.Count)
        {
            Vector128<float> value = Vector128.Load(x + i);
            (one - (two / (Vector128.Exp(value + value) + one))).Store(x + i);
        }
    }

    /// <summary>Lists the entries above zero (and NaN) with their places; returns how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int ListPositive(float* x, int count, int* indices, float* values)
    {
        int found = 0;
        for (int i = 0; i < count; i++)
        {
            // Without a branch: half of them go either way.
            indices[found] = i;
            values[found] = x[i];
            found += x[i] <= 0f ? 0 : 1;
        }

        return found;
    }

    /// <summary>Lists every entry.</summary>
    public static int ListAll(float* x, int count, int* indices, float* values)
    {
        for (int i = 0; i < count; i++)
        {
            indices[i] = i;
            values[i] = x[i];
        }

        return count;
    }
}
