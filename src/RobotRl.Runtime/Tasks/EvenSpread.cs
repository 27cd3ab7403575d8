namespace RobotRl.Runtime.Tasks;

/// <summary>
/// Points spread evenly over a box, for any count: cell midpoints along the first side and an additive recurrence along the
/// others, whose step is a power of the generalised golden ratio (M. Roberts, "The unreasonable effectiveness of
/// quasirandom sequences", 2018). For two sides that is the Fibonacci lattice's recurrence.
/// </summary>
internal static class EvenSpread
{
    // Roots of x^(d+1) = x + 1 for d = 1, 2, 3 recurring sides.
    private const double Ratio1 = 1.6180339887498949,
        Ratio2 = 1.3247179572447460,
        Ratio3 = 1.2207440846057596;

    /// <summary>
    /// Fills <paramref name="point"/> (1 to 4 sides) with point <paramref name="index"/> of <paramref name="count"/>, in (0, 1).
    /// </summary>
    public static void Fill(int index, int count, Span<double> point)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(point.Length, 4, nameof(point));
        point[0] = (index + 0.5) / count;
        double ratio = point.Length switch
        {
            2 => Ratio1,
            3 => Ratio2,
            _ => Ratio3,
        };
        double step = 1;
        for (int side = 1; side < point.Length; side++)
        {
            step /= ratio;
            double value = 0.5 + (index * step);
            point[side] = value - Math.Floor(value);
        }
    }

    /// <summary>Maps a fraction to [<paramref name="minimum"/>, <paramref name="maximum"/>).</summary>
    public static double Between(double minimum, double maximum, double fraction) => minimum + ((maximum - minimum) * fraction);
}
