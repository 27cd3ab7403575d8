using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Sim.Robots.CartPole;

namespace RobotRl.Runtime.Tasks;

/// <summary>
/// Swing a pole up from hanging and keep it up in the middle of the track. Observation [cart position, cos, sin, cart
/// velocity, pole velocity]; one action, the force over its limit; never terminated, truncated after 500 steps.
/// </summary>
/// <remarks>
/// Reward: that of dm_control/suite/cartpole.py, smooth: upright times small control times small velocity times centred, from
/// the state after the step, between 0 and 1. Ten seconds an episode, as _DEFAULT_TIME_LIMIT there. Starts: CartPole-v1's
/// box (0.05 each) about hanging at rest.
/// </remarks>
public sealed class CartPoleSwingUpTask : IControlTask
{
    /// <summary>Catalogue name.</summary>
    public const string TaskName = "cart-pole-swing-up";

    // dm_control/suite/cartpole.py, _get_reward: margins. dm_control/utils/rewards.py: value at the margin, 0.1.
    private const double CentreMarginM = 2,
        VelocityMarginRadPerS = 5;
    private const double StartBound = 0.05;
    private static readonly double LogValueAtMargin = Math.Log(0.1);

    /// <inheritdoc/>
    public string Name => TaskName;

    /// <inheritdoc/>
    public ImmutableArray<string> ObservationNames { get; } =
    ["cart/position", "cos(pole/position)", "sin(pole/position)", "cart/velocity", "pole/velocity"];

    /// <inheritdoc/>
    public ActionSpace Actions { get; } = new ContinuousActionSpace(1);

    /// <summary>500: ten seconds.</summary>
    public int MaxEpisodeSteps => 500;

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation)
    {
        observation[0] = (float)state[0];
        observation[1] = (float)Math.Cos(state[2]);
        observation[2] = (float)Math.Sin(state[2]);
        observation[3] = (float)state[1];
        observation[4] = (float)state[3];
    }

    /// <inheritdoc/>
    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command) =>
        command[0] = action[0] * CartPoleRobot.MaxForceN;

    /// <inheritdoc/>
    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action) =>
        action[0] = (float)(command[0] / CartPoleRobot.MaxForceN);

    /// <inheritdoc/>
    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState)
    {
        double action = command[0] / CartPoleRobot.MaxForceN;
        double upright = (Math.Cos(nextState[2]) + 1) / 2;
        double smallControl = (4 + Math.Max(0, 1 - (action * action))) / 5;
        double smallVelocity = (1 + Bell(nextState[3] / VelocityMarginRadPerS)) / 2;
        double centred = (1 + Bell(nextState[0] / CentreMarginM)) / 2;
        return upright * smallControl * smallVelocity * centred;
    }

    /// <inheritdoc/>
    public bool IsTerminated(ReadOnlySpan<double> state) => false;

    /// <inheritdoc/>
    public void DrawStart(CounterRandom random, Span<double> physicalState)
    {
        for (int i = 0; i < 4; i++)
        {
            physicalState[i] = random.NextDouble(-StartBound, StartBound);
        }

        physicalState[2] += Math.PI;
    }

    /// <inheritdoc/>
    public void SpreadStart(int index, int count, Span<double> physicalState)
    {
        EvenSpread.Fill(index, count, physicalState[..4]);
        for (int i = 0; i < 4; i++)
        {
            physicalState[i] = EvenSpread.Between(-StartBound, StartBound, physicalState[i]);
        }

        physicalState[2] += Math.PI;
    }

    /// <summary>rewards.py, tolerance with the gaussian sigmoid: 1 at 0, 0.1 at 1.</summary>
    private static double Bell(double distance) => Math.Exp(LogValueAtMargin * distance * distance);
}
