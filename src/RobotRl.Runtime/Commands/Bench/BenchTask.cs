using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Commands.Bench;

/// <summary>Bring every state of a <see cref="BenchRobot"/> to zero: something to learn while time is taken.</summary>
internal sealed class BenchTask(int observations, int actions) : IControlTask
{
    /// <inheritdoc/>
    public string Name => "bench";

    /// <inheritdoc/>
    public ImmutableArray<string> ObservationNames { get; } = [.. Enumerable.Range(0, observations).Select(i => $"state-{i}")];

    /// <inheritdoc/>
    public ActionSpace Actions { get; } = new ContinuousActionSpace(actions);

    /// <inheritdoc/>
    public int MaxEpisodeSteps => 0;

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation)
    {
        for (int i = 0; i < observation.Length; i++)
        {
            observation[i] = (float)state[i];
        }
    }

    /// <inheritdoc/>
    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command)
    {
        for (int i = 0; i < command.Length; i++)
        {
            command[i] = action[i];
        }
    }

    /// <inheritdoc/>
    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action)
    {
        for (int i = 0; i < action.Length; i++)
        {
            action[i] = (float)command[i];
        }
    }

    /// <inheritdoc/>
    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState)
    {
        double sum = 0;
        foreach (double value in nextState)
        {
            sum -= value * value;
        }

        return sum / nextState.Length;
    }

    /// <inheritdoc/>
    public bool IsTerminated(ReadOnlySpan<double> state) => false;

    /// <inheritdoc/>
    public void DrawStart(CounterRandom random, Span<double> physicalState) => physicalState.Clear();

    /// <inheritdoc/>
    public void SpreadStart(int index, int count, Span<double> physicalState) => physicalState.Clear();
}
