using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Tasks;

/// <summary>
/// Bring all joints to a target pose, another one each episode: any robot with position or velocity commands. Observation, for
/// each joint: position, velocity where it is reported, distance to the target, and how far the command before is ahead of the
/// position, in tenths of a second at
/// <see cref="ReachOptions.Speed"/> (a servo moves on by that; as two numbers that are nearly equal it would hide in their last
/// digits), or of a velocity the command before. One action a joint: how fast
/// a position command moves on from the one before, up to <see cref="ReachOptions.Speed"/>, or a velocity from end to end of its
/// range. Reward: minus the mean distance, half a point more where every joint is within the
/// tolerance, and a hundredth of the mean squared velocity less, so that it comes to rest there. Never terminated.
/// </summary>
public sealed class ReachTask : IEpisodeTask, IGoalTask
{
    /// <summary>Catalogue name.</summary>
    public const string TaskName = "reach";

    // Ours: at the tolerance of 0.05 rad being there outweighs every distance that is left; at 1 rad/s motion costs 0.01.
    private const double Bonus = 0.5,
        VelocityCost = 0.01,
        LagSeconds = 0.1;

    private readonly int[] _position,
        _velocity;
    private readonly bool[] _steps;
    private readonly double[] _low,
        _high,
        _half,
        _least,
        _greatest,
        _target;
    private readonly double _tolerance,
        _lagUnit;
    private readonly ulong _seed;
    private readonly CounterRandom _random;

    /// <summary>The task for <paramref name="robot"/>.</summary>
    /// <exception cref="Composition.BadInputException">The robot has a command of another kind, or one without a position or a
    /// range; the message names it.</exception>
    public ReachTask(RobotDescription robot, ReachOptions options)
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(options);
        (_tolerance, _seed, MaxEpisodeSteps, _lagUnit) = (
            options.Tolerance,
            options.Seed,
            options.EpisodeSteps,
            LagSeconds * options.Speed
        );
        _random = new CounterRandom(_seed, RandomPurpose.Reset);
        string[] problems = [.. Problems(robot, options)];
        if (problems.Length > 0)
        {
            throw TaskFit.Refuse(TaskName, robot, string.Join(", ", problems));
        }

