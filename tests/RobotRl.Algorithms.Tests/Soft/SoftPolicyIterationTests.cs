using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Soft;

namespace RobotRl.Algorithms.Tests.Soft;

public sealed class SoftPolicyIterationTests
{
    private const double Tolerance = 1e-7;

    public static TheoryData<int, int, int, double, double> Cases => RandomMdp.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_Always_WorsensQNowhere(int seed, int states, int actions, double discount, double temperature)
    {
        FiniteMdp mdp = RandomMdp.Model(RandomMdp.Random(seed), states, actions, discount);
        var iteration = new SoftPolicyIteration(mdp, temperature, Tolerance);
        iteration.Step();
        for (int step = 0; step < 10; step++)
        {
            // The policies' values by the linear system, so that the test does not rest on the evaluation.
            double[] before = [.. iteration.Q],
                expected = RandomMdp.SolveQ(mdp, iteration.Policy, temperature);
            iteration.Step();
            Assert.InRange(RandomMdp.Distance(expected, iteration.Q), 0, Tolerance);
            Assert.All(before.Zip(iteration.Q.ToArray()), pair =>
                Assert.True(pair.Second >= pair.First - Tolerance, $"{pair.Second} is below {pair.First}")
            );
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Run_Ends_AtTheSoftmaxOfQ(int seed, int states, int actions, double discount, double temperature)
    {
        FiniteMdp mdp = RandomMdp.Model(RandomMdp.Random(seed), states, actions, discount);
        var iteration = new SoftPolicyIteration(mdp, temperature, Tolerance);
        iteration.Run();

        // Both ends of the fixed point: pi is the softmax of the Q that pi itself has.
        double[] own = RandomMdp.SolveQ(mdp, iteration.Policy, temperature);
        for (int row = 0; row < own.Length; row++)
        {
            int first = row - (row % actions);
            double total = own.Skip(first).Take(actions).Sum(q => Math.Exp((q - own[row]) / temperature));
            Assert.Equal(1 / total, iteration.Policy[row], 2 * Tolerance / temperature);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Run_Ends_WhereSoftValueIterationDoes(int seed, int states, int actions, double discount, double temperature)
    {
        FiniteMdp mdp = RandomMdp.Model(RandomMdp.Random(seed), states, actions, discount);
        var iteration = new SoftPolicyIteration(mdp, temperature, Tolerance);
        double[] optimal = RandomMdp.Table(RandomMdp.Random(seed + 100), mdp.Pairs, 10);
        int steps = iteration.Run(),
            sweeps = new SoftValueIteration(mdp, temperature).Solve(optimal, Tolerance);

        Assert.InRange(RandomMdp.Distance(optimal, iteration.Q), 0, 2 * Tolerance);
        Assert.InRange(steps, 1, Math.Max(2, sweeps));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_Returned_BoundsTheDistanceToTheOptimum(int seed, int states, int actions, double discount, double temperature)
    {
        FiniteMdp mdp = RandomMdp.Model(RandomMdp.Random(seed), states, actions, discount);
        double[] optimal = new double[mdp.Pairs];
        new SoftValueIteration(mdp, temperature).Solve(optimal, Tolerance);
        var iteration = new SoftPolicyIteration(mdp, temperature, Tolerance);
        for (int step = 0; step < 5; step++)
        {
            double bound = iteration.Step();
            Assert.InRange(RandomMdp.Distance(optimal, iteration.Q), 0, bound + Tolerance);
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Run_AsTheTemperatureFalls_ApproachesTheGreedyPolicy(int seed)
    {
        FiniteMdp mdp = RandomMdp.Model(RandomMdp.Random(seed), 10, 4, 0.9);
        double[] hard = Greedy(mdp);
        double previous = double.PositiveInfinity;
        foreach (double temperature in (double[])[1, 0.1, 0.01, 1e-3, 1e-4])
        {
            var iteration = new SoftPolicyIteration(mdp, temperature, Tolerance);
            iteration.Run();

            // 0 <= Q*_alpha - Q* <= gamma alpha log |A| / (1 - gamma): entropy is at most log |A| a step.
            double distance = RandomMdp.Distance(hard, iteration.Q);
            Assert.InRange(distance, 0, (0.9 * temperature * Math.Log(4) / 0.1) + (2 * Tolerance));
            Assert.True(distance <= previous + (2 * Tolerance), $"alpha {temperature}: {distance} is above {previous}");
            previous = distance;
            if (temperature == 1e-4)
            {
                AssertGreedy(hard, iteration.Policy, mdp.Actions);
            }
        }
    }

    [Fact]
    public void Constructor_OnBadNumbers_SaysWhich()
    {
        var mdp = new FiniteMdp(1, 1, [1], [0], 0.5);
        Assert.Equal(
            "Temperature alpha -1 must be finite and above 0.",
            Assert.Throws<ArgumentException>(() => _ = new SoftPolicyIteration(mdp, -1, 1)).Message
        );
        Assert.Equal(
            "Tolerance NaN must be finite and above 0.",
            Assert.Throws<ArgumentException>(() => _ = new SoftPolicyIteration(mdp, 1, double.NaN)).Message
        );
        Assert.Throws<ArgumentNullException>(() => _ = new SoftPolicyIteration(null!, 1, 1));
    }

    /// <summary>Q* without entropy, by value iteration with the hard maximum.</summary>
    private static double[] Greedy(FiniteMdp mdp)
    {
        double[] q = new double[mdp.Pairs];
        for (int sweep = 0; sweep < 400; sweep++)
        {
            double[] values = [.. q.Chunk(mdp.Actions).Select(row => row.Max())];
            for (int row = 0; row < q.Length; row++)
            {
                double[] next = mdp.Next(row / mdp.Actions, row % mdp.Actions).ToArray();
                q[row] = mdp.Rewards[row] + (mdp.Discount * next.Zip(values, (p, v) => p * v).Sum());
            }
        }

        return q;
    }

    private static void AssertGreedy(double[] hard, ReadOnlySpan<double> policy, int actions)
    {
        for (int first = 0; first < hard.Length; first += actions)
        {
            double[] row = hard[first..(first + actions)];
            int best = Array.IndexOf(row, row.Max());
            Assert.InRange(policy[first + best], 1 - 1e-9, 1);
        }
    }
}
