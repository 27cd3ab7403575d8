using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Soft;

namespace RobotRl.Algorithms.Tests.Soft;

public sealed class SoftValueIterationTests
{
    public static TheoryData<int, int, int, double, double> Cases => RandomMdp.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sweep_OnTwoTables_ContractsAtGamma(int seed, int states, int actions, double discount, double temperature)
    {
        CounterRandom random = RandomMdp.Random(seed);
        FiniteMdp mdp = RandomMdp.Model(random, states, actions, discount);
        var iteration = new SoftValueIteration(mdp, temperature);
        for (int trial = 0; trial < 20; trial++)
        {
            double[] one = RandomMdp.Table(random, mdp.Pairs, 50),
                two = RandomMdp.Table(random, mdp.Pairs, 50);
            double before = RandomMdp.Distance(one, two);
            iteration.Sweep(one);
            iteration.Sweep(two);
            Assert.InRange(RandomMdp.Distance(one, two), 0, (discount * before) + 1e-12);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sweep_OnAnyTable_IsNowhereBelowAnyPolicys(int seed, int states, int actions, double discount, double temperature)
    {
        CounterRandom random = RandomMdp.Random(seed);
        FiniteMdp mdp = RandomMdp.Model(random, states, actions, discount);
        var evaluation = new SoftPolicyEvaluation(mdp, temperature);
        for (int trial = 0; trial < 20; trial++)
        {
            double[] best = RandomMdp.Table(random, mdp.Pairs, 5),
                policys = [.. best];
            new SoftValueIteration(mdp, temperature).Sweep(best);
            evaluation.Sweep(RandomMdp.Policy(random, mdp), policys);
            Assert.All(best.Zip(policys), pair => Assert.True(pair.First >= pair.Second - 1e-12, $"{pair.First} is below {pair.Second}"));
        }
    }

    [Fact]
    public void Solve_OnOneState_IsTheClosedForm()
    {
        // V = alpha log sum exp(Q / alpha), Q = r + gamma V, so V = alpha log sum exp(r / alpha) / (1 - gamma).
        var mdp = new FiniteMdp(1, 2, [1, 1], [1, 3], 0.75);
        double[] q = new double[2];
        new SoftValueIteration(mdp, 2).Solve(q, 1e-12);
        double value = 2 * Math.Log(Math.Exp(0.5) + Math.Exp(1.5)) / 0.25;
        Assert.Equal(1 + (0.75 * value), q[0], 1e-11);
        Assert.Equal(3 + (0.75 * value), q[1], 1e-11);
    }

    [Fact]
    public void Sweep_OnHugeDifferences_StaysFinite()
    {
        var mdp = new FiniteMdp(1, 2, [1, 1], [0, 0], 0.5);
        double[] q = [1e300, -1e300];
        new SoftValueIteration(mdp, 1e-3).Sweep(q);
        Assert.Equal([5e299, 5e299], q);
    }

    [Fact]
    public void Solve_OnBadInput_SaysWhich()
    {
        var iteration = new SoftValueIteration(new FiniteMdp(1, 2, [1, 1], [0, 0], 0.5), 1);
        Assert.Equal(
            "Q has 1 entries; the MDP needs 2, [1 states, 2 actions].",
            Assert.Throws<ArgumentException>(() => iteration.Solve([0], 1)).Message
        );
        Assert.Equal(
            "Tolerance -1 must be finite and above 0.",
            Assert.Throws<ArgumentException>(() => iteration.Solve([0, 0], -1)).Message
        );
    }
}