        _position = [.. robot.Commands.Select(c => robot.StateIndex(c.PositionState!))];
        _velocity = [.. robot.Commands.Select(c => c.VelocityState is null ? -1 : robot.StateIndex(c.VelocityState))];
        (_low, _high) = ([.. robot.Commands.Select(c => c.Minimum)], [.. robot.Commands.Select(c => c.Maximum)]);
        _steps = [.. robot.Commands.Select(c => c.Kind == InterfaceKind.Position)];
        _half =
        [
            .. robot.Commands.Select((c, i) => _steps[i] ? options.Speed * robot.ControlPeriod.TotalSeconds : (c.Maximum - c.Minimum) / 2),
        ];
        (double Least, double Greatest)[] targets = [.. robot.Commands.Select(c => Targets(robot, c, options))];
        (_least, _greatest) = ([.. targets.Select(t => t.Least)], [.. targets.Select(t => t.Greatest)]);
        _target = [.. targets.Select(t => (t.Least + t.Greatest) / 2)];
        ObservationNames =
        [
            .. robot.Commands.Select(c => c.PositionState!),
            .. robot.Commands.Where(c => c.VelocityState is not null).Select(c => c.VelocityState!),
            .. robot.Commands.Select(c => $"target-{c.PositionState}"),
            .. robot.Commands.Select(c => c.Kind == InterfaceKind.Position ? $"lag({c.Name})" : $"previous({c.Name})"),
        ];
        Actions = new ContinuousActionSpace(_target.Length);
        ActingValues = Array.Exists(_steps, s => s)
            ? ImmutableDictionary<string, double>.Empty.Add("Task:Reach:Speed", options.Speed)
            : ImmutableDictionary<string, double>.Empty;
    }

    /// <inheritdoc/>
    public string Name => TaskName;

    /// <inheritdoc/>
    public ImmutableArray<string> ObservationNames { get; }

    /// <inheritdoc/>
    public ActionSpace Actions { get; }

    /// <inheritdoc/>
    public bool IsIncremental => Array.Exists(_steps, s => s);

    /// <inheritdoc/>
    public bool MovesOn(int command) => _steps[command];

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> ActingValues { get; }

    /// <inheritdoc/>
    public int MaxEpisodeSteps { get; }

    /// <summary>The target pose of the present episode, [commands].</summary>
    public ReadOnlySpan<double> Target => _target;

    /// <inheritdoc/>
    public void BeginEpisode(long episode)
    {
        // A stream for each episode, so that a run that goes on has the targets of one that was never interrupted.
        _random.State = new RandomState(_seed, (ulong)RandomPurpose.Reset, (ulong)episode * 2 * (ulong)_target.Length);
        for (int i = 0; i < _target.Length; i++)
        {
            _target[i] = _random.NextDouble(_least[i], _greatest[i]);
        }
    }

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation)
    {
        int at = 0;
        foreach (int position in _position)
        {
            observation[at++] = (float)state[position];
        }

        foreach (int velocity in _velocity)
        {
            if (velocity >= 0)
            {
                observation[at++] = (float)state[velocity];
            }
        }

        for (int i = 0; i < _target.Length; i++)
        {
            observation[at++] = (float)(_target[i] - state[_position[i]]);
        }

        for (int i = 0; i < previousCommand.Length; i++)
        {
            observation[at++] = (float)(_steps[i] ? (previousCommand[i] - state[_position[i]]) / _lagUnit : previousCommand[i]);
        }
    }

    /// <inheritdoc/>
    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command)
    {
        for (int i = 0; i < _half.Length; i++)
        {
            command[i] = Math.Clamp(Middle(i, previousCommand) + (action[i] * _half[i]), _low[i], _high[i]);
        }
    }

    /// <inheritdoc/>
    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action)
    {
        for (int i = 0; i < _half.Length; i++)
        {
            action[i] = (float)((command[i] - Middle(i, previousCommand)) / _half[i]);
        }
    }

    /// <inheritdoc/>
    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState)
    {
        double distance = 0,
            speed = 0;
        for (int i = 0; i < _target.Length; i++)
        {
            double velocity = _velocity[i] < 0 ? 0 : nextState[_velocity[i]];
            distance += Left(i, nextState);
            speed += velocity * velocity;
        }

        return ((-distance - (VelocityCost * speed)) / _target.Length) + (IsReached(nextState) ? Bonus : 0);
    }

    /// <summary>Whether every joint is within the tolerance of its target.</summary>
    public bool IsReached(ReadOnlySpan<double> state)
    {
        bool there = true;
        for (int i = 0; i < _target.Length; i++)
        {
            there &= Left(i, state) <= _tolerance;
        }

        return there;
    }

    /// <inheritdoc/>
    public bool IsTerminated(ReadOnlySpan<double> state) => false;

    /// <summary>A robot that can be put anywhere starts at its zero.</summary>
    public void DrawStart(CounterRandom random, Span<double> physicalState) => physicalState.Clear();

    /// <summary>A robot that can be put anywhere starts at its zero.</summary>
    public void SpreadStart(int index, int count, Span<double> physicalState) => physicalState.Clear();

    /// <summary>How far a joint is from its target, rad or m.</summary>
    private double Left(int joint, ReadOnlySpan<double> state) => Math.Abs(_target[joint] - state[_position[joint]]);

    /// <summary>The command that an action of zero stands for.</summary>
    private double Middle(int joint, ReadOnlySpan<double> previousCommand) =>
        _steps[joint] ? previousCommand[joint] : (_low[joint] + _high[joint]) / 2;

    private static IEnumerable<string> Problems(RobotDescription robot, ReachOptions options)
    {
        if (robot.Commands.Length == 0)
        {
            yield return "it has no command";
        }

        foreach (string name in options.Targets.Keys.Where(n => !robot.Commands.Any(c => c.Name == n)))
        {
            yield return $"Task:Reach:Targets:{name} names no command";
        }

        foreach (CommandInterface command in robot.Commands)
        {
            if (command.Kind is not (InterfaceKind.Position or InterfaceKind.Velocity))
            {
                yield return $"command {command.Name} is of kind {command.Kind}, and reach needs Position or Velocity";
            }
            else if (command.PositionState is null)
            {
                yield return $"no state with the position of {command.Name}";
            }
            else if (!(double.IsFinite(command.Minimum) && double.IsFinite(command.Maximum) && command.Minimum < command.Maximum))
            {
                yield return $"command {command.Name} has no finite range";
            }
            else if (Targets(robot, command, options) is var (least, greatest) && !(double.IsFinite(least) && double.IsFinite(greatest)))
            {
                yield return $"{command.PositionState} has no finite range to draw targets from: set Task:Reach:Targets:{command.Name}";
            }
        }
    }

    private static (double Least, double Greatest) Targets(RobotDescription robot, CommandInterface command, ReachOptions options)
    {
        if (options.Targets.TryGetValue(command.Name, out ReachRange? range))
        {
            return (range.Minimum, range.Maximum);
        }

        StateInterface state = robot.States[robot.StateIndex(command.PositionState!)];
        bool position = command.Kind == InterfaceKind.Position;
        (double low, double high) = position ? (command.Minimum, command.Maximum) : (state.Minimum, state.Maximum);
        double middle = (low + high) / 2,
            half = options.Share * (high - low) / 2;
        return (middle - half, middle + half);
    }
}
