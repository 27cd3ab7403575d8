using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>The Euclidean norm of a gradient.</summary>
internal static class GradientNorm
{
    // Optimisers square a gradient in single precision: 1.8e19 squared is its greatest number.
    private const double Greatest = 1e18;

    /// <summary>
    /// Scales <paramref name="gradient"/> down to <paramref name="most"/> (0: no bound but what an optimiser can square); false, and
    /// untouched, where a component is not finite.
    /// </summary>
    public static bool Bound(Span<float> gradient, double most)
    {
        // Single precision while its range lasts: cheaper, and runs of before go on bit for bit. Squares of finite numbers above
        // 1.8e19 need double.
        float square = SampleKernels.Dot(gradient, gradient);
        double norm = float.IsFinite(square) ? MathF.Sqrt(square) : Math.Sqrt(SampleKernels.WideDot(gradient, gradient));
        double bound = most > 0 ? Math.Min(most, Greatest) : Greatest;
        if (!double.IsFinite(norm))
        {
            return false;
        }

        if (norm > bound)
        {
            double factor = bound / norm;
            if (float.IsFinite(square))
            {
                factor = (float)factor;
            }

            foreach (ref float component in gradient)
            {
                component = (float)(component * factor);
            }
        }

        return true;
    }
}
