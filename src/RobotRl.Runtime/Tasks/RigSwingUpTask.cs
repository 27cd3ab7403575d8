using System.Collections.Immutable;
using System.Globalization;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Tasks;

/// <summary>
/// Swing the rig's pendulum up and keep it there (hil/pendulum). It hangs at 0 rad when it is switched on; upright is half a turn
/// to either side. Observation [cos, sin, velocity / 10 rad/s, command before / its limit]; one action, the motor's voltage over
/// its limit; never terminated, truncated after 300 steps: 6 s at 50 Hz.
/// </summary>
/// <remarks>
/// Reward, of the state after the step: that of Pendulum-v1 with its velocity scaled to this arm. There the angular frequency of
/// small swings is 3.9 rad/s, here about 7 by arm and weight, so a tenth of the squared velocity becomes 0.03: minus (angle from
/// upright squared,
/// 0.03 velocity squared, 0.004 (command / limit) squared). The command before is part of the observation, for the gate limits
/// its rate and the firmware's own delay is about a step.
/// </remarks>
public sealed class RigSwingUpTask : IControlTask
{
    /// <summary>Catalogue name.</summary>
    public const string TaskName = "rig-swing-up";

    private const double VelocityScaleRadPerS = 10,
        VelocityCost = 0.03,
        EffortCost = 0.004;

    private static readonly string[] s_states = ["pole/position", "pole/velocity"];

    private readonly int _position,
        _velocity;
    private readonly double _limit;

    /// <summary>
    /// The task for <paramref name="robot"/>, which must report pole/position and pole/velocity and take pole/effort alone.
    /// </summary>
    /// <exception cref="Composition.BadInputException">It does not; the message names what is missing.</exception>
    public RigSwingUpTask(RobotDescription robot)
    {
        ArgumentNullException.ThrowIfNull(robot);
        string[] missing =
        [
            .. s_states.Where(n => !robot.States.Any(s => s.Name == n)).Select(n => $"state {n} is missing"),
            .. robot.Commands.Any(c => c.Name == "pole/effort") ? (string[])[] : ["command pole/effort is missing"],
            .. robot.Commands.Where(c => c.Name != "pole/effort").Select(c => $"command {c.Name} would not be used"),
        ];
        if (missing.Length > 0)
        {
            throw TaskFit.Refuse(TaskName, robot, string.Join(", ", missing));
        }

        _limit = Math.Min(-robot.Commands[0].Minimum, robot.Commands[0].Maximum);
        if (!double.IsFinite(_limit) || _limit <= 0)
        {
            throw TaskFit.Refuse(
                TaskName,
                robot,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"pole/effort has the range {robot.Commands[0].Minimum} to {robot.Commands[0].Maximum}, and a finite one "
                        + $"about 0 is needed"
                )
            );
        }

        (_position, _velocity) = (robot.StateIndex("pole/position"), robot.StateIndex("pole/velocity"));
    }

    /// <inheritdoc/>
    public string Name => TaskName;

    /// <inheritdoc/>
    public ImmutableArray<string> ObservationNames { get; } =
    ["cos(pole/position)", "sin(pole/position)", "pole/velocity/10", "previous(pole/effort)"];

    /// <inheritdoc/>
    public ActionSpace Actions { get; } = new ContinuousActionSpace(1);

    /// <summary>300: 6 s at 50 Hz, time for several swings.</summary>
    public int MaxEpisodeSteps => 300;

    /// <summary>Angle from upright, rad, between -pi and pi, of a position (0 hanging).</summary>
    public static double FromUpright(double positionRad) => Math.IEEERemainder(positionRad - Math.PI, 2 * Math.PI);

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation)
    {
        observation[0] = (float)Math.Cos(state[_position]);
        observation[1] = (float)Math.Sin(state[_position]);
        observation[2] = (float)(state[_velocity] / VelocityScaleRadPerS);
        observation[3] = (float)(previousCommand[0] / _limit);
    }

    /// <inheritdoc/>
    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command) =>
        command[0] = action[0] * _limit;

    /// <inheritdoc/>
    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action) =>
        action[0] = (float)(command[0] / _limit);

    /// <inheritdoc/>
    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState)
    {
        double angle = FromUpright(nextState[_position]),
            velocity = nextState[_velocity],
            effort = command[0] / _limit;
        return -((angle * angle) + (VelocityCost * velocity * velocity) + (EffortCost * effort * effort));
    }

    /// <inheritdoc/>
    public bool IsTerminated(ReadOnlySpan<double> state) => false;

    /// <summary>A robot that can be put anywhere starts hanging.</summary>
    public void DrawStart(CounterRandom random, Span<double> physicalState) => physicalState.Clear();

    /// <summary>A robot that can be put anywhere starts hanging.</summary>
    public void SpreadStart(int index, int count, Span<double> physicalState) => physicalState.Clear();
}
