using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Example;

/// <summary>Bring the cart to the middle and keep it there: 5 s an episode, from anywhere on the rail.</summary>
public sealed class CentreCart : IControlTask
{
    public string Name => "rail-cart";

    public ImmutableArray<string> ObservationNames { get; } = ["cart/position", "cart/velocity"];

    public ActionSpace Actions { get; } = new ContinuousActionSpace(1);

    public int MaxEpisodeSteps => 100;

    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation)
    {
        observation[0] = (float)state[0];
        observation[1] = (float)state[1];
    }

    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command) =>
        command[0] = action[0] * RailCart.MaxForceN;

    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action) =>
        action[0] = (float)(command[0] / RailCart.MaxForceN);

    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState) =>
        -(nextState[0] * nextState[0]) - (0.1 * nextState[1] * nextState[1]) - (0.001 * command[0] * command[0]);

    public bool IsTerminated(ReadOnlySpan<double> state) => false;

    public void DrawStart(CounterRandom random, Span<double> physicalState)
    {
        physicalState[0] = random.NextDouble(-1, 1);
        physicalState[1] = 0;
    }

    public void SpreadStart(int index, int count, Span<double> physicalState)
    {
        physicalState[0] = -1 + (2 * (index + 0.5) / count);
        physicalState[1] = 0;
    }
}
