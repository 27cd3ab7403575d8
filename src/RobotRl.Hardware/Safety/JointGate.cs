using System.Globalization;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Safety;

/// <summary>The gate of one command: what it may be next, given what it was.</summary>
internal sealed class JointGate
{
    public const int StateSize = 3;

    private readonly InterfaceKind _kind;
    private readonly double _period,
        _minimum,
        _maximum,
        _safe;
    private readonly double _minPosition,
        _maxPosition,
        _maxVelocity,
        _maxAcceleration,
        _maxJerk,
        _maxRate,
        _maxEffort,
        _braking,
        _rest,
        _margin;
    private readonly int _position,
        _velocity;
    private readonly bool _limited,
        _hasRest;
    private readonly CommandInterface _command;
    private readonly StateInterface? _positionState,
        _velocityState;
    private readonly string _restKey;
    private double _rate,
        _acceleration;

    public JointGate(RobotDescription robot, CommandInterface command, JointLimits? limits, double? rest, double period)
    {
        _kind = command.Kind;
        _period = period;
        (_minimum, _maximum) = (command.Minimum, command.Maximum);
        (_command, _positionState, _velocityState) = (command, State(robot, command.PositionState), State(robot, command.VelocityState));
        _restKey = limits?.RestVelocity is null ? "Safety:RestVelocity" : $"Safety:Joints:{command.Name}:RestVelocity";
        // A position command's hardware range is a position limit too: what approaches it must brake in time.
        bool position = command.Kind == InterfaceKind.Position;
        _minPosition = Math.Max(limits?.MinPosition ?? double.NegativeInfinity, position ? _minimum : double.NegativeInfinity);
        _maxPosition = Math.Min(limits?.MaxPosition ?? double.PositiveInfinity, position ? _maximum : double.PositiveInfinity);
        _maxVelocity = limits?.MaxVelocity ?? double.PositiveInfinity;
        _maxAcceleration = limits?.MaxAcceleration ?? double.PositiveInfinity;
        _maxJerk = limits?.MaxJerk ?? double.PositiveInfinity;
        _maxRate = limits?.MaxCommandRate ?? double.PositiveInfinity;
        _maxEffort = limits?.MaxEffort ?? double.PositiveInfinity;
        _braking = limits?.BrakingDeceleration ?? _maxAcceleration;
        _position = command.PositionState is null ? -1 : robot.StateIndex(command.PositionState);
        _velocity = command.VelocityState is null ? -1 : robot.StateIndex(command.VelocityState);
        _limited = limits is not null;
        _margin = position ? limits?.PositionMargin ?? 0 : 0;
        _rest = limits?.RestVelocity ?? rest ?? double.PositiveInfinity;
        _hasRest = rest is not null || limits?.RestVelocity is not null;
        _safe = Math.Min(Math.Max(command.SafeValue, Math.Max(_minimum, -_maxEffort)), Math.Min(_maximum, _maxEffort));
        Previous = _safe;
    }

    /// <summary>The command written last.</summary>
    public double Previous { get; private set; }

    /// <summary>What must be written for motion to cease, where no reading can be trusted.</summary>
    public double BlindHold => _kind == InterfaceKind.Position ? Previous : _safe;

    /// <summary>
    /// What must be written for motion to cease: where effort is commanded the safe value, or braking near a position limit.
    /// </summary>
    public double Hold(ReadOnlySpan<double> state, double age)
    {
        if (!_limited || _kind is InterfaceKind.Position or InterfaceKind.Velocity)
        {
            return BlindHold;
        }

        var allowed = new Interval(_minimum, _maximum);
        GateReasons broken = GateReasons.None;
        LimitEffort(_safe, state, age, ref allowed, ref broken);
        return allowed.Clamp(_safe);
    }

    public void Resynchronise(ReadOnlySpan<double> state)
    {
        double start = _kind == InterfaceKind.Position && _position >= 0 ? state[_position] : _safe;
        Previous = new Interval(_minimum, _maximum).Clamp(start);
        (_rate, _acceleration) = (0, 0);
    }

    public bool AtRest(ReadOnlySpan<double> state) => !_hasRest || _velocity < 0 || Math.Abs(state[_velocity]) <= _rest;

    /// <summary>How fast it moves, and up to which speed it counts as at rest; null where it rests. Allocates.</summary>
    public string? DescribeMotion(ReadOnlySpan<double> state) =>
        AtRest(state)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{_velocityState!.Name} is {state[_velocity]:0.####} {_velocityState.Unit}, at rest up to {_rest:0.####} "
                    + $"{_velocityState.Unit} ({_restKey})"
            );

    /// <summary>Which of its limits the measured joint is beyond, and by what; null where it is within them. Allocates.</summary>
    public string? DescribeViolation(ReadOnlySpan<double> state)
    {
        if (!IsViolated(state))
        {
            return null;
        }

        return _position >= 0 && !(state[_position] >= _minPosition - _margin && state[_position] <= _maxPosition + _margin)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{_positionState!.Name} is {state[_position]:0.####} {_positionState.Unit}, allowed "
                    + $"{Range(_positionState.Unit)} (Safety:Joints:{_command.Name})"
            )
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{_velocityState!.Name} is {state[_velocity]:0.####} {_velocityState.Unit}, allowed up to "
                    + $"{_maxVelocity:0.####} {_velocityState.Unit} (Safety:Joints:{_command.Name}:MaxVelocity)"
            );
    }

