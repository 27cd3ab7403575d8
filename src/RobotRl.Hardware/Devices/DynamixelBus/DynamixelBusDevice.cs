// Over 400 lines: connecting, cycling and switching one bus share its state and are read together.
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Protocols.Framing;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>
/// X-series servos (XL330, XL430) on one bus: goals of all by sync write, readings of all by sync read, each cycle; the servos'
/// own bus watchdog armed while powered. It owns the transport.
/// </summary>
/// <remarks>A reading in which a servo is missing is none: no vector is half old. Registers that survive power are written only with torque off, and only where they differ.</remarks>
public sealed class DynamixelBusDevice : IDevice, ICalibratable
{
    /// <summary>The kind of robot in options and calibration files.</summary>
    public const string Kind = "dynamixel-bus";

    private const int Tries = 3;

    // A servo is away for about 0.3 s after a restart; allowed: the manual's "a moment", generously.
    private static readonly TimeSpan RestartTime = TimeSpan.FromSeconds(2), RestartPause = TimeSpan.FromMilliseconds(20);

    private readonly DynamixelJoint[] _joints;
    private readonly byte[] _ids;
    private readonly IdSet _all;
    private readonly (DynamixelRegister Goal, byte[] Ids, int[] Joints, int[] Values)[] _groups;
    private readonly int[] _values, _zeros, _ones;
    private readonly DynamixelLink _link;
    private readonly DynamixelFinder _finder;
    private readonly DynamixelHealth _health;
    private readonly ITransport _transport;
    private readonly MonotonicStamp _clock;
    private readonly TimeSpan _replyTimeout;
    private readonly int _watchdog;
    private bool _connected, _powered;

    /// <summary>Closed.</summary>
    /// <param name="options">Port, servos, calibration.</param>
    /// <param name="transport">The bus.</param>
    /// <param name="time">Its monotonic stamp is the clock.</param>
    /// <exception cref="ArgumentException">The options have problems; the message lists them all.</exception>
    /// <exception cref="RobotException">The calibration file cannot be used.</exception>
    public DynamixelBusDevice(DynamixelBusOptions options, ITransport transport, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(time);
        string[] problems = [.. options.Validate("DynamixelBus")];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        (_transport, _clock) = (transport, new(time));
        _joints = [.. options.Servos.OrderBy(s => s.Value.Id).Select(s => new DynamixelJoint(s.Key, s.Value, CalibrationFor(options, s.Key)))];
        _ids = [.. _joints.Select(j => j.Id)];
        _all = IdSet.Of(_ids);
        (_values, _zeros, _ones) = (new int[_ids.Length], new int[_ids.Length], new int[_ids.Length]);
        Array.Fill(_ones, 1);
        _groups =
        [
            .. Enumerable.Range(0, _joints.Length).GroupBy(i => _joints[i].Goal)
                .Select(g => (g.Key, g.Select(i => _ids[i]).ToArray(), g.ToArray(), new int[g.Count()])),
        ];
        _link = new(transport, time);
        _finder = new(Kind, _link, _joints);
        _health = new(_link, _joints, options.ControlPeriod);
        _replyTimeout = options.ReplyTimeout ?? (0.8 * options.ControlPeriod);
        _watchdog = DynamixelUnits.WatchdogRaw(options.BusWatchdog);
        Description = new(Kind, [.. _joints.SelectMany(j => j.StateInterfaces)], [.. _joints.Select(j => j.Command)], options.ControlPeriod);
    }

    /// <summary>A driver over the bus that <paramref name="options"/> describe, closed.</summary>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    /// <exception cref="RobotException">The calibration file cannot be used.</exception>
    public static DeviceDriver CreateRobot(DynamixelBusOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(new DynamixelBusDevice(options, SerialTransports.Create(options.Serial), time), options.Driver, time);
    }

    /// <inheritdoc/>
    public RobotDescription Description { get; }

    /// <inheritdoc/>
    public string? Fault { get; private set; }

