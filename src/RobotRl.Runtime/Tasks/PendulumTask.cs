using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Runtime.Tasks;

/// <summary>
/// Swing up and balance: Gymnasium's Pendulum-v1 (gymnasium/envs/classic_control/pendulum.py). Observation [cos, sin,
/// velocity]; one action, torque over its limit; reward between about -16.27 and 0, from the state before the step; never
/// terminated, truncated after 200 steps.
/// </summary>
public sealed class PendulumTask : IControlTask
{
    /// <summary>Catalogue name.</summary>
    public const string TaskName = "pendulum-swing-up";

    // pendulum.py: DEFAULT_X and DEFAULT_Y.
    private const double StartAngleRad = Math.PI,
        StartSpeedRadPerS = 1;

    /// <inheritdoc/>
    public string Name => TaskName;

    /// <inheritdoc/>
    public ImmutableArray<string> ObservationNames { get; } = ["cos(pole/position)", "sin(pole/position)", "pole/velocity"];

    /// <inheritdoc/>
    public ActionSpace Actions { get; } = new ContinuousActionSpace(1);

    /// <summary>200 (gymnasium/envs/__init__.py, max_episode_steps).</summary>
    public int MaxEpisodeSteps => 200;

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation)
    {
        observation[0] = (float)Math.Cos(state[0]);
        observation[1] = (float)Math.Sin(state[0]);
        observation[2] = (float)state[1];
    }

    /// <inheritdoc/>
    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command) =>
        command[0] = action[0] * PendulumRobot.MaxTorqueNm;

    /// <inheritdoc/>
    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action) =>
        action[0] = (float)(command[0] / PendulumRobot.MaxTorqueNm);

    /// <inheritdoc/>
    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState)
    {
        double angle = Wrap(state[0]),
            velocity = state[1];
        double torque = Math.Clamp(command[0], -PendulumRobot.MaxTorqueNm, PendulumRobot.MaxTorqueNm);
        return -((angle * angle) + (0.1 * (velocity * velocity)) + (0.001 * (torque * torque)));
    }

    /// <inheritdoc/>
    public bool IsTerminated(ReadOnlySpan<double> state) => false;

    /// <inheritdoc/>
    public void DrawStart(CounterRandom random, Span<double> physicalState)
    {
        physicalState[0] = random.NextDouble(-StartAngleRad, StartAngleRad);
        physicalState[1] = random.NextDouble(-StartSpeedRadPerS, StartSpeedRadPerS);
    }

    /// <inheritdoc/>
    public void SpreadStart(int index, int count, Span<double> physicalState)
    {
        EvenSpread.Fill(index, count, physicalState[..2]);
        physicalState[0] = EvenSpread.Between(-StartAngleRad, StartAngleRad, physicalState[0]);
        physicalState[1] = EvenSpread.Between(-StartSpeedRadPerS, StartSpeedRadPerS, physicalState[1]);
    }

    /// <summary>pendulum.py, angle_normalize: into [-pi, pi), by a floored remainder.</summary>
    private static double Wrap(double angle)
    {
        double remainder = (angle + Math.PI) % (2 * Math.PI);
        return (remainder < 0 ? remainder + (2 * Math.PI) : remainder) - Math.PI;
    }
}