    /// <summary>Whether the measured joint is beyond its position or velocity limit, in spite of all.</summary>
    public bool IsViolated(ReadOnlySpan<double> state) =>
        _limited
        && (
            (_position >= 0 && !(state[_position] >= _minPosition - _margin && state[_position] <= _maxPosition + _margin))
            || (_velocity >= 0 && !(Math.Abs(state[_velocity]) <= _maxVelocity))
        );

    public double Next(double proposed, ReadOnlySpan<double> state, double age, ref GateReasons reasons)
    {
        var allowed = new Interval(_minimum, _maximum);
        GateReasons broken = proposed < _minimum || proposed > _maximum ? GateReasons.Interface : GateReasons.None;
        if (_limited)
        {
            switch (_kind)
            {
                case InterfaceKind.Position:
                    LimitPosition(proposed, ref allowed, ref broken);
                    break;
                case InterfaceKind.Velocity:
                    LimitVelocity(proposed, state, age, ref allowed, ref broken);
                    break;
                default:
                    LimitEffort(proposed, state, age, ref allowed, ref broken);
                    Narrow(
                        proposed,
                        Previous - (_maxRate * _period),
                        Previous + (_maxRate * _period),
                        GateReasons.CommandRate,
                        ref allowed,
                        ref broken
                    );
                    break;
            }
        }

        reasons |= broken;
        double executed = allowed.Clamp(proposed);
        Record(executed);
        return executed;
    }

    /// <summary>Takes <paramref name="executed"/> for the previous command of the next tick.</summary>
    public void Record(double executed)
    {
        var finite = new Interval(-double.MaxValue, double.MaxValue);
        double change = finite.Clamp((executed - Previous) / _period);
        if (_kind == InterfaceKind.Position)
        {
            _acceleration = finite.Clamp((change - _rate) / _period);
            _rate = change;
        }
        else
        {
            _acceleration = change;
        }

        Previous = executed;
    }

    /// <summary>Takes <paramref name="executed"/> for the previous command of the next tick, after a stop: the setpoint rests.</summary>
    public void RecordStop(double executed) => (Previous, _rate, _acceleration) = (executed, 0, 0);

    public void Copy(Span<double> destination) => (destination[0], destination[1], destination[2]) = (Previous, _rate, _acceleration);

    public void Restore(ReadOnlySpan<double> source) => (Previous, _rate, _acceleration) = (source[0], source[1], source[2]);

    // A milder limit never moves a command out of what a harder one allows; from hard to mild: the hardware's range, position,
    // braking envelope, velocity, acceleration, command rate, jerk.
    private void LimitPosition(double proposed, ref Interval allowed, ref GateReasons broken)
    {
        // A pose outside its limits (moved by hand while unpowered) may only go back, and need not jump.
        double low = Math.Min(_minPosition, Previous),
            high = Math.Max(_maxPosition, Previous);
        Narrow(proposed, low, high, GateReasons.Position, ref allowed, ref broken);
        if (double.IsFinite(_braking))
        {
            NarrowSpeed(
                proposed,
                -Braking.Speed(Previous - _minPosition, _braking, _period),
                Braking.Speed(_maxPosition - Previous, _braking, _period),
                GateReasons.BrakingEnvelope,
                ref allowed,
                ref broken
            );
        }

        NarrowSpeed(proposed, -_maxVelocity, _maxVelocity, GateReasons.Velocity, ref allowed, ref broken);
        double step = _maxAcceleration * _period;
        NarrowSpeed(proposed, _rate - step, _rate + step, GateReasons.Acceleration, ref allowed, ref broken);
        NarrowSpeed(proposed, -_maxRate, _maxRate, GateReasons.CommandRate, ref allowed, ref broken);
        if (double.IsFinite(_maxJerk))
        {
            (double least, double most) = JerkLimited(_rate, Math.Min(_maxVelocity, _maxRate));
            NarrowSpeed(proposed, _rate + (least * _period), _rate + (most * _period), GateReasons.Jerk, ref allowed, ref broken);
        }
    }

