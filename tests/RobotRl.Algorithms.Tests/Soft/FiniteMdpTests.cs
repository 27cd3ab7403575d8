using RobotRl.Algorithms.Soft;

namespace RobotRl.Algorithms.Tests.Soft;

public sealed class FiniteMdpTests
{
    private static readonly double[] Transitions = [0.25, 0.75, 1, 0, 0.5, 0.5, 0, 1],
        Rewards = [1, 2, 3, 4];

    [Fact]
    public void Constructor_OnArrays_CopiesThem()
    {
        double[] transitions = [.. Transitions],
            rewards = [.. Rewards];
        var mdp = new FiniteMdp(2, 2, transitions, rewards, 0.5);
        Array.Clear(transitions);
        Array.Clear(rewards);

        Assert.Equal([0.5, 0.5], mdp.Next(1, 0).ToArray());
        Assert.Equal([1.0, 2, 3, 4], mdp.Rewards.ToArray());
        Assert.Equal(4, mdp.Pairs);
    }

    [Theory]
    [InlineData(0, 2, "MDP: 0 states and 2 actions; both must be at least 1.")]
    [InlineData(2, -1, "MDP: 2 states and -1 actions; both must be at least 1.")]
    [InlineData(2, 3, "MDP: 4 rewards for 2 states and 3 actions; give 6, [states, actions].")]
    [InlineData(1, 4, "MDP: 8 transition probabilities for 1 states and 4 actions; give 4, [states, actions, states].")]
    public void Constructor_OnWrongSizes_SaysWhich(int states, int actions, string message) =>
        AssertMessage(message, () => _ = new FiniteMdp(states, actions, Transitions, Rewards, 0.5));

    [Theory]
    [InlineData(1.0, "MDP: discount 1 is outside [0, 1).")]
    [InlineData(-0.5, "MDP: discount -0.5 is outside [0, 1).")]
    [InlineData(double.NaN, "MDP: discount NaN is outside [0, 1).")]
    public void Constructor_OnADiscountOutOfRange_SaysSo(double discount, string message) =>
        AssertMessage(message, () => _ = new FiniteMdp(2, 2, Transitions, Rewards, discount));

    [Theory]
    [InlineData(5, -0.5, "MDP: state 1, action 0: probability -0.5 to state 1 is outside [0, 1].")]
    [InlineData(2, 1.5, "MDP: state 0, action 1: probability 1.5 to state 0 is outside [0, 1].")]
    [InlineData(7, double.NaN, "MDP: state 1, action 1: probability NaN to state 1 is outside [0, 1].")]
    [InlineData(4, 0.25, "MDP: state 1, action 0: probabilities sum to 0.75, not to 1.")]
    public void Constructor_OnABadDistribution_NamesTheFirst(int index, double value, string message)
    {
        double[] transitions = [.. Transitions];
        transitions[index] = value;
        AssertMessage(message, () => _ = new FiniteMdp(2, 2, transitions, Rewards, 0.5));
    }

    [Fact]
    public void Constructor_OnAnInfiniteReward_NamesIt() =>
        AssertMessage("MDP: state 1, action 0: reward Infinity is not finite.", () =>
            _ = new FiniteMdp(2, 2, Transitions, [1, 2, double.PositiveInfinity, 4], 0.5)
        );

    [Theory]
    [InlineData(2, 0)]
    [InlineData(-1, 0)]
    [InlineData(0, 2)]
    [InlineData(1, -1)]
    public void Next_OutsideTheModel_Throws(int state, int action)
    {
        var mdp = new FiniteMdp(2, 2, Transitions, Rewards, 0.5);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            _ = mdp.Next(state, action);
        });
    }

    private static void AssertMessage(string message, Action action)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(action);
        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
    }
}
