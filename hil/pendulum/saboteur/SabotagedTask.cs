using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Hil.Saboteur;

/// <summary>A task as it is, until the sabotage strikes on the control thread.</summary>
internal sealed class SabotagedTask(IControlTask inner, Sabotage sabotage, TimeSpan period) : IControlTask
{
    private const long ForeverNs = 3_600_000_000_000;

    private long _steps;

    public string Name => inner.Name;

    public ImmutableArray<string> ObservationNames => inner.ObservationNames;

    public ActionSpace Actions => inner.Actions;

    public bool IsIncremental => inner.IsIncremental;

    public IReadOnlyDictionary<string, double> ActingValues => inner.ActingValues;

    public int MaxEpisodeSteps => inner.MaxEpisodeSteps;

    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation) =>
        inner.Observe(state, previousCommand, observation);

    /// <summary>Called once a policy step, on the control thread.</summary>
    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command)
    {
        inner.ToCommand(action, previousCommand, command);
        if (Thread.CurrentThread.Name != "control")
        {
            // The rehearsal before power and the admission gate's what-ifs are nobody's steps.
            return;
        }

        _steps++;
        if (sabotage.Strikes(SabotageKind.Nan, _steps))
        {
            command[0] = double.NaN;
        }
        else if (sabotage.Strikes(SabotageKind.Late, _steps))
        {
            MonotonicClock.SleepUntil(MonotonicClock.NowNs + (long)(1.5 * period.TotalNanoseconds));
        }

        while (sabotage.Kind == SabotageKind.Stall && sabotage.Strikes(SabotageKind.Stall, _steps))
        {
            MonotonicClock.SleepUntil(MonotonicClock.NowNs + ForeverNs);
        }
    }

    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action) =>
        inner.ToAction(command, previousCommand, action);

    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState) =>
        inner.Reward(state, command, nextState);

    public bool IsTerminated(ReadOnlySpan<double> state) => inner.IsTerminated(state);

    public void DrawStart(CounterRandom random, Span<double> physicalState) => inner.DrawStart(random, physicalState);

    public void SpreadStart(int index, int count, Span<double> physicalState) => inner.SpreadStart(index, count, physicalState);
}
