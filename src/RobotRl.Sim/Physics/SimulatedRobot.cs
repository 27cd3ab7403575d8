using RobotRl.Hardware.Contracts;

namespace RobotRl.Sim.Physics;

/// <summary>
/// What every simulated robot shares: lifecycle, command checks, stops, exact state. A robot adds its description, its
/// dynamics and, where its drive can, damping. Its physical state is what it reports, in the same order.
/// </summary>
/// <remarks>
/// Its time is its steps, so that the same calls give the same readings bit for bit. A fresh object is Closed and at its rest
/// pose. Unpowered it goes on moving freely. One thread uses it; <see cref="RealTimeSimulation"/> is the form for several.
/// <para>Stops: PowerOff removes power within the call. Hold damps and stays Powered, refusing commands until
/// <see cref="ClearFault"/> or a new <see cref="PowerOn"/>; without damping it is a PowerOff. ControlledStop damps until the
/// driven joints rest, at most <see cref="ControlledStopLimit"/>, and then removes power.</para>
/// </remarks>
public abstract class SimulatedRobot : ILockstepRobot
{
    /// <summary>Longest time that a controlled stop decelerates before power is removed all the same.</summary>
    public static readonly TimeSpan ControlledStopLimit = TimeSpan.FromSeconds(2);

    // Fraction of a driven joint's velocity range (or, where that is unbounded, rad/s or m/s) under which it is at rest.
    private const double RestFraction = 0.01;
    private const int FixedInternalValues = 4;

    private readonly double[] _state,
        _stepped,
        _command,
        _applied;
    private readonly double[] _restVelocity;
    private readonly int[] _velocityIndex;
    private readonly long[] _internal;
    private readonly long _controlledStopSteps;
    private volatile DeviceState _device;
    private volatile string? _faultReason;
    private bool _physicsFault,
        _fresh,
        _stopConfirmed;
    private StopLevel _stop;
    private long _step,
        _readingStep,
        _stopStep,
        _confirmedStep;

