using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Soft;

namespace RobotRl.Algorithms.Tests.Soft;

/// <summary>Random models, policies and tables, and what they are compared with.</summary>
internal static class RandomMdp
{
    private const ulong Stream = 77;

    /// <summary>Seeds with states, actions, discount and temperature that differ in kind.</summary>
    public static TheoryData<int, int, int, double, double> Cases =>
        new()
        {
            { 1, 1, 3, 0.9, 0.5 },
            { 2, 2, 2, 0.0, 1.0 },
            { 3, 5, 3, 0.5, 0.05 },
            { 4, 8, 4, 0.9, 1.0 },
            { 5, 12, 2, 0.95, 0.2 },
            { 6, 20, 5, 0.99, 3.0 },
            { 7, 7, 1, 0.8, 0.7 },
        };

    public static CounterRandom Random(int seed) => new((ulong)seed, Stream);

    /// <summary>Rows with about half of their entries 0; rewards uniform in [-2, 2).</summary>
    public static FiniteMdp Model(CounterRandom random, int states, int actions, double discount)
    {
        double[] transitions = new double[states * actions * states],
            rewards = Table(random, states * actions, 2);
        for (int first = 0; first < transitions.Length; first += states)
        {
            FillDistribution(random, transitions.AsSpan(first, states));
        }

        return new FiniteMdp(states, actions, transitions, rewards, discount);
    }

    /// <summary>A policy with about half of its probabilities 0.</summary>
    public static double[] Policy(CounterRandom random, FiniteMdp mdp)
    {
        double[] policy = new double[mdp.Pairs];
        for (int first = 0; first < policy.Length; first += mdp.Actions)
        {
            FillDistribution(random, policy.AsSpan(first, mdp.Actions));
        }

        return policy;
    }

    public static double[] Table(CounterRandom random, int length, double bound) =>
        [.. Enumerable.Range(0, length).Select(_ => random.NextDouble(-bound, bound))];

    public static double Distance(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        double largest = 0;
        for (int i = 0; i < left.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(left[i] - right[i]));
        }

        return largest;
    }

    /// <summary>Q^pi from (I - gamma P_pi) V = r_pi + alpha H(pi), by elimination with row pivots.</summary>
    public static double[] SolveQ(FiniteMdp mdp, ReadOnlySpan<double> policy, double temperature)
    {
        int n = mdp.States;
        double[,] system = new double[n, n + 1];
        for (int s = 0; s < n; s++)
        {
            system[s, s] = 1;
            for (int a = 0; a < mdp.Actions; a++)
            {
                double p = policy[(s * mdp.Actions) + a];
                system[s, n] += p * mdp.Rewards[(s * mdp.Actions) + a];
                system[s, n] -= p > 0 ? temperature * p * Math.Log(p) : 0;
                for (int t = 0; t < n; t++)
                {
                    system[s, t] -= mdp.Discount * p * mdp.Next(s, a)[t];
                }
            }
        }

        double[] values = Eliminate(system, n),
            q = new double[mdp.Pairs];
        for (int row = 0; row < q.Length; row++)
        {
            ReadOnlySpan<double> next = mdp.Next(row / mdp.Actions, row % mdp.Actions);
            q[row] = mdp.Rewards[row];
            for (int t = 0; t < n; t++)
            {
                q[row] += mdp.Discount * next[t] * values[t];
            }
        }

        return q;
    }

    private static double[] Eliminate(double[,] system, int n)
    {
        for (int column = 0; column < n; column++)
        {
            int pivot = Enumerable.Range(column, n - column).MaxBy(row => Math.Abs(system[row, column]));
            for (int j = column; j <= n; j++)
            {
                (system[column, j], system[pivot, j]) = (system[pivot, j], system[column, j]);
            }

            for (int row = 0; row < n; row++)
            {
                double factor = row == column ? 0 : system[row, column] / system[column, column];
                for (int j = column; j <= n; j++)
                {
                    system[row, j] -= factor * system[column, j];
                }
            }
        }

        return [.. Enumerable.Range(0, n).Select(row => system[row, n] / system[row, row])];
    }

    private static void FillDistribution(CounterRandom random, Span<double> row)
    {
        double total = 0;
        int kept = random.NextInt32(row.Length);
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = i == kept || random.NextInt32(2) == 0 ? -Math.Log(1 - random.NextDouble()) + 1e-6 : 0;
            total += row[i];
        }

        for (int i = 0; i < row.Length; i++)
        {
            row[i] /= total;
        }
    }
}
