using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.Mcu;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.Mcu;

/// <summary>A motor controller that speaks the MCU protocol over a serial line: one request and one answer a cycle.</summary>
/// <remarks>
/// <para>The device switches its motors off by itself when commands cease (<see cref="McuOptions.CommandTimeout"/>). Readings carry
/// the device's own time, brought to this machine's clock by the echo of each request.</para>
/// <para>A command timeout that an earlier program left behind is cleared when this one first connects; nothing else is ever
/// cleared but by <see cref="ClearFault"/>.</para>
/// </remarks>
public sealed class McuDevice : IDevice
{
    private const int Tries = 3,
        TicksPerUs = 10;

    // Outside the cycle nothing hurries, and a machine that stands still for a moment must not make arming fail.
    private static readonly TimeSpan PatientReply = TimeSpan.FromMilliseconds(50);
    private const long NanosecondsPerUs = 1000;

    private readonly McuOptions _options;
    private readonly MonotonicStamp _clock;
    private readonly McuLine _line;
    private readonly McuHandshake _handshake;
    private readonly ClockOffset _offset;
    private readonly short[] _raw;
    private McuInterface[] _states = [],
        _commands = [];
    private McuStatus _flags;
    private bool _connectedBefore,
        _powered,
        _deviceTimeIsKnown;
    private uint _deviceUs;
    private long _deviceTimeUs;

    /// <summary>
    /// A device, not connected. It owns <paramref name="transport"/>; <paramref name="time"/>'s monotonic stamp is the clock.
    /// </summary>
    /// <exception cref="ArgumentException">The options have problems; the message lists them all.</exception>
    public McuDevice(McuOptions options, ITransport transport, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(transport);
        string[] problems = [.. options.Validate("Mcu")];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        (_options, _clock, Description) = (options, new(time), options.Describe());
        _line = new(transport, _clock);
        _handshake = new(options, Description, _line, _clock);
        _offset = new(options.ClockDriftPpm);
        _raw = new short[Description.Commands.Length];
    }

    /// <inheritdoc/>
    public RobotDescription Description { get; }

    /// <inheritdoc/>
    public string? Fault { get; private set; }

    /// <summary>What the device said that it is; null before <see cref="Connect"/>.</summary>
    public McuCapabilities? Capabilities { get; private set; }

    /// <summary>Requests that the device refused since this was made.</summary>
    public long Refusals { get; private set; }

    /// <summary>Frames that the device dropped as damaged, as it last reported (wraps at 65,536).</summary>
    public int BadFramesAtDevice { get; private set; }

    /// <summary>A device on the serial port of <paramref name="options"/>, not connected.</summary>
    public static McuDevice Create(McuOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(options, SerialTransports.Create(options.Serial), time);
    }

    /// <summary>A robot, Closed: this device on the serial port of <paramref name="options"/>, and its driver.</summary>
    /// <exception cref="ArgumentException">The options have problems; the message lists them all.</exception>
    public static DeviceDriver CreateRobot(McuOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(Create(options, time), options.Driver, time);
    }

