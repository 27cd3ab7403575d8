namespace RobotRl.Runtime.Admission;

/// <summary>
/// One-sided Mann-Whitney U test (Mann and Whitney, 1947), normal approximation with corrections for ties and continuity.
/// </summary>
public static class RankTest
{
    /// <summary>
    /// Probability of samples at least as low against <paramref name="reference"/> as <paramref name="sample"/>, were both drawn
    /// alike. 1 where one is empty or all numbers are equal.
    /// </summary>
    public static double LowerProbability(ReadOnlySpan<double> sample, ReadOnlySpan<double> reference)
    {
        double wins = 0,
            n = sample.Length,
            m = reference.Length,
            all = n + m;
        double[] pooled = [.. sample, .. reference];
        foreach (double value in sample)
        {
            foreach (double other in reference)
            {
                wins +=
                    value > other ? 1
                    : value == other ? 0.5
                    : 0;
            }
        }

        Array.Sort(pooled);
        double ties = 0;
        for (int start = 0, end; start < pooled.Length; start = end)
        {
            for (end = start + 1; end < pooled.Length && pooled[end] == pooled[start]; end++) { }

            double run = end - start;
            ties += (run * run * run) - run;
        }

        double variance = n * m / 12 * (all + 1 - (ties / (all * (all - 1))));
        return variance > 0 ? LowerTail((wins + 0.5 - (n * m / 2)) / Math.Sqrt(variance)) : 1;
    }

    /// <summary>The standard normal distribution function, to about 1e-12 relative in the lower tail.</summary>
    internal static double LowerTail(double z)
    {
        if (z > 0)
        {
            return 1 - LowerTail(-z);
        }

        double x = -z,
            density = Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);
        if (x < 3)
        {
            // 1/2 - density (x + x^3/3 + x^5/(3 5) + ...), Abramowitz and Stegun 26.2.11.
            double term = x,
                sum = x;
            for (int k = 3; term > 1e-17 * sum; k += 2)
            {
                term *= x * x / k;
                sum += term;
            }

            return 0.5 - (density * sum);
        }

        // Continued fraction, Abramowitz and Stegun 26.2.14.
        double fraction = x;
        for (int k = 60; k > 0; k--)
        {
            fraction = x + (k / fraction);
        }

        return density / fraction;
    }
}
