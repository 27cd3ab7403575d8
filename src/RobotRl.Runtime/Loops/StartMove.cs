using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// The way from where a robot is to its start pose: position commands follow a minimum-jerk profile (all joints arrive together;
/// Flash and Hogan 1985: 10 s^3 - 15 s^4 + 6 s^5), velocity commands are proportional to what is left.
/// </summary>
/// <remarks>Control thread only, but for the constructor. Allocates nothing.</remarks>
public sealed class StartMove
{
    /// <summary>Peak speed of a minimum-jerk move over its mean speed.</summary>
    private const double PeakOverMean = 1.875;

    /// <summary>
    /// Velocity commanded for each unit of distance, 1/s: a distance is down to a tenth in 1.2 s, slow enough for a velocity loop
    /// delayed by tens of milliseconds.
    /// </summary>
    private const double Gain = 2;

    private readonly CommandInterface[] _commands;
    private readonly double[] _goal,
        _from;
    private readonly int[] _position;
    private readonly bool[] _velocity;
    private readonly double _speed,
        _tolerance,
        _period;
    private double _elapsed,
        _duration;

    /// <summary>Plans for <paramref name="robot"/>, stepped once every <paramref name="period"/>.</summary>
    /// <exception cref="ArgumentException">The robot cannot be moved like this; the message holds every problem.</exception>
    public StartMove(RobotDescription robot, TaskOptions options, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(options);
        string[] problems = [.. options.Validate("Task", robot)];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        _commands = [.. robot.Commands];
        _goal = [.. robot.Commands.Select(options.StartOf)];
        _from = new double[_goal.Length];
        _position = [.. robot.Commands.Select(c => robot.StateIndex(c.PositionState!))];
        _velocity = [.. robot.Commands.Select(c => c.Kind == InterfaceKind.Velocity)];
        (_speed, _tolerance, _period) = (options.StartSpeed, options.StartTolerance, period.TotalSeconds);
    }

    /// <summary>Starts from <paramref name="state"/>, [states].</summary>
    public void Begin(ReadOnlySpan<double> state)
    {
        double longest = 0;
        for (int i = 0; i < _goal.Length; i++)
        {
            _from[i] = state[_position[i]];
            longest = Math.Max(longest, Math.Abs(_goal[i] - _from[i]));
        }

        (_elapsed, _duration) = (0, PeakOverMean * longest / _speed);
    }

    /// <summary>The next command, [commands], from the newest reading, [states].</summary>
    public void Next(ReadOnlySpan<double> state, Span<double> command)
    {
        _elapsed = Math.Min(_elapsed + _period, _duration);
        double s = _duration > 0 ? _elapsed / _duration : 1,
            share = s * s * s * (10 + (s * (-15 + (6 * s))));
        for (int i = 0; i < _goal.Length; i++)
        {
            command[i] = _velocity[i]
                ? Math.Clamp(Gain * (_goal[i] - state[_position[i]]), -_speed, _speed)
                : _from[i] + (share * (_goal[i] - _from[i]));
        }
    }

    /// <summary>Whether the way is done and every joint is within the tolerance of its goal.</summary>
    public bool IsThere(ReadOnlySpan<double> state)
    {
        bool there = _elapsed >= _duration;
        for (int i = 0; i < _goal.Length; i++)
        {
            there &= Math.Abs(_goal[i] - state[_position[i]]) <= _tolerance;
        }

        return there;
    }

    /// <summary>
    /// Why the robot is not at its start pose, in one sentence: the joint that is farthest from it, what was commanded and what was
    /// measured. Null if every joint is there. Any thread; allocates.
    /// </summary>
    public string? Describe(ReadOnlySpan<double> state, ReadOnlySpan<double> command)
    {
        int worst = -1;
        double farthest = _tolerance;
        for (int i = 0; i < _goal.Length; i++)
        {
            double away = Math.Abs(_goal[i] - state[_position[i]]);
            away = double.IsNaN(away) ? double.PositiveInfinity : away;
            (worst, farthest) = away <= farthest ? (worst, farthest) : (i, away);
        }

        if (worst < 0)
        {
            return null;
        }

        CommandInterface joint = _commands[worst];
        string unit = _velocity[worst] ? joint.Unit.Replace("/s", "", StringComparison.Ordinal) : joint.Unit;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{joint.Name} is commanded to {command[worst]:0.###} {joint.Unit} and measured at "
                + $"{state[_position[worst]]:0.###} {unit}; its start pose is {_goal[worst]:0.###} {unit} (tolerance "
                + $"{_tolerance:0.###}). See what holds it: an obstacle, too little torque, a limit kept in the servo, or a wrong "
                + $"calibration"
        );
    }
}
