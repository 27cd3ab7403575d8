using System.Globalization;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Safety;

/// <summary>Whether one joint that is commanded in position or velocity follows: what it could have done by now, and what it did.</summary>
/// <remarks>Control thread, but for what says so. Allocates nothing once made.</remarks>
internal sealed class JointFollow
{
    /// <summary>
    /// How long a joint that follows may take to answer a command, s: the driver's cycle, the servo's own loop (a proportional loop with
    /// a gain of 20/s lags its command by 50 ms) and the reading's age, with as much again to spare.
    /// </summary>
    public const double ResponseSeconds = 0.2;

    /// <summary>
    /// Share of its full load from which on a joint counts as loaded. The position loop of an XL330 as delivered gives this much
    /// at an error
    /// of 0.13 rad (e-manual: P gain 400, divided by 128, of a PWM limit of 885), so that one that merely sags under its load is never
    /// beyond the default tolerance with less.
    /// </summary>
    public const double LoadedShare = 0.3;

    /// <summary>
    /// Time that is taken back for each second in which a joint is seen to follow after it was seen not to. Less than 1, so that one which
    /// follows in a part of its range, or whose commands swing through where it stands, is found too.
    /// </summary>
    private const double ProofRate = 0.25;

    private const int OwnState = 8;

    private readonly bool _isPosition;
    private readonly int _measured,
        _load;
    private readonly double _period,
        _time,
        _fullLoad,
        _maxSpeed,
        _maxAcceleration;
    private readonly double[] _window;
    private int _next;
    private double _reference,
        _speed,
        _cutSeconds,
        _blockedSeconds,
        _anchor;
    private double _commandedSeen,
        _measuredSeen,
        _shareSeen;
    private bool _cut,
        _blocked;

    private JointFollow(CommandInterface command, RobotDescription robot, JointLimits? limits, double period, int measured, int load)
    {
        (Command, _period, _measured, _load) = (command, period, measured, load);
        _isPosition = command.Kind == InterfaceKind.Position;
        _fullLoad = command.FullLoad ?? double.NaN;
        _time = (limits?.FollowTime ?? JointLimits.DefaultFollowTime).TotalSeconds;
        Tolerance = limits?.FollowTolerance ?? DefaultTolerance(command, limits, robot.States[measured].Unit);
        Unit = robot.States[measured].Unit;
        (_maxSpeed, _maxAcceleration) = (command.MaxSpeed ?? double.PositiveInfinity, command.MaxAcceleration ?? double.PositiveInfinity);
        _window = new double[(int)Math.Ceiling(ResponseSeconds / period) + 2];
    }

    /// <summary>What it is commanded by.</summary>
    public CommandInterface Command { get; }

    /// <summary>How far it may be from what it could have done, in <see cref="Unit"/>.</summary>
    public double Tolerance { get; }

    /// <summary>How long it may be beyond that.</summary>
    public TimeSpan Time => TimeSpan.FromSeconds(_time);

    /// <summary>Unit of what is commanded and measured.</summary>
    public string Unit { get; }

    /// <summary>Whether the robot reports how hard it works.</summary>
    public bool KnowsLoad => _load >= 0;

    /// <summary>Whether it has not followed for its time, without load, and does not follow yet. Any thread.</summary>
    public bool IsCut => Volatile.Read(ref _cut);

    /// <summary>The same, under load. Any thread.</summary>
    public bool IsBlocked => Volatile.Read(ref _blocked);

    /// <summary>Whether it has not followed without load, be it for a moment, and has not proved since that it does.</summary>
    public bool IsSuspect => _cutSeconds > 0;

    public int StateSize => _window.Length + OwnState;

    /// <summary>
    /// The watch of <paramref name="command"/>; null where it is not watched: efforts, and what the robot does not measure.
    /// </summary>
    public static JointFollow? For(RobotDescription robot, CommandInterface command, JointLimits? limits, double period)
    {
        string? measured = command.Kind switch
        {
            InterfaceKind.Position => command.PositionState,
            InterfaceKind.Velocity => command.VelocityState,
            _ => null,
        };
        int load = command.LoadState is null || command.FullLoad is null ? -1 : robot.StateIndex(command.LoadState);
        return measured is null ? null : new(command, robot, limits, period, robot.StateIndex(measured), load);
    }

    /// <summary>Armed: nothing of before counts.</summary>
    public void Forget()
    {
        (_cutSeconds, _blockedSeconds) = (0, 0);
        Volatile.Write(ref _cut, false);
        Volatile.Write(ref _blocked, false);
    }

    /// <summary>The commands begin anew from where it is. Whether it followed before is not forgotten.</summary>
    public void Restart(ReadOnlySpan<double> state)
    {
        (_reference, _speed) = (state[_measured], 0);
        _window.AsSpan().Fill(_reference);
        _next = 0;
    }