    /// <summary>The servos that were found; empty before the first connection.</summary>
    public IReadOnlyList<DynamixelServoInfo> Servos { get; private set; } = [];

    /// <inheritdoc/>
    public IReadOnlyList<CalibrationJoint> Joints => [.. _joints.Select(j => new CalibrationJoint(j.Name, j.Calibration.TicksPerTurn, Wraps: j.Mode == DynamixelMode.Position))];

    /// <inheritdoc/>
    public IReadOnlyList<JointCalibration> Calibrations => [.. _joints.Select(j => j.Calibration)];

    /// <inheritdoc/>
    public void Connect()
    {
        ConnectUnpowered();
        try
        {
            FindTurns();
        }
        catch
        {
            Disconnect();
            throw;
        }
    }

    /// <inheritdoc/>
    public void ConnectUnpowered()
    {
        if (_connected)
        {
            return;
        }

        try
        {
            _link.Open();
            Servos = _finder.Find();
            _connected = true;
            if (!PowerOff())
            {
                throw Error($"the servos on {_link.Name} do not all confirm that their torque is off. Switch the supply off and on, and open it again.");
            }

            foreach (DynamixelJoint joint in _joints)
            {
                SetUp(joint);
                Fault ??= _health.Look(joint, powered: false, RestartPause);
            }
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

    /// <inheritdoc cref="IDevice.Disconnect"/>
    public void Disconnect()
    {
        _link.Close();
        (_connected, _powered) = (false, false);
    }

    /// <inheritdoc/>
    public DeviceReading Exchange(ReadOnlySpan<double> command, Span<double> state)
    {
        if (!_connected)
        {
            return new(IoStatus.LinkLost, 0);
        }

        int length = command.IsEmpty ? 0 : WriteGoals(command);
        length += DynamixelCodec.SyncRead(_link.Request.AsSpan(length), DynamixelReading.FirstAddress, DynamixelReading.Length, _ids);
        long start = _clock.Now;
        _link.Send(length, _all, DynamixelReading.Length, _replyTimeout);
        IdSet missing = _all;
        int alert = -1;
        while (missing.Count > 0 && _link.TryNext(out DynamixelPacket answer))
        {
            int index = Array.IndexOf(_ids, answer.Id);
            alert = answer.HasHardwareAlert ? index : alert;
            if (answer.Error == DynamixelError.None && missing.Contains(answer.Id) && _joints[index].TryTake(answer.Parameters))
            {
                missing.Remove(answer.Id);
            }
        }

        if (_link.IsLost)
        {
            return new(IoStatus.LinkLost, 0);
        }

        LookAtHealth(alert, start);
        if (missing.Count > 0)
        {
            return new(_link.IsLost ? IoStatus.LinkLost : IoStatus.NotFresh, 0);
        }

        for (int i = 0; i < _joints.Length; i++)
        {
            _joints[i].CopyTo(state[(i * DynamixelJoint.States)..]);
        }

        return new(IoStatus.Ok, start);
    }

    /// <inheritdoc/>
    public void PowerOn(ReadOnlySpan<double> state)
    {
        // Zero clears a watchdog that has struck; nothing else may.
        WriteAll(DynamixelTable.BusWatchdog, _zeros);
        for (int i = 0; i < _joints.Length; i++)
        {
            DynamixelJoint joint = _joints[i];
            Write(joint, joint.Goal, joint.Raw(joint.Goal == DynamixelTable.GoalPosition ? state[i * DynamixelJoint.States] : 0));
        }

        Array.Fill(_values, _watchdog);
        WriteAll(DynamixelTable.BusWatchdog, _values);
        WriteAll(DynamixelTable.TorqueEnable, _ones);
        _powered = true;
    }

    /// <inheritdoc/>
    public bool PowerOff()
    {
        if (!_connected)
        {
            return false;
        }

        for (int i = 0; i < Tries && !_link.IsLost; i++)
        {
            _link.SyncWrite(DynamixelTable.TorqueEnable, _ids, _zeros);
            Array.Fill(_values, -1);
            if (_link.TrySyncRead(DynamixelTable.TorqueEnable, _ids, _values) && _values.AsSpan().SequenceEqual(_zeros))
            {
                _powered = false;
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void ClearFault()
    {
        foreach (DynamixelJoint joint in _joints)
        {
            if (!_link.TryRead(joint.Id, DynamixelTable.HardwareErrorStatus, Tries, out int errors))
            {
                throw Error(FormattableString.Invariant($"servo {joint.Id} ({joint.Name}) on {_link.Name} does not answer. Check cable and supply."));
            }

            if (errors != 0)
            {
                Restart(joint);
            }
        }

        FindTurns();
        Fault = null;
    }

    /// <inheritdoc/>
    public bool TryReadTicks(Span<int> ticks) => _connected && _link.TrySyncRead(DynamixelTable.PresentPosition, _ids, ticks);

    /// <inheritdoc/>
    public void Dispose()
    {
        Disconnect();
        _transport.Dispose();
    }

    private static JointCalibration CalibrationFor(DynamixelBusOptions options, string joint)
    {
        if (options.Calibration is not { } path)
        {
            return new();
        }

        try
        {
            return CalibrationFile.Load(path, Kind).Joints.TryGetValue(joint, out JointCalibration? found)
                ? found
                : throw Error($"calibration file {path} has no joint {joint}. Calibrate it with robotrl calibrate.");
        }
        catch (CalibrationException error)
        {
            throw new RobotException(Kind, error.Message, error);
        }
    }

    private static RobotException Error(string what) => new(Kind, $"Robot {Kind}: {what}");

    private int WriteGoals(ReadOnlySpan<double> command)
    {
        int length = 0;
        foreach ((DynamixelRegister goal, byte[] ids, int[] joints, int[] values) in _groups)
        {
            for (int i = 0; i < joints.Length; i++)
            {
                values[i] = _joints[joints[i]].Raw(command[joints[i]]);
            }

            length += DynamixelCodec.SyncWrite(_link.Request.AsSpan(length), goal, ids, values);
        }

        return length;
    }

    private void LookAtHealth(int alert, long start)
    {
        var left = new TimeSpan(_replyTimeout.Ticks - (_clock.Now - start));
        if (Fault is not null || left <= TimeSpan.Zero)
        {
            return;
        }

        if (alert >= 0)
        {
            Fault = _health.Look(_joints[alert], powered: false, left) ?? _health.Describe(_joints[alert], DynamixelHardwareErrors.None);
        }
        else if (_powered)
        {
            Fault = _health.Look(left);
        }
    }

    /// <summary>What must be set before power: written where it differs.</summary>
    private void SetUp(DynamixelJoint joint)
    {
        const int AnswerAll = 2;
        Ensure(joint, DynamixelTable.StatusReturnLevel, AnswerAll);
        Ensure(joint, DynamixelTable.ReturnDelay, 0);
        Ensure(joint, DynamixelTable.OperatingMode, (int)joint.Mode);
        switch (joint.Mode)
        {
            case DynamixelMode.Velocity:
                CheckLimit(joint, DynamixelTable.VelocityLimit, joint.GreatestGoal, "MaxVelocity");
                break;
            case DynamixelMode.Current:
                CheckLimit(joint, DynamixelTable.CurrentLimit, joint.GreatestGoal, "MaxCurrent");
                break;
        }
    }

    private void Ensure(DynamixelJoint joint, DynamixelRegister register, int value)
    {
        if (Read(joint, register) != value)
        {
            Write(joint, register, value);
        }
    }

    private void CheckLimit(DynamixelJoint joint, DynamixelRegister register, int needed, string option)
    {
        // A goal beyond it is refused by the servo, and nobody answers a sync write.
        int limit = Read(joint, register);
        if (limit < needed)
        {
            throw Error(FormattableString.Invariant(
                $"servo {joint.Id} ({joint.Name}) on {_link.Name} permits goals up to {limit} (register {register.Address}); Servos:{joint.Name}:{option} needs {needed}. Lower the option or raise the register."));
        }
    }

    private void FindTurns()
    {
        Array.Fill(_values, 0);
        bool read = false;
        for (int i = 0; i < Tries && !read; i++)
        {
            read = TryReadTicks(_values);
        }

        if (!read)
        {
            throw Error($"positions cannot be read on {_link.Name}. Check cable and supply.");
        }

        for (int i = 0; i < _joints.Length; i++)
        {
            DynamixelJoint joint = _joints[i];
            if (!joint.Encoder.TryFindTurn(_values[i], out double angle))
            {
                throw Error(FormattableString.Invariant(
                    $"joint {joint.Name} seems to be at {angle:0.###} rad, not at its home mark ({joint.Calibration.HomeRad:0.###} rad). Put it there by hand and open it again."));
            }
        }
    }

    private void Restart(DynamixelJoint joint)
    {
        _link.Send(DynamixelCodec.Reboot(_link.Request, joint.Id), IdSet.Of(joint.Id), 0, RestartPause);
        _link.TryNext(out _);
        long deadline = _clock.Now + RestartTime.Ticks;
        int errors = 0;
        bool answers = false;
        while (_clock.Now < deadline && !_link.IsLost)
        {
            // It may answer once more before it goes, and shows an error again only after a moment.
            _link.Pause(RestartPause);
            bool answered = _link.TryRead(joint.Id, DynamixelTable.HardwareErrorStatus, 1, out int now);
            (answers, errors) = answered ? (true, now) : (answers, errors);
            if (answered && errors == 0)
            {
                SetUp(joint);
                return;
            }
        }

        if (answers)
        {
            Fault = _health.Describe(joint, (DynamixelHardwareErrors)errors);
            throw new RobotException(Kind, Fault);
        }

        throw Error(FormattableString.Invariant($"servo {joint.Id} ({joint.Name}) on {_link.Name} has not come back from a restart within {RestartTime.TotalSeconds} s. Check its supply."));
    }

    private int Read(DynamixelJoint joint, DynamixelRegister register) => _link.TryRead(joint.Id, register, Tries, out int value)
        ? value
        : throw Error(FormattableString.Invariant($"servo {joint.Id} ({joint.Name}) on {_link.Name} does not let its register {register.Address} be read. Check its cable and firmware."));

    private void Write(DynamixelJoint joint, DynamixelRegister register, int value)
    {
        if (!_link.TryWrite(joint.Id, register, value, Tries, out DynamixelError error))
        {
            string why = error == DynamixelError.None ? "does not answer" : $"refuses ({error})";
            throw Error(FormattableString.Invariant($"servo {joint.Id} ({joint.Name}) on {_link.Name} {why} when register {register.Address} is set to {value}. Check its cable, limits and hardware errors."));
        }
    }

    /// <summary>All at once, then read back.</summary>
    private void WriteAll(DynamixelRegister register, int[] values)
    {
        Span<int> found = stackalloc int[_ids.Length];
        for (int i = 0; i < Tries && !_link.IsLost; i++)
        {
            _link.SyncWrite(register, _ids, values);
            found.Fill(int.MinValue);
            if (_link.TrySyncRead(register, _ids, found) && found.SequenceEqual(values))
            {
                return;
            }
        }

        int wrong = found.CommonPrefixLength(values);
        DynamixelJoint joint = _joints[Math.Min(wrong, _joints.Length - 1)];
        throw Error(FormattableString.Invariant(
            $"servo {joint.Id} ({joint.Name}) on {_link.Name} does not confirm register {register.Address} = {values[Math.Min(wrong, values.Length - 1)]}. Check its supply and hardware errors."));
    }
}
