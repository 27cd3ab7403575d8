using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>The cart-pole with a reward that is no number: at the fall alone, or always.</summary>
internal sealed class BrokenCartPole(bool onlyAtTheEnd) : IControlTask
{
    private readonly CartPoleTask _task = new();

    public string Name => _task.Name;

    public ImmutableArray<string> ObservationNames => _task.ObservationNames;

    public ActionSpace Actions => _task.Actions;

    public int MaxEpisodeSteps => _task.MaxEpisodeSteps;

    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation) =>
        _task.Observe(state, previousCommand, observation);

    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command) =>
        _task.ToCommand(action, previousCommand, command);

    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action) =>
        _task.ToAction(command, previousCommand, action);

    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState) =>
        onlyAtTheEnd && !IsTerminated(nextState) ? _task.Reward(state, command, nextState) : double.NaN;

    public bool IsTerminated(ReadOnlySpan<double> state) => _task.IsTerminated(state);

    public void DrawStart(CounterRandom random, Span<double> physicalState) => _task.DrawStart(random, physicalState);

    public void SpreadStart(int index, int count, Span<double> physicalState) => _task.SpreadStart(index, count, physicalState);
}