    /// <summary>One more period, in which <paramref name="command"/> is in force; NaN: the one before goes on.</summary>
    public void Take(double command)
    {
        int newest = (_next == 0 ? _window.Length : _next) - 1;
        double oldest = _window[_next];
        _window[_next] = double.IsFinite(command) ? command : _window[newest];
        _next = (_next + 1) % _window.Length;
        double gap = oldest - _reference,
            step = _maxAcceleration * _period;
        if (_isPosition)
        {
            double quickest = double.IsFinite(step) ? Braking.Speed(Math.Abs(gap), _maxAcceleration, _period) : Math.Abs(gap) / _period;
            double wanted = Math.Sign(gap) * Math.Min(_maxSpeed, quickest);
            _speed = double.IsFinite(step) ? _speed + Math.Clamp(wanted - _speed, -step, step) : wanted;
            _reference += _speed * _period;
        }
        else
        {
            _reference += Math.Clamp(gap, -step, step);
        }
    }

    /// <summary>Judges a fresh reading against what the commands of before could have made of it.</summary>
    public void Look(ReadOnlySpan<double> state)
    {
        // It may be anywhere between where the slowest answer would have brought it and where the quickest would have.
        double measured = state[_measured];
        double least = _reference,
            most = _reference;
        foreach (double command in _window)
        {
            least = Math.Min(least, command);
            most = Math.Max(most, command);
        }

        bool follows = measured >= least - Tolerance && measured <= most + Tolerance;
        double share = _load < 0 ? double.NaN : Math.Abs(state[_load]) / _fullLoad;
        bool loaded = share >= LoadedShare;
        if (!follows)
        {
            _anchor = loaded ? _anchor : measured;
            int newest = (_next == 0 ? _window.Length : _next) - 1;
            Volatile.Write(ref _commandedSeen, _window[newest]);
            Volatile.Write(ref _measuredSeen, measured);
            Volatile.Write(ref _shareSeen, share);
        }

        // To be where it should be proves something only of a joint that has moved; to push proves that it has power.
        double taken =
            !follows && loaded ? 1
            : follows && Math.Abs(measured - _anchor) > 0.5 * Tolerance ? ProofRate
            : 0;
        Count(ref _cutSeconds, ref _cut, !follows && !loaded ? 1 : -taken);
        Count(ref _blockedSeconds, ref _blocked, !follows && loaded ? 1 : -1);
    }

    /// <summary>What was commanded and measured when it was seen not to follow last. Any thread.</summary>
    public string Describe()
    {
        double share = Volatile.Read(ref _shareSeen);
        string load = double.IsNaN(share) ? "load not reported" : FormattableString.Invariant($"load {share:0.##} of full");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Command.Name} is commanded {Volatile.Read(ref _commandedSeen):0.###} {Unit}, measured "
                + $"{Volatile.Read(ref _measuredSeen):0.###} {Unit} (allowed {Tolerance:0.###} {Unit} for {_time:0.###} s), {load}"
        );
    }

    public void Copy(Span<double> destination)
    {
        (destination[0], destination[1], destination[2], destination[3]) = (_reference, _next, _cutSeconds, _blockedSeconds);
        (destination[4], destination[5], destination[6], destination[7]) = (_speed, _cut ? 1 : 0, _blocked ? 1 : 0, _anchor);
        _window.CopyTo(destination[OwnState..]);
    }

    public void Restore(ReadOnlySpan<double> source)
    {
        (_reference, _next, _cutSeconds, _blockedSeconds) = (source[0], (int)source[1], source[2], source[3]);
        (_speed, _anchor) = (source[4], source[7]);
        Volatile.Write(ref _cut, source[5] != 0);
        Volatile.Write(ref _blocked, source[6] != 0);
        source[OwnState..].CopyTo(_window);
    }

    /// <summary>
    /// Counts time, or takes it back, at <paramref name="rate"/>; the flag is set from the joint's time on, until all was taken
    /// back.
    /// </summary>
    private void Count(ref double seconds, ref bool flag, double rate)
    {
        // Half a period of slack: sums of periods are not exact.
        seconds = Math.Clamp(seconds + (rate * _period), 0, _time + _period);
        seconds = seconds < 0.05 * _period ? 0 : seconds;
        if (flag != (flag ? seconds > 0 : seconds >= _time - (0.5 * _period)))
        {
            Volatile.Write(ref flag, !flag);
        }
    }

    private static double DefaultTolerance(CommandInterface command, JointLimits? limits, string unit)
    {
        double low = Math.Max(command.Minimum, limits?.MinPosition ?? double.NegativeInfinity),
            high = Math.Min(command.Maximum, limits?.MaxPosition ?? double.PositiveInfinity);
        return command.Kind == InterfaceKind.Velocity
                ? Math.Min(
                    JointLimits.DefaultFollowVelocity,
                    0.5 * Math.Min(limits?.MaxVelocity ?? double.PositiveInfinity, Math.Max(command.Maximum, -command.Minimum))
                )
            : unit == "rad" || !double.IsFinite(high - low) || high <= low ? JointLimits.DefaultFollowRad
            : 0.1 * (high - low);
    }
}
