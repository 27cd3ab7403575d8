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
/// <remarks>
/// A reading in which a servo is missing is none: no vector is half old. Registers that survive power are written only with
/// torque off, and only where they differ.
/// </remarks>
public sealed class DynamixelBusDevice : IDevice, ICalibratable
{
    /// <summary>The kind of robot in options and calibration files.</summary>
    public const string Kind = "dynamixel-bus";

    private const int Tries = 3;

    // The fastest servo makes 6 turns a second: less than half a turn while a few readings in a row are missing.
    private static readonly TimeSpan LookTime = TimeSpan.FromMilliseconds(20),
        LongestPeriodWithinHalfATurn = TimeSpan.FromMilliseconds(20);

    private readonly DynamixelJoint[] _joints;
    private readonly byte[] _ids;
    private readonly IdSet _all;
    private readonly (DynamixelRegister Goal, byte[] Ids, int[] Joints, int[] Values)[] _groups;
    private readonly int[] _values,
        _zeros;
    private readonly DynamixelLink _link;
    private readonly DynamixelFinder _finder;
    private readonly DynamixelHealth _health;
    private readonly DynamixelRegisters _registers;
    private readonly DynamixelArming _arming;
    private readonly DynamixelStart _start;
    private readonly bool _mayTurn;
    private readonly ITransport _transport;
    private readonly MonotonicStamp _clock;
    private readonly TimeSpan _replyTimeout;
    private bool _connected,
        _powered,
        _armed;
    private IdSet _silent;

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
        _joints =
        [
            .. options
                .Servos.OrderBy(s => s.Value.Id)
                .Select(s => new DynamixelJoint(s.Key, s.Value, DynamixelStart.CalibrationFor(options, s.Key))),
        ];
        _ids = [.. _joints.Select(j => j.Id)];
        _all = IdSet.Of(_ids);
        (_values, _zeros) = (new int[_ids.Length], new int[_ids.Length]);
        _groups =
        [
            .. Enumerable
                .Range(0, _joints.Length)
                .GroupBy(i => _joints[i].Goal)
                .Select(g => (g.Key, g.Select(i => _ids[i]).ToArray(), g.ToArray(), new int[g.Count()])),
        ];
        _link = new(transport, time);
        _finder = new(Kind, _link, _joints);
        int watchdog = DynamixelUnits.WatchdogRaw(options.BusWatchdog);
        _health = new(_link, _joints, options.ControlPeriod, watchdog);
        _registers = new(Kind, _link, _joints, _ids, _health, _clock);
        _arming = new(Kind, _link, _joints, _ids, _registers, watchdog);
        _start = new(Kind, _link, _joints, _ids, _registers, _health);
        _replyTimeout = options.ReplyTimeout ?? (0.8 * options.ControlPeriod);
        _mayTurn = options.ControlPeriod > LongestPeriodWithinHalfATurn;
        Description = new(
            Kind,
            [.. _joints.SelectMany(j => j.StateInterfaces)],
            [.. _joints.Select(j => j.Command)],
            options.ControlPeriod
        );
    }

    /// <summary>A driver over the bus that <paramref name="options"/> describe, closed.</summary>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    /// <exception cref="RobotException">The calibration file cannot be used.</exception>
    public static DeviceDriver CreateRobot(DynamixelBusOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(new DynamixelBusDevice(options, SerialTransports.Create(options.Serial), time), options.Driver, time);
    }

    /// <summary>The bus for calibration, closed: a calibration file that the options name is neither needed nor read.</summary>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    public static ICalibratable CreateForCalibration(DynamixelBusOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new DynamixelBusDevice(options with { Calibration = null }, SerialTransports.Create(options.Serial), time);
    }

    /// <inheritdoc/>
    public RobotDescription Description { get; private set; }

    /// <inheritdoc/>
    public string LinkAdvice
    {
        get
        {
            if (_link.LatencyAdvice(_replyTimeout) is { } latency)
            {
                return latency;
            }

            string[] silent = [.. _joints.Where(j => _silent.Contains(j.Id)).Select(Named)];
            return silent.Length == 0 || silent.Length == _joints.Length
                ? "Check cable and supply"
                : $"Check cable and supply of servo {string.Join(", ", silent)}, which {(silent.Length == 1 ? "does" : "do")} "
                    + $"not answer while others do";
        }
    }

    /// <inheritdoc/>
    public string? Fault { get; private set; }

    /// <summary>The servos that were found; empty before the first connection.</summary>
    public IReadOnlyList<DynamixelServoInfo> Servos { get; private set; } = [];

    /// <inheritdoc/>
    public IReadOnlyList<CalibrationJoint> Joints =>
        [.. _joints.Select(j => new CalibrationJoint(j.Name, j.Calibration.TicksPerTurn, Wraps: j.Mode == DynamixelMode.Position))];

    /// <inheritdoc/>
    public IReadOnlyList<JointCalibration> Calibrations => [.. _joints.Select(j => j.Calibration)];

    /// <inheritdoc/>
    public void Connect()
    {
        ConnectUnpowered();
        try
        {
            Description = _start.Narrow(Description);
            _start.FindTurns();
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
            Fault ??= _armed ? _start.FindRestarted() : null;
            if (!PowerOff())
            {
                string[] on = [.. _joints.Where((_, i) => _values[i] != 0).Select(Named)];
                throw Error(
                    $"servo {string.Join(", ", on)} on {_link.Name} {(on.Length == 1 ? "does" : "do")} not confirm that torque is off. "
                        + "Switch the supply off and on, and open it again."
                );
            }

            foreach (DynamixelJoint joint in _joints)
            {
                _registers.SetUp(joint);
                Fault ??= _health.Look(joint, powered: false, LookTime);
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
        long start = _clock.Now,
            late = _link.Unexpected;
        _link.SendSyncRead(DynamixelReading.FirstAddress, DynamixelReading.Length, _ids, _replyTimeout, before: length);
        IdSet missing = _all;
        int alert = -1,
            jumped = -1;
        while (missing.Count > 0 && _link.TryNext(out DynamixelPacket answer))
        {
            int index = Array.IndexOf(_ids, answer.Id);
            alert = answer.HasHardwareAlert ? index : alert;
            if (answer.Error == DynamixelError.None && missing.Contains(answer.Id))
            {
                if (_joints[index].TryTake(_link.Wanted(answer), _mayTurn))
                {
                    missing.Remove(answer.Id);
                }
                else if (_joints[index].HasJumped)
                {
                    jumped = index;
                }
            }
        }

        if (_link.IsLost)
        {
            return new(IoStatus.LinkLost, 0);
        }

        _silent = missing;
        if (missing.Count > 0)
        {
            _link.Missed();
        }

        LookAtHealth(alert, jumped, start);
        if (missing.Count > 0)
        {
            return new(_link.IsLost ? IoStatus.LinkLost : IoStatus.NotFresh, 0) { CameLate = _link.Unexpected > late };
        }

        if (_health.EncoderFailed)
        {
            // What it reports is no position: no reading, so that its age shows.
            return new(IoStatus.DeviceFault, 0);
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
        _armed = true;
        _arming.PowerOn();
        for (int i = 0; i < _joints.Length; i++)
        {
            // What the driver holds at first is what the servos hold already, to the tick.
            _joints[i].HoldAt(_joints[i].IsPositioned ? state[i * DynamixelJoint.States] : 0, Description.Commands[i], _arming.Goals[i]);
        }

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
                (_powered, _armed) = (false, false);
                _arming.Release();
                return true;
            }
        }

        // The driver's message names those that do not answer.
        for (int i = 0; i < _ids.Length; i++)
        {
            if (_values[i] < 0)
            {
                _silent.Add(_ids[i]);
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
                throw Error(
                    FormattableString.Invariant($"servo {joint.Id} ({joint.Name}) on {_link.Name} does not answer. Check cable and supply.")
                );
            }

            if (errors != 0 && _registers.Restart(joint) is { } persists)
            {
                Fault = persists;
                throw new RobotException(Kind, persists);
            }
        }

        _start.FindTurns();
        Fault = null;
        _health.Reset();
    }

    /// <inheritdoc/>
    public bool TryReadTicks(Span<int> ticks)
    {
        if (!_connected || !_link.TrySyncRead(DynamixelTable.PresentPosition, _ids, ticks))
        {
            return false;
        }

        for (int i = 0; i < _joints.Length; i++)
        {
            ticks[i] = _joints[i].EncoderTicks(ticks[i]);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Disconnect();
        _transport.Dispose();
    }

    private static string Named(DynamixelJoint joint) => FormattableString.Invariant($"{joint.Id} ({joint.Name})");

    private static RobotException Error(string what) => new(Kind, $"Robot {Kind}: {what}");

    private int WriteGoals(ReadOnlySpan<double> command)
    {
        int length = 0;
        foreach ((DynamixelRegister goal, byte[] ids, int[] joints, int[] values) in _groups)
        {
            for (int i = 0; i < joints.Length; i++)
            {
                values[i] = _joints[joints[i]].Next(command[joints[i]]);
            }

            length += DynamixelCodec.SyncWrite(_link.Request.AsSpan(length), goal, ids, values);
        }

        return length;
    }

    private void LookAtHealth(int alert, int jumped, long start)
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
        else if (jumped >= 0 && _powered)
        {
            Fault = _health.Look(_joints[jumped], powered: true, left);
        }
        else if (_powered)
        {
            Fault = _health.Look(left);
        }
    }
}
