using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>A task that throws in the middle of a tick, so that a session ends there without doing anything more.</summary>
internal sealed class AbandoningTask(IControlTask task, int at) : IControlTask
{
    private int _rewards;

    public string Name => task.Name;

    public ImmutableArray<string> ObservationNames => task.ObservationNames;

    public ActionSpace Actions => task.Actions;

    public bool IsIncremental => task.IsIncremental;

    public bool MovesOn(int command) => task.MovesOn(command);

    public IReadOnlyDictionary<string, double> ActingValues { get; init; } = task.ActingValues;

    public int MaxEpisodeSteps => task.MaxEpisodeSteps;

    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation) =>
        task.Observe(state, previousCommand, observation);

    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command) =>
        task.ToCommand(action, previousCommand, command);

    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action) =>
        task.ToAction(command, previousCommand, action);

    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState) =>
        ++_rewards == at ? throw new AbandonedException() : task.Reward(state, command, nextState);

    public bool IsTerminated(ReadOnlySpan<double> state) => task.IsTerminated(state);

    public void DrawStart(CounterRandom random, Span<double> physicalState) => task.DrawStart(random, physicalState);

    public void SpreadStart(int index, int count, Span<double> physicalState) => task.SpreadStart(index, count, physicalState);
}
