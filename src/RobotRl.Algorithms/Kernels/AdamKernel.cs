using System.Numerics;
using System.Runtime.CompilerServices;

namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// Adam (arXiv 1412.6980, algorithm 1, in the form of torch.optim.Adam) and the target average behind it, one pass over flat blocks:
/// m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p = p - lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps); p' = p' + tau (p - p').
/// </summary>
internal static unsafe class AdamKernel
{
    /// <summary>Components of a gradient count as no greater than this: squares above 3.4e38 are not finite in single precision.</summary>
    public const float Greatest = 1e18f;

    private const float Beta2 = 0.999f,
        Epsilon = 1e-8f; // the paper's and PyTorch's defaults

    /// <summary>One step; false, and nothing is changed, where a component of the gradient is not finite.</summary>
    /// <param name="p">Parameters.</param>
    /// <param name="g">Their gradient.</param>
    /// <param name="m">First moment.</param>
    /// <param name="v">Second moment.</param>
    /// <param name="count">Length of all blocks; whole registers of 16 floats.</param>
    /// <param name="step">t, from 1.</param>
    /// <param name="learningRate">lr.</param>
    /// <param name="beta1">b1.</param>
    /// <param name="target">p', or null.</param>
    /// <param name="targetRate">tau.</param>
    public static bool Step(
        float* p,
        float* g,
        float* m,
        float* v,
        long count,
        long step,
        double learningRate,
        float beta1,
        float* target,
        float targetRate
    )
    {
        if (!AllFinite(g, count))
        {
            return false;
        }

        double correction1 = 1 - Math.Pow(beta1, step),
            correction2 = 1 - Math.Pow(Beta2, step);
        var stepSize = new Vector<float>((float)(learningRate / correction1));
        var rootScale = new Vector<float>((float)(1 / Math.Sqrt(correction2)));
        Vector<float> rate1 = new(1 - beta1),
            rate2 = new(1 - Beta2),
            epsilon = new(Epsilon),
            tau = new(targetRate),
            most = new(Greatest);
        for (long i = 0; i < count; i += Vector<float>.Count)
        {
            Vector<float> gradient = Vector.Min(Vector.Max(Load(g + i), -most), most),
                first = Load(m + i),
                second = Load(v + i);
            first += (gradient - first) * rate1;
            second += ((gradient * gradient) - second) * rate2;
            Vector<float> parameter = Load(p + i) - (stepSize * first / ((Vector.SquareRoot(second) * rootScale) + epsilon));
            Store(first, m + i);
            Store(second, v + i);
            Store(parameter, p + i);
            if (target != null)
            {
                Vector<float> slow = Load(target + i);
                Store(slow + ((parameter - slow) * tau), target + i);
            }
        }

        return true;
    }

    /// <summary>Whether all are finite; whole registers.</summary>
    private static bool AllFinite(float* values, long count)
    {
        Vector<float> sum = Vector<float>.Zero;
        for (long i = 0; i < count; i += Vector<float>.Count)
        {
            // 0 for finite numbers, otherwise no number.
            Vector<float> value = Load(values + i);
            sum += value - value;
        }

        return Vector.EqualsAll(sum, Vector<float>.Zero);
    }

    /// <summary>The same for one number.</summary>
    public static bool Step(ref float p, float g, ref float m, ref float v, long step, double learningRate, float beta1)
    {
        if (!float.IsFinite(g))
        {
            return false;
        }

        g = Math.Clamp(g, -Greatest, Greatest);
        double correction1 = 1 - Math.Pow(beta1, step),
            correction2 = 1 - Math.Pow(Beta2, step);
        m += (g - m) * (1 - beta1);
        v += ((g * g) - v) * (1 - Beta2);
        p -= (float)(learningRate / correction1) * m / ((MathF.Sqrt(v) * (float)(1 / Math.Sqrt(correction2))) + Epsilon);
        return true;
    }

    /// <summary>p' = p' + tau (p - p') alone.</summary>
    public static void Average(float* p, float* target, long count, float targetRate)
    {
        var tau = new Vector<float>(targetRate);
        for (long i = 0; i < count; i += Vector<float>.Count)
        {
            Vector<float> slow = Load(target + i);
            Store(slow + ((Load(p + i) - slow) * tau), target + i);
        }
    }

    private static Vector<float> Load(float* from) => Unsafe.ReadUnaligned<Vector<float>>(from);

    private static void Store(Vector<float> value, float* to) => Unsafe.WriteUnaligned(to, value);
}
