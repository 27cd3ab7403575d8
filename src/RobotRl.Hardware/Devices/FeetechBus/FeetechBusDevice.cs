using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>
/// A bus of Feetech STS3215 servos: goals by sync write, readings by sync read, in one exchange. The servos have no command
/// timeout, so a guardian process watches over this one.
/// </summary>
public sealed class FeetechBusDevice : IDevice, ICalibratable
{
    /// <summary>Kind of robot, as in the options and in calibration files.</summary>
    public const string Kind = "feetech-bus";

    // Readings that cannot be, or are missing, in a row, after which it is no longer the line's fault.
    private const int MaxJumps = 5,
        MaxMisses = 4;

    // Part of a period at which an exchange ends.
    private const double HealthPart = 0.6;

    private readonly FeetechBusOptions _options;
    private readonly ITransport _transport;
    private readonly TimeProvider _time;
    private readonly MonotonicStamp _clock;
    private readonly IFeetechGuardian? _guardian;
    private readonly FeetechJoint[] _joints;
    private readonly FeetechLink _link;
    private readonly FeetechPower _power;
    private readonly FeetechWatch _watch;
    private readonly FeetechGoals _goals;
    private readonly FeetechHealth _health;
    private readonly FeetechRanges _ranges;
    private readonly CheckedPositions _checked;
    private readonly byte[] _ids;
    private readonly double[] _read;
    private bool _connected,
        _powered,
        _isSwitchedOn;

    /// <summary>Closed. With a guardian where the options ask for one.</summary>
    /// <param name="options">Port, servos, calibration, guardian.</param>
    /// <param name="transport">The bus: the port of the options, which the guardian opens too.</param>
    /// <param name="time">Its monotonic stamp is the clock.</param>
    /// <exception cref="ArgumentException">The options have problems; the message lists them all.</exception>
    /// <exception cref="RobotException">The calibration file cannot be used.</exception>
    public FeetechBusDevice(FeetechBusOptions options, ITransport transport, TimeProvider time)
        : this(options, transport, time, options?.Guardian.Enabled == true ? new Guardian.GuardianProcess(options) : null) { }

