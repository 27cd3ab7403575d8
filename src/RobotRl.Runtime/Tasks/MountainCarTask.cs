using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Sim.Robots.MountainCarContinuous;

namespace RobotRl.Runtime.Tasks;

/// <summary>
/// Drive to the top: Gymnasium's MountainCarContinuous-v0 (gymnasium/envs/classic_control/continuous_mountain_car.py).
/// Observation [position, velocity]; one action, the engine's force; 100 at the goal less 0.1 of the squared action a step;
/// terminated at the goal, truncated after 999 steps.
/// </summary>
/// <remarks>
/// Gymnasium charges for the action before clipping; a command here is within its limits, where that is the same. It judges
/// the goal before it rounds the position to float32, this task after: they differ only within 3e-8 m of it.
/// </remarks>
public sealed class MountainCarTask : IGoalTask
{
    /// <summary>Catalogue name.</summary>
    public const string TaskName = "mountain-car-continuous";

    // continuous_mountain_car.py: goal_position, goal_velocity, the reward's numbers, the reset's bounds.
    private const double GoalPositionM = 0.45,
        GoalVelocityMPerS = 0,
        GoalReward = 100,
        ActionCost = 0.1;
    private const double StartLowM = -0.6,
        StartHighM = -0.4;

    /// <inheritdoc/>
    public string Name => TaskName;

    /// <inheritdoc/>
    public ImmutableArray<string> ObservationNames { get; } = ["car/position", "car/velocity"];

    /// <inheritdoc/>
    public ActionSpace Actions { get; } = new ContinuousActionSpace(1);

    /// <summary>999 (gymnasium/envs/__init__.py, max_episode_steps).</summary>
    public int MaxEpisodeSteps => 999;

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation)
    {
        observation[0] = (float)state[0];
        observation[1] = (float)state[1];
    }

    /// <inheritdoc/>
    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command) =>
        command[0] = action[0] * MountainCarContinuousRobot.MaxForceN;

    /// <inheritdoc/>
    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action) =>
        action[0] = (float)(command[0] / MountainCarContinuousRobot.MaxForceN);

    /// <inheritdoc/>
    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState) =>
        (IsTerminated(nextState) ? GoalReward : 0) - (command[0] * command[0] * ActionCost);

    /// <inheritdoc/>
    public bool IsTerminated(ReadOnlySpan<double> state) => state[0] >= GoalPositionM && state[1] >= GoalVelocityMPerS;

    /// <inheritdoc/>
    public bool IsReached(ReadOnlySpan<double> state) => IsTerminated(state);

    /// <inheritdoc/>
    public void DrawStart(CounterRandom random, Span<double> physicalState)
    {
        physicalState[0] = random.NextDouble(StartLowM, StartHighM);
        physicalState[1] = 0;
    }

    /// <inheritdoc/>
    public void SpreadStart(int index, int count, Span<double> physicalState)
    {
        EvenSpread.Fill(index, count, physicalState[..1]);
        physicalState[0] = EvenSpread.Between(StartLowM, StartHighM, physicalState[0]);
        physicalState[1] = 0;
    }
}