    /// <summary>Starts Closed at <paramref name="rest"/>, [states].</summary>
    protected SimulatedRobot(RobotDescription description, ReadOnlySpan<double> rest)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rest.Length, description.States.Length, nameof(rest));
        Description = description with { IsSimulated = true };
        _state = rest.ToArray();
        _stepped = new double[rest.Length];
        int commands = description.Commands.Length;
        (_command, _applied) = (new double[commands], new double[commands]);
        (_velocityIndex, _restVelocity) = (new int[commands], new double[commands]);
        for (int i = 0; i < commands; i++)
        {
            _velocityIndex[i] = description.Commands[i].VelocityState is { } name ? description.StateIndex(name) : -1;
            double range = _velocityIndex[i] < 0 ? 1 : description.States[_velocityIndex[i]].Maximum;
            _restVelocity[i] = RestFraction * (double.IsFinite(range) ? range : 1);
        }

        _internal = new long[FixedInternalValues + commands];
        _controlledStopSteps = ControlledStopLimit.Ticks / description.ControlPeriod.Ticks;
    }

    /// <inheritdoc/>
    public RobotDescription Description { get; }

    /// <inheritdoc/>
    public DeviceState State => _device;

    /// <inheritdoc/>
    public string? FaultReason => _device == DeviceState.Faulted ? _faultReason : null;

    /// <inheritdoc/>
    public StopStatus Stop => new(_stop, _stopConfirmed, _stopConfirmed ? At(_confirmedStep) : TimeSpan.Zero);

    /// <inheritdoc/>
    public TimeSpan Time => At(_step);

    /// <inheritdoc/>
    public int PhysicalStateSize => _state.Length;

    /// <summary>
    /// Step counter, step of the newest reading, whether it is unread, whether a hold damps, and the command's bits. Lifecycle
    /// and faults are the live device's own: they are not restored.
    /// </summary>
    public ReadOnlySpan<long> InternalState
    {
        get
        {
            (_internal[0], _internal[1], _internal[2], _internal[3]) = (
                _step,
                _readingStep,
                _fresh ? 1 : 0,
                _stop == StopLevel.Hold ? 1 : 0
            );
            for (int i = 0; i < _command.Length; i++)
            {
                _internal[FixedInternalValues + i] = BitConverter.DoubleToInt64Bits(_command[i]);
            }

            return _internal;
        }
        set
        {
            if (value.Length != _internal.Length)
            {
                throw new ArgumentException(
                    $"Robot {Description.Name}: internal state of {value.Length} values; it has {_internal.Length}.",
                    nameof(value)
                );
            }

            (_step, _readingStep, _fresh) = (value[0], value[1], value[2] != 0);
            if (value[3] != 0)
            {
                (_stop, _stopConfirmed, _confirmedStep) = (StopLevel.Hold, true, _step);
            }

            for (int i = 0; i < _command.Length; i++)
            {
                _command[i] = BitConverter.Int64BitsToDouble(value[FixedInternalValues + i]);
            }
        }
    }

    /// <inheritdoc/>
    public void Open()
    {
        if (_device == DeviceState.Closed)
        {
            // A fault outlives closing: only ClearFault ends it.
            _device = _faultReason is null ? DeviceState.Readable : DeviceState.Faulted;
            TakeReading();
        }
    }

    /// <inheritdoc/>
    public void PowerOn()
    {
        switch (_device)
        {
            case DeviceState.Closed:
                throw new RobotException(Description.Name, $"Robot {Description.Name}: cannot power on while closed. Open it first.");
            case DeviceState.Faulted:
                throw new RobotException(
                    Description.Name,
                    $"Robot {Description.Name}: cannot power on while faulted ({_faultReason}). Clear the fault first."
                );
            case DeviceState.Readable:
                ClearStop();
                MakeCommandSafe();
                _device = DeviceState.Powered;
                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    public void PowerOff()
    {
        if (_device == DeviceState.Powered)
        {
            if (_stop == StopLevel.ControlledStop)
            {
                FinishStop();
                return;
            }

            MakeCommandSafe();
            _device = DeviceState.Readable;
        }
    }

    /// <inheritdoc/>
    public void Close()
    {
        PowerOff();
        _device = DeviceState.Closed;
        _fresh = false;
    }

    /// <inheritdoc/>
    public void ClearFault()
    {
        if (_device == DeviceState.Powered && _stop == StopLevel.ControlledStop)
        {
            throw new RobotException(
                Description.Name,
                $"Robot {Description.Name}: a controlled stop is under way. Clear the fault once it has ended."
            );
        }

        ClearStop();
        (_faultReason, _physicsFault) = (null, false);
        if (_device == DeviceState.Faulted)
        {
            _device = DeviceState.Readable;
        }
    }

    /// <inheritdoc/>
    public ReadResult Read(Span<double> state)
    {
        CheckLength(state.Length, _state.Length, "state");
        TimeSpan taken = At(_readingStep),
            age = Time - taken;
        if (_device == DeviceState.Closed)
        {
            return new(IoStatus.WrongState, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        }

        if (_physicsFault)
        {
            return new(IoStatus.DeviceFault, taken, age, TimeSpan.Zero);
        }

        _state.CopyTo(state);
        IoStatus status = _fresh ? IoStatus.Ok : IoStatus.NotFresh;
        _fresh = false;
        return new(status, taken, age, TimeSpan.Zero);
    }

    /// <inheritdoc/>
    public WriteResult Write(ReadOnlySpan<double> command)
    {
        CheckLength(command.Length, _command.Length, "command");
        if (_device != DeviceState.Powered || _stop != StopLevel.None)
        {
            return new(IoStatus.WrongState, TimeSpan.Zero);
        }

        if (!Description.Accepts(command))
        {
            return new(IoStatus.Refused, TimeSpan.Zero);
        }

        command.CopyTo(_command);
        return new(IoStatus.Ok, TimeSpan.Zero);
    }

    /// <inheritdoc/>
    public void RequestStop(StopLevel level, string reason)
    {
        if (level == StopLevel.Hold && !Description.HasDamping)
        {
            level = StopLevel.PowerOff;
        }

        if (level <= _stop)
        {
            return;
        }

        (_stop, _stopStep, _stopConfirmed) = (level, _step, false);
        MakeCommandSafe();
        if (level >= StopLevel.ControlledStop)
        {
            _faultReason = reason;
        }

        bool decelerates = _device == DeviceState.Powered && Description.HasDamping && level == StopLevel.ControlledStop;
        if (level == StopLevel.Hold)
        {
            (_stopConfirmed, _confirmedStep) = (_device != DeviceState.Powered, _step);
        }
        else if (!decelerates)
        {
            FinishStop();
        }
    }

    /// <inheritdoc/>
    public void Teleport(ReadOnlySpan<double> state)
    {
        if (_device == DeviceState.Closed)
        {
            throw new RobotException(Description.Name, $"Robot {Description.Name}: cannot be put anywhere while closed. Open it first.");
        }

        Place.Check(Description, state);
        state.CopyTo(_state);
        TakeReading();
    }

    /// <inheritdoc/>
    public void Advance()
    {
        if (_device == DeviceState.Closed)
        {
            throw new RobotException(Description.Name, $"Robot {Description.Name}: cannot advance while closed. Open it first.");
        }

        _step++;
        if (_physicsFault)
        {
            return;
        }

        bool damped = _device == DeviceState.Powered && _stop != StopLevel.None;
        if (damped)
        {
            Damp(_state, _command);
            for (int i = 0; i < _command.Length; i++)
            {
                _command[i] = Math.Clamp(_command[i], Description.Commands[i].Minimum, Description.Commands[i].Maximum);
            }
        }

        _command.CopyTo(_applied, 0);
        Step(_state, _applied, _stepped);
        foreach (double value in _stepped)
        {
            if (!double.IsFinite(value))
            {
                FailPhysics();
                return;
            }
        }

        _stepped.CopyTo(_state, 0);
        TakeReading();
        if (damped)
        {
            ConfirmDampedStop();
        }
    }

    /// <inheritdoc/>
    public void CopyPhysicalState(Span<double> state) => _state.CopyTo(state);

    /// <summary>
    /// Writes what this robot keeps beside its physical state and this class's own: delay lines, filters, generators. To be
    /// overridden, together with
    /// <see cref="LoadExtra"/>, by every robot whose <see cref="Step"/> remembers anything.
    /// </summary>
    public virtual void SaveExtra(IRobotStateWriter writer) { }

    /// <summary>Reads what <see cref="SaveExtra"/> wrote.</summary>
    public virtual void LoadExtra(IRobotStateReader reader) { }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// One control period of dynamics from <paramref name="state"/> under <paramref name="command"/> to <paramref name="next"/>;
    /// no argument is kept. A robot
    /// that remembers more than its state from one call to the next overrides <see cref="SaveExtra"/> and <see cref="LoadExtra"/>.
    /// </summary>
    protected abstract void Step(ReadOnlySpan<double> state, ReadOnlySpan<double> command, Span<double> next);

    /// <summary>
    /// The command that damps motion in <paramref name="state"/>; clamped to the limits afterwards. Called only where the
    /// description has damping.
    /// </summary>
    protected virtual void Damp(ReadOnlySpan<double> state, Span<double> command) => command.Clear();

    private TimeSpan At(long step) => new(step * Description.ControlPeriod.Ticks);

    private void TakeReading() => (_readingStep, _fresh) = (_step, true);

    private void MakeCommandSafe()
    {
        for (int i = 0; i < _command.Length; i++)
        {
            _command[i] = Description.Commands[i].SafeValue;
        }
    }

    private void ClearStop() => (_stop, _stopConfirmed, _confirmedStep) = (StopLevel.None, false, 0);

    private void ConfirmDampedStop()
    {
        bool slow = true;
        for (int i = 0; i < _velocityIndex.Length; i++)
        {
            // What reports no velocity is not seen to rest: it has the whole time.
            slow &= _velocityIndex[i] >= 0 && Math.Abs(_state[_velocityIndex[i]]) <= _restVelocity[i];
        }

        if (_stop == StopLevel.ControlledStop && (slow || _step - _stopStep >= _controlledStopSteps))
        {
            FinishStop();
        }
        else if (_stop == StopLevel.Hold && !_stopConfirmed)
        {
            // Read back: the period that just ended ran under the damping command.
            (_stopConfirmed, _confirmedStep) = (true, _step);
        }
    }

    /// <summary>Power is off and read back as off.</summary>
    private void FinishStop()
    {
        MakeCommandSafe();
        (_stopConfirmed, _confirmedStep) = (true, _step);
        if (_device != DeviceState.Closed)
        {
            _device = DeviceState.Faulted;
        }
    }

    private void FailPhysics()
    {
        MakeCommandSafe();
        _physicsFault = true;
        _faultReason = $"Robot {Description.Name}: the physics left the range of finite numbers at {Time.TotalSeconds} s.";
        _device = DeviceState.Faulted;
    }

    private void CheckLength(int length, int expected, string what)
    {
        if (length != expected)
        {
            throw new ArgumentException($"Robot {Description.Name}: a {what} of {length} values; it has {expected}.");
        }
    }
}