    internal FeetechBusDevice(FeetechBusOptions options, ITransport transport, TimeProvider time, IFeetechGuardian? guardian)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(time);
        string[] problems = [.. options.Validate("FeetechBus")];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        (_options, _transport, _time, _clock, _guardian) = (options, transport, time, new(time), guardian);
        _joints = FeetechJoint.MakeAll(options);
        _link = new(transport, time, options.EffectiveReplyTimeout);
        _goals = new(_link, _joints, _clock);
        _ids = [.. _joints.Select(j => j.Id)];
        _checked = new(_joints.Count(j => !j.IsVelocity));
        _watch = new(guardian, _checked, _clock, options.Guardian.HeartbeatTimeout);
        _power = new(_link, _joints, _ids, _goals, () => _watch.TryBeat(powered: true));
        _health = new(_link, _joints, options.ControlPeriod);
        _ranges = new(_joints, _link, Error);
        _read = new double[_joints.Length * FeetechJoint.States];
        Description = new(
            Kind,
            [.. _joints.SelectMany(j => j.StateInterfaces())],
            [.. _joints.Select(j => j.Command())],
            options.ControlPeriod
        );
    }

    /// <summary>A driver over the bus that <paramref name="options"/> describe, closed.</summary>
    /// <param name="options">Port, servos, calibration, guardian.</param>
    /// <param name="time">Its monotonic stamp is the clock.</param>
    /// <param name="notice">Takes a sentence for the operator; null: nobody reads it.</param>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    /// <exception cref="RobotException">The calibration file cannot be used.</exception>
    public static DeviceDriver CreateRobot(FeetechBusOptions options, TimeProvider time, Action<string>? notice = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        FeetechBusDevice device = new(options, SerialTransports.Create(options.Serial), time);
        if (device.Unrecorded is { } unrecorded)
        {
            notice?.Invoke(unrecorded);
        }

        return new(device, options.Driver, time);
    }

    /// <inheritdoc/>
    public RobotDescription Description { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<CalibrationJoint> Joints =>
        [
            .. _joints.Select(j => new CalibrationJoint(j.Name, FeetechUnits.TicksPerTurn, Wraps: !j.Kept.CountsTurns)
            {
                HasSeam = !j.IsVelocity,
            }),
        ];

    /// <inheritdoc/>
    public IReadOnlyList<JointCalibration> Calibrations => [.. _joints.Select(j => j.Calibration)];

    /// <inheritdoc/>
    public JointCalibration AddKept(int joint, JointCalibration found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return found with { KeptOffset = _joints[joint].Kept.Offset, KeptPhase = (int)_joints[joint].Kept.Phase };
    }

    /// <inheritdoc/>
    public string LinkAdvice => _link.LatencyAdvice ?? "Check cable and supply";

    /// <inheritdoc/>
    public string? Fault { get; private set; }

    /// <summary>
    /// Says that the calibration file does not record what the servos kept when it was made; null if it does, or there is none.
    /// </summary>
    internal string? Unrecorded =>
        _options.Calibration is { } file
        && string.Join(", ", _joints.Where(j => j.Calibration.KeptOffset is null || j.Calibration.KeptPhase is null).Select(j => j.Name))
            is { Length: > 0 } names
            ? $"Calibration file {file} does not record what the servos of {names} kept when it was made (registers "
                + $"{FeetechTable.PositionOffset.Address}, offset, and {FeetechTable.Phase.Address}, phase): if they were changed "
                + $"since, the zero has moved and nothing notices. Calibrate again with robotrl calibrate."
            : null;

    /// <inheritdoc/>
    public void Connect() => Connect(forWork: true);

    /// <inheritdoc/>
    public void ConnectUnpowered() => Connect(forWork: false);

    /// <inheritdoc/>
    public bool TryReadTicks(Span<int> ticks)
    {
        FeetechRegister position = FeetechTable.PresentPosition;
        if (!_connected || _link.SyncRead(position.Address, position.Size, _ids) < _ids.Length)
        {
            return false;
        }

        for (int i = 0; i < _ids.Length; i++)
        {
            ticks[i] = position.Decode(_link.Data(_ids[i], position.Size));
        }

        return true;
    }

    /// <inheritdoc/>
    public void Disconnect()
    {
        _transport.Close();

        // Torque that we could not take away is the guardian's to take away.
        _guardian?.End(inOrder: !_powered);
        (_connected, _powered, _isSwitchedOn) = (false, false, false);
        _watch.Reset();
    }

    /// <inheritdoc/>
    public DeviceReading Exchange(ReadOnlySpan<double> command, Span<double> state)
    {
        if (!_connected)
        {
            return new(IoStatus.LinkLost, 0);
        }

        bool trusted = _watch.Abandoned is null;
        _watch.Beat(_powered);
        Fault ??= _watch.Abandoned;
        if (_powered && trusted && _watch.Abandoned is not null)
        {
            // A goal may have left between the guardian's stop and now: this process may have been stopped on its way to sending it.
            StopAsTheGuardian();
        }
        else if (_powered && trusted && !command.IsEmpty)
        {
            _goals.Send(command);
        }

        if (_link.IsLost)
        {
            return new(IoStatus.LinkLost, 0);
        }

        long before = _clock.Now,
            late = _link.Counters.Unexpected;
        int answered = _link.SyncRead(FeetechReading.FirstAddress, FeetechReading.Length, _ids);
        long stamp = before + ((_clock.Now - before) / 2);
        if (_link.IsLost)
        {
            return new(IoStatus.LinkLost, 0);
        }

        // A vector is whole or none.
        bool whole = TryConvert(stamp, answered);
        bool cameLate = _link.Counters.Unexpected > late;
        if (_isSwitchedOn && Fault is null)
        {
            // The rest of the period is the control thread's.
            Fault = _health.Look((HealthPart * _options.ControlPeriod) - _clock.Since(before));
        }

        if (!whole)
        {
            return new(answered > 0 && Fault is not null ? IoStatus.DeviceFault : IoStatus.NotFresh, 0) { CameLate = cameLate };
        }

        _read.CopyTo(state);
        return new(IoStatus.Ok, stamp);
    }

    /// <inheritdoc/>
    public void PowerOn(ReadOnlySpan<double> state)
    {
        if (!_watch.TryBeat(powered: true))
        {
            throw Error("its guardian has ended. Close the robot and open it again.");
        }

        _power.Prepare(state);

        // From here on some of them may be on, whatever comes back.
        _powered = true;
        if (!_power.SwitchOn())
        {
            throw Error("not every servo confirms that torque is on. Check cables and supply.");
        }

        _power.ConfirmPose();
        for (int i = 0; i < _joints.Length; i++)
        {
            // What the driver holds at first is what the servos hold already, to the tick.
            _joints[i].HoldAt(_joints[i].IsVelocity ? 0 : state[i * FeetechJoint.States], Description.Commands[i], _power.Pose[i]);
        }

        _health.Restart();
        _isSwitchedOn = true;
    }

    /// <inheritdoc/>
    public bool PowerOff()
    {
        _isSwitchedOn = false;
        if (!_connected || !_power.SwitchOff())
        {
            return false;
        }

        _powered = false;
        _watch.TryBeat(powered: false);
        return true;
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        // A guardian stops the servos in its manner as soon as it is left alone: torque off might drop what it would hold.
        if (!_powered || _guardian is null || _watch.Abandoned is not null)
        {
            PowerOff();
        }
    }

    /// <inheritdoc/>
    public void Hurry() => _power.Hurry();

    /// <inheritdoc/>
    public void ClearFault()
    {
        if (_watch.Abandoned is not null)
        {
            // The operator's order: a new connection, and a new guardian with it.
            _power.LetDown(_powered ? _options.LetDown : TimeSpan.Zero);
            if (_powered && !PowerOff())
            {
                throw Error("servos do not confirm that torque is off. Check cables and supply.");
            }

            Disconnect();
            Connect();
        }

        // A reply that was lost must not keep a robot from being armed.
        for (int attempt = 1; _link.SyncRead(FeetechReading.FirstAddress, FeetechReading.Length, _ids) < _ids.Length; attempt++)
        {
            if (attempt == FeetechPower.Tries || _link.IsLost)
            {
                string silent = string.Join(", ", _joints.Where(j => !_link.HasAnswered(j.Id)).Select(j => $"servo {j.Id} ({j.Name})"));
                throw Error($"{silent} does not answer, asked {attempt} times. Check cables and supply.");
            }
        }

        foreach (FeetechJoint joint in _joints)
        {
            FeetechErrors errors = _link.Errors(joint.Id);
            if (errors != FeetechErrors.None)
            {
                throw Error($"servo {joint.Id} ({joint.Name}) still reports {errors}. Remove the cause, then arm again.");
            }
        }

        Description = _ranges.Find(Description);
        Fault = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Disconnect();
        _transport.Dispose();
        _guardian?.Dispose();
    }

    private void StopAsTheGuardian()
    {
        if (_options.Guardian.Manner == GuardianManner.TorqueOff)
        {
            _power.SwitchOff();
        }
        else
        {
            _goals.Hold();
        }
    }

    private bool TryConvert(long stamp, int answered)
    {
        bool whole = true;
        int next = 0;
        for (int i = 0; i < _joints.Length; i++)
        {
            FeetechJoint joint = _joints[i];
            int position = joint.IsVelocity ? -1 : next++;
            if (!_link.HasAnswered(joint.Id))
            {
                // Where nobody answers it is the line, and the driver's to judge.
                whole = false;
                if (answered > 0 && joint.CountMiss() >= MaxMisses)
                {
                    Fault ??= $"Robot {Kind}: servo {joint.Id} ({joint.Name}) does not answer, others do. Check its cable.";
                }

                continue;
            }

            if (!FeetechReading.TryDecode(_link.Data(joint.Id, FeetechReading.Length), out FeetechReading reading))
            {
                whole = false;
                continue;
            }

            FeetechErrors errors = reading.Errors | _link.Errors(joint.Id);
            if (joint.Doubts(reading.Errors, _link.Errors(joint.Id)))
            {
                whole = false;
                continue;
            }

            if (errors != FeetechErrors.None)
            {
                // Once, since the text allocates.
                Fault ??= $"Robot {Kind}: servo {joint.Id} ({joint.Name}) reports {errors}.";
            }

            if (!joint.TryConvert(reading, stamp, _read.AsSpan(i * FeetechJoint.States, FeetechJoint.States)))
            {
                whole = false;
                if (joint.Jumps > MaxJumps)
                {
                    Fault ??=
                        $"Robot {Kind}: the position of servo {joint.Id} ({joint.Name}) jumps as no joint can. Check its "
                        + $"encoder and the line.";
                }
            }
            else if (position >= 0)
            {
                int ticks = FeetechTable.PresentPosition.Decode(_link.Data(joint.Id, FeetechTable.PresentPosition.Size));
                _checked.Set(position, ticks, joint.Kept.LeastGoal, joint.Kept.GreatestGoal, stamp);
            }
        }

        return whole;
    }

    private void Connect(bool forWork)
    {
        if (_connected)
        {
            return;
        }

        try
        {
            if (forWork)
            {
                FeetechRanges.RequireNoSeam(_joints, _options.Calibration);
                _guardian?.AwaitBus();
            }

            _transport.Open();
            FeetechCheck check = new(_options, _joints, _link, _transport, _time);
            check.Identify();
            check.ReadKept(forWork);
            if (forWork && _guardian is not null)
            {
                // It opens the port before we hold it against others.
                _transport.Close();
                _guardian.Start(FeetechJoint.FastestOf(_joints), FeetechJoint.TorqueLimitsOf(_joints));
                _transport.Open();
            }

            _power.LetDown(_options.LetDown);
            if (!_power.SwitchOffSurely())
            {
                throw Error("servos do not confirm that torque is off. Switch the supply off and on, then try again.");
            }

            if (forWork)
            {
                check.SetUp();
                Description = _ranges.Find(Description);
            }

            _connected = true;
        }
        catch (TransportException error)
        {
            Disconnect();
            throw new RobotException(Kind, error.Message, error);
        }
        catch
        {
            Disconnect();
            throw;
        }
    }

    private RobotException Error(string message) => new(Kind, $"Robot {Kind} on {_transport.Name}: {message}");
}