    private void LimitVelocity(double proposed, ReadOnlySpan<double> state, double age, ref Interval allowed, ref GateReasons broken)
    {
        if (_position >= 0 && double.IsFinite(_braking))
        {
            double position = state[_position],
                speed = _velocity >= 0 ? state[_velocity] : Previous;
            double up = position + (age * Math.Max(0, Math.Max(speed, Previous))),
                down = position + (age * Math.Min(0, Math.Min(speed, Previous)));
            Narrow(
                proposed,
                down <= _minPosition ? 0 : double.NegativeInfinity,
                up >= _maxPosition ? 0 : double.PositiveInfinity,
                GateReasons.Position,
                ref allowed,
                ref broken
            );
            Narrow(
                proposed,
                -Braking.Speed(down - _minPosition, _braking, _period),
                Braking.Speed(_maxPosition - up, _braking, _period),
                GateReasons.BrakingEnvelope,
                ref allowed,
                ref broken
            );
        }

        Narrow(proposed, -_maxVelocity, _maxVelocity, GateReasons.Velocity, ref allowed, ref broken);
        double step = _maxAcceleration * _period;
        Narrow(proposed, Previous - step, Previous + step, GateReasons.Acceleration, ref allowed, ref broken);
        Narrow(
            proposed,
            Previous - (_maxRate * _period),
            Previous + (_maxRate * _period),
            GateReasons.CommandRate,
            ref allowed,
            ref broken
        );
        if (double.IsFinite(_maxJerk))
        {
            (double least, double most) = JerkLimited(Previous, _maxVelocity);
            Narrow(proposed, Previous + (least * _period), Previous + (most * _period), GateReasons.Jerk, ref allowed, ref broken);
        }
    }

    private void LimitEffort(double proposed, ReadOnlySpan<double> state, double age, ref Interval allowed, ref GateReasons broken)
    {
        Narrow(proposed, -_maxEffort, _maxEffort, GateReasons.Effort, ref allowed, ref broken);
        if (_velocity >= 0)
        {
            double velocity = state[_velocity],
                horizon = _period + age;
            double pull = double.IsFinite(_maxAcceleration) ? _maxAcceleration : 0;
            if (_position >= 0 && double.IsFinite(_braking))
            {
                double position = state[_position],
                    full = Math.Max(_minimum, -_maxEffort),
                    fullUp = Math.Min(_maximum, _maxEffort);

                // Going on for one more period at the worst, would there still be room to stop?
                bool up = Overruns(_maxPosition - position, velocity, pull, horizon),
                    down = Overruns(position - _minPosition, -velocity, pull, horizon);
                double high = !up ? double.PositiveInfinity
                    : velocity > 0 ? full
                    : 0,
                    low = !down ? double.NegativeInfinity
                    : velocity < 0 ? fullUp
                    : 0;
                GateReasons reason =
                    position > _maxPosition || position < _minPosition ? GateReasons.Position : GateReasons.BrakingEnvelope;
                if (velocity > 0)
                {
                    Narrow(proposed, double.NegativeInfinity, high, reason, ref allowed, ref broken);
                    Narrow(proposed, low, double.PositiveInfinity, reason, ref allowed, ref broken);
                }
                else
                {
                    Narrow(proposed, low, double.PositiveInfinity, reason, ref allowed, ref broken);
                    Narrow(proposed, double.NegativeInfinity, high, reason, ref allowed, ref broken);
                }
            }

            if (double.IsFinite(_maxVelocity))
            {
                double least = Math.Max(_minimum, -_maxEffort),
                    most = Math.Min(_maximum, _maxEffort);
                Narrow(
                    proposed,
                    least * Share(_maxVelocity + velocity, pull * horizon),
                    most * Share(_maxVelocity - velocity, pull * horizon),
                    GateReasons.Velocity,
                    ref allowed,
                    ref broken
                );
            }
        }
    }

    private bool Overruns(double gap, double speed, double pull, double horizon)
    {
        double next = speed + (pull * horizon);
        return next > 0 && (speed * horizon) + (0.5 * pull * horizon * horizon) + (next * next / (2 * _braking)) > gap;
    }

    /// <summary>
    /// Share of the full effort that speeds up by at most <paramref name="room"/> where full effort does by
    /// <paramref name="gain"/>.
    /// </summary>
    private static double Share(double room, double gain) =>
        room <= 0 ? 0
        : room >= gain ? 1
        : room / gain;

    /// <summary>Accelerations that respect the jerk limit and can be taken back before <paramref name="maxVelocity"/>.</summary>
    private (double Least, double Most) JerkLimited(double velocity, double maxVelocity)
    {
        double step = _maxJerk * _period;
        var allowed = new Interval(
            -Braking.Speed(maxVelocity + velocity, _maxJerk, _period),
            Braking.Speed(maxVelocity - velocity, _maxJerk, _period)
        );
        allowed.Narrow(_acceleration - step, _acceleration + step);
        return (allowed.Low, allowed.High);
    }

    private void NarrowSpeed(double proposed, double low, double high, GateReasons reason, ref Interval allowed, ref GateReasons broken) =>
        Narrow(proposed, Previous + (low * _period), Previous + (high * _period), reason, ref allowed, ref broken);

    private string Range(string unit)
    {
        string range = FormattableString.Invariant($"{_minPosition:0.####} to {_maxPosition:0.####} {unit}");
        return _margin > 0 ? FormattableString.Invariant($"{range} and {_margin:0.####} {unit} beyond (PositionMargin)") : range;
    }

    private static StateInterface? State(RobotDescription robot, string? name) =>
        name is null ? null : robot.States[robot.StateIndex(name)];

    private static void Narrow(double proposed, double low, double high, GateReasons reason, ref Interval allowed, ref GateReasons broken)
    {
        if (proposed < low || proposed > high)
        {
            broken |= reason;
        }

        allowed.Narrow(low, high);
    }
}
