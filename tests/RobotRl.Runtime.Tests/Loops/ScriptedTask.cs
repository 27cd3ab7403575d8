using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>
/// Position and previous command are observed, the action is the wanted position in rad, the reward the position reached.
/// </summary>
internal class ScriptedTask : IControlTask
{
    public string Name => "scripted";

    public ImmutableArray<string> ObservationNames { get; } = ["position", "previous command"];

    public ActionSpace Actions { get; } = new ContinuousActionSpace(1);

    public int MaxEpisodeSteps { get; set; }

    /// <summary>With it the action is a tenth of a rad that the position moves on.</summary>
    public bool IsIncremental { get; init; }

    public double TerminatesAbove { get; set; } = 3;

    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation) =>
        (observation[0], observation[1]) = ((float)state[0], (float)previousCommand[0]);

    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command) =>
        command[0] = IsIncremental ? previousCommand[0] + (0.1 * action[0]) : action[0];

    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action) =>
        action[0] = (float)(IsIncremental ? 10 * (command[0] - previousCommand[0]) : command[0]);

    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState) => nextState[0];

    public bool IsTerminated(ReadOnlySpan<double> state) => state[0] > TerminatesAbove;

    public void DrawStart(CounterRandom random, Span<double> physicalState) => physicalState.Clear();

    public void SpreadStart(int index, int count, Span<double> physicalState) => physicalState.Clear();
}
