using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>The Euclidean norm of a gradient.</summary>
internal static class GradientNorm
{
    /// <summary>Scales <paramref name="gradient"/> down to <paramref name="most"/> (0: no bound); false, and untouched, where it is not finite.</summary>
    public static bool Bound(Span<float> gradient, double most)
    {
        float norm = MathF.Sqrt(SampleKernels.Dot(gradient, gradient));
        if (!float.IsFinite(norm))
        {
            return false;
        }

        if (most > 0 && norm > most)
        {
            float factor = (float)(most / norm);
            foreach (ref float component in gradient)
            {
                component *= factor;
            }
        }

        return true;
    }
}
