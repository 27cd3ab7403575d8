using System.Globalization;

namespace RobotRl.Algorithms.Soft;

/// <summary>When an iteration that contracts at gamma has come close enough, and how long that may take.</summary>
internal static class FixedPoint
{
    /// <summary>Repeats <paramref name="step"/> until the error it leaves is within <paramref name="tolerance"/>.</summary>
    /// <param name="what">The iteration's name, for the message.</param>
    /// <param name="discount">gamma, the rate of contraction.</param>
    /// <param name="tolerance">Largest error allowed.</param>
    /// <param name="slack">By what factor the k-th error may exceed gamma^k times the first.</param>
    /// <param name="step">One step; returns a bound on the distance that is left to the fixed point, in the maximum norm.</param>
    /// <returns>Steps taken.</returns>
    /// <exception cref="InvalidOperationException">gamma^k is small enough and the error is not (rounding), or values
    /// overflowed.</exception>
    public static int Run(string what, double discount, double tolerance, double slack, Func<double> step)
    {
        double error = step(),
            allowed = error * slack;
        int steps = 1;
        while (!(error <= tolerance))
        {
            if (!double.IsFinite(error))
            {
                throw new InvalidOperationException(
                    $"{what}: values left the range of double precision after {steps} steps. Scale the rewards down."
                );
            }

            // Half the tolerance: the bound is exact arithmetic's, and the last steps are not.
            if (!(allowed > 0.5 * tolerance))
            {
                throw new InvalidOperationException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{what}: after {steps} steps the error bound is {error:g3}, not the {tolerance:g3} that contraction "
                            + $"at {discount} promises; the arithmetic's own error keeps it there. Raise the tolerance."
                    )
                );
            }

            error = step();
            allowed *= discount;
            steps++;
        }

        return steps;
    }
}
