using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Sim.Robots.CartPole;

namespace RobotRl.Runtime.Tasks;

/// <summary>
/// Keep the pole up: Gymnasium's CartPole-v1 (gymnasium/envs/classic_control/cartpole.py). Observation [cart position, cart
/// velocity, pole position, pole velocity]; choices 0 (full force to the left) and 1 (to the right); reward 1 for each step,
/// the last one included; terminated beyond 2.4 m or 12 degrees, truncated after 500 steps.
/// </summary>
public sealed class CartPoleTask : IControlTask
{
    /// <summary>Catalogue name.</summary>
    public const string TaskName = "cart-pole-balance";

    // cartpole.py: x_threshold, theta_threshold_radians, the reset's bounds.
    private const double PositionThresholdM = 2.4,
        AngleThresholdRad = 12 * 2 * Math.PI / 360,
        StartBound = 0.05;

    /// <inheritdoc/>
    public string Name => TaskName;

    /// <inheritdoc/>
    public ImmutableArray<string> ObservationNames { get; } = ["cart/position", "cart/velocity", "pole/position", "pole/velocity"];

    /// <inheritdoc/>
    public ActionSpace Actions { get; } = new DiscreteActionSpace(2);

    /// <summary>500 (gymnasium/envs/__init__.py, max_episode_steps).</summary>
    public int MaxEpisodeSteps => 500;

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation)
    {
        for (int i = 0; i < 4; i++)
        {
            observation[i] = (float)state[i];
        }
    }

    /// <summary>Choice 1 pushes right, 0 left. An index that is no number becomes no command: NaN, which the gate rejects.</summary>
    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command) =>
        command[0] = action[0] switch
        {
            0f => -CartPoleRobot.MaxForceN,
            1f => CartPoleRobot.MaxForceN,
            _ => double.NaN,
        };

    /// <inheritdoc/>
    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action) =>
        action[0] = command[0] > 0 ? 1 : 0;

    /// <inheritdoc/>
    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState) => 1;

    /// <inheritdoc/>
    public bool IsTerminated(ReadOnlySpan<double> state) =>
        Math.Abs(state[0]) > PositionThresholdM || Math.Abs(state[2]) > AngleThresholdRad;

    /// <inheritdoc/>
    public void DrawStart(CounterRandom random, Span<double> physicalState)
    {
        for (int i = 0; i < 4; i++)
        {
            physicalState[i] = random.NextDouble(-StartBound, StartBound);
        }
    }

    /// <inheritdoc/>
    public void SpreadStart(int index, int count, Span<double> physicalState)
    {
        EvenSpread.Fill(index, count, physicalState[..4]);
        for (int i = 0; i < 4; i++)
        {
            physicalState[i] = EvenSpread.Between(-StartBound, StartBound, physicalState[i]);
        }
    }
}
