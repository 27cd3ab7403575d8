using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Soft;

namespace RobotRl.Algorithms.Tests.Soft;

public sealed class SoftPolicyEvaluationTests
{
    public static TheoryData<int, int, int, double, double> Cases => RandomMdp.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sweep_OnTwoTables_ContractsAtGamma(int seed, int states, int actions, double discount, double temperature)
    {
        CounterRandom random = RandomMdp.Random(seed);
        FiniteMdp mdp = RandomMdp.Model(random, states, actions, discount);
        var evaluation = new SoftPolicyEvaluation(mdp, temperature);
        for (int trial = 0; trial < 20; trial++)
        {
            double[] policy = RandomMdp.Policy(random, mdp),
                one = RandomMdp.Table(random, mdp.Pairs, 50),
                two = RandomMdp.Table(random, mdp.Pairs, 50);
            double before = RandomMdp.Distance(one, two);
            evaluation.Sweep(policy, one);
            evaluation.Sweep(policy, two);
            Assert.InRange(RandomMdp.Distance(one, two), 0, (discount * before) + 1e-12);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sweep_OnTablesAConstantApart_ShrinksByGammaExactly(int seed, int states, int actions, double discount, double temperature)
    {
        CounterRandom random = RandomMdp.Random(seed);
        FiniteMdp mdp = RandomMdp.Model(random, states, actions, discount);
        var evaluation = new SoftPolicyEvaluation(mdp, temperature);
        double[] policy = RandomMdp.Policy(random, mdp),
            one = RandomMdp.Table(random, mdp.Pairs, 50),
            two = [.. one.Select(q => q + 8)];
        evaluation.Sweep(policy, one);
        evaluation.Sweep(policy, two);
        Assert.Equal(8 * discount, RandomMdp.Distance(one, two), 1e-12);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Evaluate_AnyPolicy_EqualsTheLinearSystem(int seed, int states, int actions, double discount, double temperature)
    {
        CounterRandom random = RandomMdp.Random(seed);
        FiniteMdp mdp = RandomMdp.Model(random, states, actions, discount);
        var evaluation = new SoftPolicyEvaluation(mdp, temperature);
        for (int trial = 0; trial < 5; trial++)
        {
            double[] policy = RandomMdp.Policy(random, mdp),
                q = RandomMdp.Table(random, mdp.Pairs, 50);
            evaluation.Evaluate(policy, q, 1e-9);
            Assert.InRange(RandomMdp.Distance(RandomMdp.SolveQ(mdp, policy, temperature), q), 0, 1.1e-9);
        }
    }

    [Fact]
    public void StateValues_OnOneState_IsTheFormula()
    {
        var mdp = new FiniteMdp(1, 3, [1, 1, 1], [0, 0, 0], 0.5);
        double[] values = new double[1];
        new SoftPolicyEvaluation(mdp, 2).StateValues([0.25, 0.75, 0], [4, 8, 100], values);

        // 0.25 * 4 + 0.75 * 8 + 2 H, H = 0.25 log 4 + 0.75 log (4/3); the action of probability 0 counts nothing.
        Assert.Equal(7 + (2 * ((0.25 * Math.Log(4)) + (0.75 * Math.Log(4.0 / 3)))), values[0], 1e-14);
    }

    [Fact]
    public void Evaluate_BelowRounding_SaysSo()
    {
        CounterRandom random = RandomMdp.Random(8);
        FiniteMdp mdp = RandomMdp.Model(random, 10, 3, 0.99);
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() =>
            new SoftPolicyEvaluation(mdp, 1000).Evaluate(RandomMdp.Policy(random, mdp), new double[mdp.Pairs], 1e-13)
        );
        Assert.StartsWith("Soft policy evaluation: after ", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("Raise the tolerance.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_OnRewardsThatOverflow_SaysSo()
    {
        var mdp = new FiniteMdp(1, 1, [1], [1e308], 0.99);
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() =>
            new SoftPolicyEvaluation(mdp, 1).Evaluate([1], new double[1], 1)
        );
        Assert.EndsWith("Scale the rewards down.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sweep_OnBadInput_SaysWhich()
    {
        var mdp = new FiniteMdp(2, 2, [1, 0, 1, 0, 0, 1, 0, 1], [0, 0, 0, 0], 0.5);
        var evaluation = new SoftPolicyEvaluation(mdp, 1);
        AssertMessage("Q has 3 entries; the MDP needs 4, [2 states, 2 actions].", () => evaluation.Sweep([1, 0, 1, 0], new double[3]));
        AssertMessage("Policy has 2 entries; the MDP needs 4, [2 states, 2 actions].", () => evaluation.Sweep([1, 0], new double[4]));
        AssertMessage("Policy: state 1: probabilities sum to 0.75, not to 1.", () => evaluation.Sweep([1, 0, 0.5, 0.25], new double[4]));
        AssertMessage("Policy: state 0: probability -1 of action 1 is outside [0, 1].", () =>
            evaluation.Sweep([1, -1, 1, 0], new double[4])
        );
        AssertMessage("Q: state 1, action 0: NaN is not finite.", () => evaluation.Sweep([1, 0, 1, 0], [0, 0, double.NaN, 0]));
        AssertMessage("V has 1 entries; the MDP has 2 states.", () => evaluation.StateValues([1, 0, 1, 0], new double[4], new double[1]));
        AssertMessage("Tolerance 0 must be finite and above 0.", () => evaluation.Evaluate([1, 0, 1, 0], new double[4], 0));
        AssertMessage("Temperature alpha 0 must be finite and above 0.", () => _ = new SoftPolicyEvaluation(mdp, 0));
        AssertMessage("Temperature alpha Infinity must be finite and above 0.", () =>
            _ = new SoftPolicyEvaluation(mdp, double.PositiveInfinity)
        );
    }

    private static void AssertMessage(string message, Action action)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(action);
        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
    }
}
