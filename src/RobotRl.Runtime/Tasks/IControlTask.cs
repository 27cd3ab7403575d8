using System.Collections.Immutable;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Runtime.Tasks;

/// <summary>
/// What a robot is to learn: observation, action map, reward, termination, starts. It joins a robot's interfaces to a
/// learner's vectors and is the only place that knows both.
/// </summary>
/// <remarks>Used on the control thread: no method may allocate, block or throw.</remarks>
public interface IControlTask
{
    /// <summary>Name by which options and policy files refer to it.</summary>
    string Name { get; }

    /// <summary>Names of the observation's components, in their order.</summary>
    ImmutableArray<string> ObservationNames { get; }

    /// <summary>What the policy chooses from.</summary>
    ActionSpace Actions { get; }

    /// <summary>
    /// Whether an action moves at least one command on from the one before (<see cref="MovesOn"/>): <see cref="ToCommand"/> is
    /// then called at every control tick
    /// that one action holds for (Loop:PolicyDivisor), and the executed action is the mean of its steps, or, for a command that
    /// it sets, of the commands. Default: no.
    /// </summary>
    bool IsIncremental => false;

    /// <summary>
    /// Whether an action moves this command on from the one before; otherwise it sets it. Default: <see cref="IsIncremental"/>.
    /// </summary>
    /// <param name="command">Of the command in the robot's description.</param>
    bool MovesOn(int command) => IsIncremental;

    /// <summary>
    /// Settings by key, such as <c>Task:Reach:Speed</c>, on which the meaning of an observation or an action depends beside the robot's
    /// interfaces. They are kept in policy files, and a policy is refused where they differ. Default: none.
    /// </summary>
    IReadOnlyDictionary<string, double> ActingValues => ImmutableDictionary<string, double>.Empty;

    /// <summary>Policy steps after which an episode is truncated; 0 for never.</summary>
    int MaxEpisodeSteps { get; }

    /// <summary>Writes the raw observation [obs] from the robot's state [states] and the command written before it [commands].</summary>
    void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation);

    /// <summary>
    /// Turns an action (in [-1, 1], or an index) into the robot's commands, in their units; <paramref name="previousCommand"/> is
    /// what was written before, [commands].
    /// </summary>
    void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command);

    /// <summary>
    /// The action that stands for a command after the gate: inverse of <see cref="ToCommand"/> after the same
    /// <paramref name="previousCommand"/>, the nearest choice where discrete.
    /// </summary>
    void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action);

    /// <summary>
    /// Reward for having executed <paramref name="command"/> in <paramref name="state"/> and come to
    /// <paramref name="nextState"/>.
    /// </summary>
    double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState);

    /// <summary>Whether the task ends in this state, for good or ill: no value is bootstrapped from it.</summary>
    bool IsTerminated(ReadOnlySpan<double> state);

    /// <summary>
    /// Writes what a method's answer depends on besides its arguments and, of an <see cref="IEpisodeTask"/>, the episode's number
    /// (a filter, a history), so that a
    /// lockstep run goes on bit for bit. Default: nothing, for a task that remembers nothing.
    /// </summary>
    void Save(IStateWriter writer) { }

    /// <summary>
    /// Reads what <see cref="Save"/> wrote; <see cref="IEpisodeTask.BeginEpisode"/> of the running episode was called before.
    /// </summary>
    void Load(IStateReader reader) { }

    /// <summary>Draws the physical state that an episode starts from (robots that teleport).</summary>
    void DrawStart(CounterRandom random, Span<double> physicalState);

    /// <summary>
    /// Start <paramref name="index"/> of <paramref name="count"/> spread evenly over the distribution of <see cref="DrawStart"/>,
    /// for evaluation.
    /// </summary>
    void SpreadStart(int index, int count, Span<double> physicalState);
}
