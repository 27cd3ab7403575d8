using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices;

/// <summary>
/// Whether a robot has come to rest, by its own readings since <see cref="Restart"/>: by the velocity of each commanded joint,
/// or, if that is
/// not reported, by a position that stays where it is for <see cref="Window"/>. A joint that reports neither is never seen to
/// rest. One thread;
/// does not allocate once made.
/// </summary>
internal sealed class RestWatch
{
    /// <summary>
    /// How long a position must stay. At 0.05 rad/s a joint moves 0.005 rad in it, three ticks of an encoder of 4096: less would
    /// measure noise.
    /// </summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private const int LeastReadings = 3;

    private readonly int[] _velocities,
        _positions;
    private readonly double[] _places;
    private readonly double _velocity;
    private readonly bool _isBlind;
    private long _since;
    private int _readings;

    /// <param name="robot">Its commands name the states that tell.</param>
    /// <param name="velocity">Speed up to which a joint counts as at rest, rad/s or m/s.</param>
    public RestWatch(RobotDescription robot, double velocity)
    {
        _velocity = velocity;
        _velocities = [.. robot.Commands.Select(c => c.VelocityState).OfType<string>().Select(robot.StateIndex).Distinct()];
        _positions =
        [
            .. robot
                .Commands.Where(c => c.VelocityState is null)
                .Select(c => c.PositionState)
                .OfType<string>()
                .Select(robot.StateIndex)
                .Distinct(),
        ];
        _isBlind = robot.Commands.Any(c => c.VelocityState is null && c.PositionState is null);
        _places = new double[_positions.Length];
    }

    /// <summary>From now on it may move: what was seen before is no evidence.</summary>
    public void Restart() => _readings = 0;

    /// <summary>Takes a reading. Whether every joint has come to rest.</summary>
    /// <param name="state">[states].</param>
    /// <param name="now">Monotonic, ticks of 100 ns.</param>
    public bool See(ReadOnlySpan<double> state, long now)
    {
        bool slow = !_isBlind;
        foreach (int velocity in _velocities)
        {
            slow &= Math.Abs(state[velocity]) <= _velocity;
        }

        return Stays(state, now) && slow;
    }

    private bool Stays(ReadOnlySpan<double> state, long now)
    {
        if (_positions.Length == 0)
        {
            return true;
        }

        bool stays = _readings > 0;
        for (int i = 0; i < _positions.Length; i++)
        {
            stays &= Math.Abs(state[_positions[i]] - _places[i]) <= _velocity * Window.TotalSeconds;
        }

        if (stays)
        {
            _readings++;
            return _readings >= LeastReadings && now - _since >= Window.Ticks;
        }

        for (int i = 0; i < _positions.Length; i++)
        {
            _places[i] = state[_positions[i]];
        }

        (_since, _readings) = (now, 1);
        return false;
    }
}
