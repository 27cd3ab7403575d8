namespace RobotRl.Algorithms.Soft;

/// <summary>Checks of probabilities and of the numbers that the soft methods take.</summary>
internal static class Distributions
{
    /// <summary>What keeps <paramref name="row"/> from being a distribution, or null.</summary>
    /// <param name="row">Probabilities.</param>
    /// <param name="entry">What an entry is the probability of, as in "to state".</param>
    public static string? Fault(ReadOnlySpan<double> row, string entry)
    {
        double sum = 0;
        for (int i = 0; i < row.Length; i++)
        {
            if (!(row[i] >= 0 && row[i] <= 1 + FiniteMdp.SumTolerance))
            {
                return FormattableString.Invariant($"probability {row[i]} {entry} {i} is outside [0, 1].");
            }

            sum += row[i];
        }

        return Math.Abs(sum - 1) <= FiniteMdp.SumTolerance ? null : FormattableString.Invariant($"probabilities sum to {sum}, not to 1.");
    }

    /// <summary>Returns <paramref name="temperature"/> where it is finite and above 0.</summary>
    public static double Temperature(double temperature) => Positive(temperature, "Temperature alpha");

    /// <summary>Returns <paramref name="tolerance"/> where it is finite and above 0.</summary>
    public static double Tolerance(double tolerance) => Positive(tolerance, "Tolerance");

    private static double Positive(double value, string what) =>
        double.IsFinite(value) && value > 0
            ? value
            : throw new ArgumentException(FormattableString.Invariant($"{what} {value} must be finite and above 0."));
}