    /// <inheritdoc/>
    public void Connect()
    {
        try
        {
            _line.Open();
            Capabilities = _handshake.Greet();
            if (!Enumerable.Range(0, Tries).Any(_ => PowerOff()))
            {
                throw _handshake.Error(
                    "the device does not confirm that it is without power. Check the cable, or switch its supply off and on."
                );
            }

            (_states, _commands) = _handshake.Check(Capabilities);
            _deviceTimeIsKnown = false;
            _offset.Reset();
            Settle();
            _connectedBefore = true;
        }
        catch (TransportException error)
        {
            throw new RobotException(Description.Name, error.Message, error);
        }
        catch (RobotException)
        {
            Disconnect();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Disconnect()
    {
        _line.Close();
        (_states, _powered) = ([], false);
    }

    /// <inheritdoc/>
    public DeviceReading Exchange(ReadOnlySpan<double> command, Span<double> state)
    {
        if (_states.Length == 0)
        {
            return new(IoStatus.LinkLost, 0);
        }

        // A device with a fault takes no command; reading tells when it is gone.
        bool commands = !command.IsEmpty && Fault is null;
        for (int i = 0; commands && i < _raw.Length; i++)
        {
            _raw[i] = _commands[i].ToRaw(command[i]);
        }

        long sent = _clock.Now;
        uint hostUs = (uint)(sent / TicksPerUs);
        ushort sequence = _line.NextSequence();
        int length = commands ? McuCodec.Command(_line.Output, sequence, hostUs, _raw) : McuCodec.Read(_line.Output, sequence, hostUs);
        if (!_line.Send(length, _options.ReplyTimeout) || !_line.TryReceive(sent + _options.ReplyTimeout.Ticks, out McuFrame frame))
        {
            return new(_line.IsLost ? IoStatus.LinkLost : IoStatus.NotFresh, 0);
        }

        long received = _clock.Now;
        if (McuState.TryDecode(frame, _commands.Length, _states.Length, out McuState reading))
        {
            return Take(reading, sent, received, state);
        }

        Refusals++;
        if (frame.Refusal is not (McuRefusal.NotPowered or McuRefusal.Faulted))
        {
            return new(IoStatus.NotFresh, 0);
        }

        // Why stands in a reading; where that is lost too, the next one tells.
        Fault = ReadFault(_options.ReplyTimeout) ?? McuFaults.DescribeRestart(Description.Name, McuStatus.None);
        return new(IoStatus.DeviceFault, 0);
    }

    /// <inheritdoc/>
    public void PowerOn(ReadOnlySpan<double> state)
    {
        ushort timeoutMs = (ushort)_options.CommandTimeout.TotalMilliseconds;
        for (int i = 0; i < Tries && !_line.IsLost; i++)
        {
            if (
                !_line.Send(McuCodec.PowerOn(_line.Output, _line.NextSequence(), timeoutMs), _options.ReplyTimeout)
                || !TryReceive(PatientReply, out McuFrame frame)
            )
            {
                continue;
            }

            if (TryDecode(frame, out McuState reading) && (reading.Flags & McuStatus.Powered) != 0)
            {
                Note(reading);
                _powered = true;
                return;
            }

            Refusals++;
            if (frame.Refusal == McuRefusal.Faulted)
            {
                throw Error(
                    $"the device refuses power. {ReadFault(PatientReply) ?? "It says that it has a fault, and then none."} "
                        + $"Remove the cause and clear the fault."
                );
            }

            throw Error($"the device refuses power ({frame.Refusal}). Check its firmware.");
        }

        throw Error("the device does not answer to power on. Check cable and supply.");
    }

    /// <inheritdoc/>
    public bool PowerOff()
    {
        for (int i = 0; i < Tries && !_line.IsLost; i++)
        {
            if (
                _line.Send(McuCodec.PowerOff(_line.Output, _line.NextSequence()), _options.ReplyTimeout)
                && TryReceive(_options.ReplyTimeout, out McuFrame frame)
                && TryDecode(frame, out McuState reading)
                && (reading.Flags & McuStatus.Powered) == 0
            )
            {
                _powered = false;
                Note(reading);
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void ClearFault()
    {
        for (int i = 0; i < Tries && !_line.IsLost; i++)
        {
            if (
                _line.Send(McuCodec.ClearFault(_line.Output, _line.NextSequence()), _options.ReplyTimeout)
                && TryReceive(PatientReply, out McuFrame frame)
                && TryDecode(frame, out McuState reading)
            )
            {
                (Fault, _powered) = (null, false);
                Note(reading);
                if (Fault is { } fault)
                {
                    throw Error($"the cause persists. {fault} Remove it, then arm again.");
                }

                return;
            }
        }

        throw Error("the device does not answer. Check cable and supply.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Disconnect();
        _line.Dispose();
    }

    private DeviceReading Take(McuState reading, long sent, long received, Span<double> state)
    {
        long stamp = ToLocal(reading.DeviceTimeUs, sent, received);
        Note(reading);
        for (int i = 0; i < _states.Length; i++)
        {
            state[i] = _states[i].ToSi(reading.Value(_states[i].Index));
        }

        return new(Fault is null ? IoStatus.Ok : IoStatus.DeviceFault, stamp);
    }

    /// <summary>Device time to the clock of this machine: by the echo with the shortest way, and never outside this one's.</summary>
    private long ToLocal(uint deviceUs, long sent, long received)
    {
        _deviceTimeUs = _deviceTimeIsKnown ? _deviceTimeUs + (int)(deviceUs - _deviceUs) : deviceUs;
        (_deviceUs, _deviceTimeIsKnown) = (deviceUs, true);
        long device = _deviceTimeUs * NanosecondsPerUs;
        _offset.Add(sent * TimeSpan.NanosecondsPerTick, device, device, received * TimeSpan.NanosecondsPerTick);
        return _offset.TryToLocal(device, received * TimeSpan.NanosecondsPerTick, out long local, out _)
            ? Math.Clamp(local / TimeSpan.NanosecondsPerTick, sent, received)
            : received;
    }

    private void Note(McuState reading)
    {
        BadFramesAtDevice = reading.BadFrames;
        McuStatus flags = reading.Flags;
        if (flags == _flags && (Fault is not null || (flags & McuStatus.Faults) == 0) && (!_powered || (flags & McuStatus.Powered) != 0))
        {
            return;
        }

        _flags = flags;
        if ((flags & McuStatus.Faults) != 0)
        {
            Fault = McuFaults.Describe(Description.Name, flags);
        }
        else if (_powered && (flags & McuStatus.Powered) == 0)
        {
            Fault = McuFaults.DescribeRestart(Description.Name, flags);
        }

        _powered &= (flags & McuStatus.Powered) != 0;
    }

    /// <summary>Waits until the device says that it has run long enough, and sees what it brings along.</summary>
    private void Settle()
    {
        for (int i = 0; i < Tries; i++)
        {
            if (
                !_line.Send(McuCodec.Read(_line.Output, _line.NextSequence(), 0), _options.ReplyTimeout)
                || !TryReceive(PatientReply, out McuFrame frame)
                || !TryDecode(frame, out McuState reading)
            )
            {
                continue;
            }

            long left = (_options.SettleTime.Ticks / TicksPerUs) - reading.DeviceTimeUs;
            if (left > 0)
            {
                _line.Wait(new(left * TicksPerUs));
            }

            Note(reading);
            if (!_connectedBefore && (reading.Flags & McuStatus.Faults) == McuStatus.CommandTimeout)
            {
                ClearFault();
            }

            return;
        }

        throw _handshake.Error("the device answers, but sends no reading that fits its description. Check the cable and the firmware.");
    }

    private string? ReadFault(TimeSpan patience)
    {
        if (
            _line.Send(McuCodec.Read(_line.Output, _line.NextSequence(), 0), _options.ReplyTimeout)
            && TryReceive(patience, out McuFrame frame)
            && TryDecode(frame, out McuState reading)
        )
        {
            Note(reading);
        }

        return Fault;
    }

    private bool TryReceive(TimeSpan patience, out McuFrame frame) => _line.TryReceive(_clock.Now + patience.Ticks, out frame);

    /// <summary>Also before the interfaces are known: their numbers stand in the capabilities.</summary>
    private bool TryDecode(McuFrame frame, out McuState reading) =>
        McuState.TryDecode(frame, Capabilities?.Commands ?? 0, Capabilities?.States ?? 0, out reading);

    private RobotException Error(string what) => _handshake.Error(what);
}
