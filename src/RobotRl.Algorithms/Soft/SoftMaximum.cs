namespace RobotRl.Algorithms.Soft;

/// <summary>Log-sum-exp and softmax at a temperature; neither overflows.</summary>
internal static class SoftMaximum
{
    /// <summary>V(s) = alpha log sum_a exp(Q(s,a) / alpha) [arXiv 1702.08165 Theorem 3], for every state.</summary>
    public static void Values(ReadOnlySpan<double> q, int actions, double temperature, Span<double> values)
    {
        for (int s = 0; s < values.Length; s++)
        {
            values[s] = Value(q.Slice(s * actions, actions), temperature);
        }
    }

    /// <summary>pi(a|s) = exp(Q(s,a) / alpha) / sum_b exp(Q(s,b) / alpha) [arXiv 1801.01290 eq. 4], for every state.</summary>
    public static void Policy(ReadOnlySpan<double> q, int actions, double temperature, Span<double> policy)
    {
        for (int first = 0; first < q.Length; first += actions)
        {
            ReadOnlySpan<double> row = q.Slice(first, actions);
            double largest = Largest(row),
                total = 0;
            for (int a = 0; a < actions; a++)
            {
                policy[first + a] = Math.Exp((row[a] - largest) / temperature);
                total += policy[first + a];
            }

            for (int a = 0; a < actions; a++)
            {
                policy[first + a] /= total;
            }
        }
    }

    private static double Value(ReadOnlySpan<double> row, double temperature)
    {
        double largest = Largest(row),
            total = 0;
        foreach (double value in row)
        {
            total += Math.Exp((value - largest) / temperature);
        }

        return largest + (temperature * Math.Log(total));
    }

    private static double Largest(ReadOnlySpan<double> row)
    {
        double largest = row[0];
        foreach (double value in row)
        {
            largest = Math.Max(largest, value);
        }

        return largest;
    }
}
