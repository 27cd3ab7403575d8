using RobotRl.Hardware.Protocols.Mcu;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices.Mcu;

/// <summary>A device in memory that follows the MCU protocol, unless it is told not to; it answers within the host's write.</summary>
internal sealed class ScriptedMcu
{
    private readonly MonotonicStamp _clock;
    private readonly MemoryTransport _far;
    private readonly McuDecoder _decoder = new();
    private readonly byte[] _input = new byte[MemoryTransport.Capacity],
        _output = new byte[McuProtocol.MaxFrameLength];
    private readonly short[] _applied = new short[1];
    private readonly int[] _values = new int[4];
    private ushort _accepted;
    private double _position;
    private long _movedAt;

    /// <param name="time">Its clock, and the host's.</param>
    /// <param name="wait">Stands in for waiting; null: real time.</param>
    public ScriptedMcu(TimeProvider time, Action<TimeSpan>? wait = null)
    {
        _clock = new(time);
        (Port, _far) = MemoryTransport.CreatePair("memory", wait);
        _far.Open();
        Port.Written = Serve;
        _movedAt = _clock.Now;
    }

    /// <summary>The host's end.</summary>
    public MemoryTransport Port { get; }

    public McuCapabilities Capabilities { get; set; } =
        new()
        {
            FirmwareVersion = 0x0100,
            DeviceKind = 1,
            BootId = 1,
            States = 4,
            Commands = 1,
            LeastTimeoutMs = 20,
            GreatestTimeoutMs = 500,
            CheckPeriodUs = 1000,
            PwmPeriodUs = 63,
            Name = "robotrl-pendulum",
        };

    public List<McuInterface> Interfaces { get; } =
    [
        new(0, McuInterfaceKind.Position, 0, 0, 0.01f, "pole/position"),
        new(1, McuInterfaceKind.Velocity, 0, 0, 0.001f, "pole/velocity"),
        new(2, McuInterfaceKind.Current, 0, 0, 0.001f, "motor/current"),
        new(3, McuInterfaceKind.Voltage, 0, 0, 0.001f, "motor/voltage"),
        new(4, McuInterfaceKind.Effort, -3000, 3000, 0.001f, "pole/effort"),
    ];

    public McuStatus Flags { get; set; }

    /// <summary>Faults that CLEAR_FAULT does not remove.</summary>
    public McuStatus Persistent { get; set; }

    /// <summary>It answers with these bytes in place of every frame; null: as it should.</summary>
    public byte[]? Noise { get; set; }

    /// <summary>Requests of this kind get no answer and have no effect.</summary>
    public Func<McuMessage, bool> Ignores { get; set; } = _ => false;

    /// <summary>Its clock stands so far ahead of the host's, us.</summary>
    public long ClockLeadUs { get; set; } = 10_000_000;

    /// <summary>Called before each answer: time may pass here.</summary>
    public Action? BeforeAnswer { get; set; }

    public List<McuMessage> Requests { get; } = [];

    public short Applied => _applied[0];

    public ushort TimeoutMs { get; private set; }

    /// <summary>Starts anew, as after a reset.</summary>
    public void Restart(McuStatus cause)
    {
        (Flags, _applied[0], _accepted) = (cause, 0, 0);
        ClockLeadUs = -_clock.Now / 10;
    }

    private void Serve()
    {
        int count = _far.Read(_input, TimeSpan.Zero).Count;
        ReadOnlySpan<byte> bytes = _input.AsSpan(0, count);
        while (_decoder.TryRead(ref bytes, out McuFrame frame))
        {
            // One list that grows is no part of what a test measures.
            if (Requests.Count < 1000)
            {
                Requests.Add(frame.Type);
            }

            if (Noise is not null)
            {
                _far.Write(Noise, TimeSpan.Zero);
            }
            else if (!Ignores(frame.Type))
            {
                BeforeAnswer?.Invoke();
                int length = Answer(frame);
                _far.Write(_output.AsSpan(0, length), TimeSpan.Zero);
            }
        }
    }

    private int Answer(McuFrame frame)
    {
        switch (frame.Type)
        {
            case McuMessage.Hello when frame.Body[0] != Capabilities.ProtocolVersion:
                return McuCodec.Refused(_output, frame.Sequence, McuRefusal.ProtocolVersion);
            case McuMessage.Hello:
                return McuCodec.Capabilities(_output, frame.Sequence, Capabilities with { Nonce = BitConverter.ToUInt32(frame.Body[1..]) });
            case McuMessage.Describe when frame.Body[0] < Interfaces.Count:
                return McuCodec.Interface(_output, frame.Sequence, Interfaces[frame.Body[0]]);
            case McuMessage.Describe:
                return McuCodec.Refused(_output, frame.Sequence, McuRefusal.NoSuchInterface);
            case McuMessage.PowerOn:
                return PowerOn(frame);
            case McuMessage.Command:
                return Command(frame);
            case McuMessage.PowerOff:
                (Flags, _applied[0]) = (Flags & ~McuStatus.Powered, 0);
                break;
            case McuMessage.ClearFault:
                Flags = (Flags & McuStatus.Powered) | Persistent;
                break;
        }

        return State(frame.Sequence, frame.Type == McuMessage.Read ? BitConverter.ToUInt32(frame.Body) : 0);
    }

    private int PowerOn(McuFrame frame)
    {
        if ((Flags & McuStatus.Faults) != 0)
        {
            return McuCodec.Refused(_output, frame.Sequence, McuRefusal.Faulted);
        }

        (Flags, TimeoutMs, _accepted) = (Flags | McuStatus.Powered, BitConverter.ToUInt16(frame.Body), frame.Sequence);
        return State(frame.Sequence, 0);
    }

    private int Command(McuFrame frame)
    {
        if ((Flags & McuStatus.Faults) != 0 || (Flags & McuStatus.Powered) == 0)
        {
            return McuCodec.Refused(_output, frame.Sequence, (Flags & McuStatus.Faults) != 0 ? McuRefusal.Faulted : McuRefusal.NotPowered);
        }

        if (!McuProtocol.IsNewer(frame.Sequence, _accepted) || !McuCommand.TryDecode(frame, 1, out McuCommand command))
        {
            return McuCodec.Refused(_output, frame.Sequence, McuRefusal.OldSequence);
        }

        Move();
        (_accepted, _applied[0]) = (frame.Sequence, command.Value(0));
        return State(frame.Sequence, command.HostTimeUs);
    }

    /// <summary>Speed follows the command at once: 1 rad/s a volt.</summary>
    private void Move()
    {
        long now = _clock.Now;
        _position += _applied[0] * 1e-3 * (now - _movedAt) / TimeSpan.TicksPerSecond;
        _movedAt = now;
    }

    private int State(ushort sequence, uint hostUs)
    {
        Move();
        (_values[0], _values[1], _values[2], _values[3]) = ((int)(_position * 100), _applied[0], 20, 12_000);
        return McuCodec.State(
            _output,
            sequence,
            hostUs,
            (uint)((_clock.Now / 10) + ClockLeadUs),
            Flags,
            7,
            _applied,
            _values.AsSpan(0, Capabilities.States)
        );
    }
}
