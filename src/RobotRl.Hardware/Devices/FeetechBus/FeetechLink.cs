using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Protocols.Framing;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>Questions and answers on a Feetech bus, each within a time limit. Does not allocate once made. One thread.</summary>
internal sealed class FeetechLink(ITransport transport, TimeProvider time, TimeSpan timeout)
{
    /// <summary>Most bytes of a read.</summary>
    public const int MaxLength = 72;

    // A line that changes its direction makes a byte or two of its own, which the maker's software skips too.
    private const int StrayBytes = 2;

    private static readonly TimeSpan WriteLimit = TimeSpan.FromMilliseconds(5);

    // An adapter may collect bytes for 16 ms; a second servo of one id answers within its return delay, at most 0.5 ms.
    private static readonly TimeSpan PingTime = TimeSpan.FromMilliseconds(25),
        TwinTime = TimeSpan.FromMilliseconds(4),
        LateTime = TimeSpan.FromMilliseconds(50);

    private readonly MonotonicStamp _clock = new(time);
    private readonly FeetechDecoder _decoder = new();
    private readonly byte[] _out = new byte[FeetechProtocol.MaxPacketLength],
        _in = new byte[1024];
    private readonly byte[] _data = new byte[(FeetechProtocol.MaxId + 1) * MaxLength];
    private readonly LateReplies _late = new();
    private readonly EchoWatch _echo = new();
    private readonly ReplyLatency _answers = new();
    private readonly FeetechErrors[] _errors = new FeetechErrors[FeetechProtocol.MaxId + 1];
    private IdSet _answered;

    /// <summary>Whether the transport said in the last request that it is gone.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether what came back begins with the newest request itself.</summary>
    public bool HasEcho => _echo.IsEcho;

    /// <summary>What to do if its answers cannot come within the wait for them; null if they can.</summary>
    public string? LatencyAdvice => _answers.Advice(timeout, transport.Name);

    public DecoderCounters Counters => _decoder.Counters;

    /// <summary>Errors in the last answer of a servo.</summary>
    public FeetechErrors Errors(byte id) => _errors[id];

    /// <summary>What a servo answered last, from the first byte.</summary>
    public ReadOnlySpan<byte> Data(byte id, int length) => _data.AsSpan(id * MaxLength, length);

    /// <summary>Whether it answered the last request.</summary>
    public bool HasAnswered(byte id) => _answered.Contains(id);

    /// <summary>Reads a register of one servo. While every length of a reply is outstanding it waits: not for the control cycle.</summary>
    public bool TryRead(byte id, FeetechRegister register, out int value)
    {
        AwaitFree(register);
        bool came = TryRead(id, register.Address, register.Size, timeout);
        value = came ? register.Decode(Data(id, register.Size)) : 0;
        return came;
    }

    /// <summary>Reads up to <see cref="MaxLength"/> bytes of one servo. False also while every length of a reply is outstanding.</summary>
    public bool TryRead(byte id, byte address, byte length, TimeSpan limit)
    {
        IdSet one = IdSet.Of(id);
        return TryPad(address, length, limit, out byte from, out byte padded)
            && Send(FeetechCodec.Read(_out, id, from, padded))
            && Collect(one, length, limit, padded - length) == 1;
    }

    /// <summary>Writes and reads back. False where it is not so afterwards.</summary>
    public bool TryWrite(byte id, FeetechRegister register, int value)
    {
        if (!Send(FeetechCodec.Write(_out, id, register, value)))
        {
            return false;
        }

        // Some servos are set not to answer a write: the read-back tells.
        Collect(IdSet.Of(id), 0, timeout);
        return TryRead(id, register, out int found) && found == value;
    }

    /// <summary>Writes a register of several servos; nobody answers. False where it could not be sent.</summary>
    public bool TrySyncWrite(FeetechRegister register, ReadOnlySpan<byte> ids, ReadOnlySpan<int> values) =>
        Send(FeetechCodec.SyncWrite(_out, register, ids, values));

    /// <summary>
    /// Reads up to <see cref="MaxLength"/> bytes of several servos. Returns how many answered; none while every length of a reply
    /// is outstanding.
    /// </summary>
    public int SyncRead(byte address, byte length, ReadOnlySpan<byte> ids) =>
        TryPad(address, length, timeout, out byte from, out byte padded) && Send(FeetechCodec.SyncRead(_out, from, padded, ids))
            ? Collect(IdSet.Of(ids), length, timeout, padded - length)
            : 0;

    /// <summary>
    /// Pings: how many answers, and whether bytes came that are none. After the first answer it listens on for a second one's
    /// time; where none came it waits until a late one cannot be taken for the next ping's.
    /// </summary>
    public (int Answers, bool Garbled) Ping(byte id)
    {
        if (!Send(FeetechCodec.Ping(_out, id)))
        {
            return (0, false);
        }

        _decoder.ExpectAnything();
        long dropped = _decoder.Counters.DroppedBytes,
            deadline = _clock.Now + PingTime.Ticks;
        int answers = 0;
        bool ended = false;
        while (!ended)
        {
            ended = !Receive(deadline, out ReadOnlySpan<byte> bytes);
            if (ended)
            {
                _decoder.EndOfBurst();
            }

            while (_decoder.TryRead(ref bytes, out FeetechPacket packet))
            {
                // A late answer to a read is longer.
                _answers.Came(_clock.Now);
                answers += packet.Id == id && packet.Parameters.IsEmpty ? 1 : 0;
                deadline = Math.Min(deadline, _clock.Now + TwinTime.Ticks);
            }
        }

        bool garbled = _decoder.Counters.DroppedBytes - dropped > (answers == 1 ? StrayBytes : 0);
        deadline = _clock.Now + LateTime.Ticks;
        while (answers == 0 && !garbled && Receive(deadline, out _))
        {
            // Too late for this ping, and not for the next one.
        }

        return (answers, garbled);
    }

    /// <summary>Waits until a read of a register may be asked for: not for the control cycle.</summary>
    public void AwaitFree(FeetechRegister register) => Pause(new(_late.FreeAt(register.Address, register.Size) - _clock.Now));

    /// <summary>
    /// Throws away what comes, until the line has been silent for <paramref name="quiet"/>, at most for <paramref name="limit"/>.
    /// </summary>
    public void Drain(TimeSpan quiet, TimeSpan limit)
    {
        long end = _clock.Now + limit.Ticks;
        while (!IsLost && _clock.Now < end && Receive(Math.Min(end, _clock.Now + quiet.Ticks), out _))
        {
            // Late, or for somebody else.
        }
    }

    /// <summary>Lets time pass. What comes meanwhile is thrown away.</summary>
    public void Pause(TimeSpan time)
    {
        long deadline = _clock.Now + time.Ticks;
        while (!IsLost && _clock.Now < deadline)
        {
            Receive(deadline, out _);
        }
    }

    /// <summary>
    /// A read begins some bytes in front of what is wanted, so that no late reply to an earlier one is taken for its answer. If no
    /// length is free nothing may be asked: late replies are counted and thrown away for <paramref name="limit"/>.
    /// </summary>
    private bool TryPad(byte address, byte length, TimeSpan limit, out byte from, out byte padded)
    {
        bool free = _late.TryPad(address, length, _clock.Now, out int padding);
        (from, padded) = ((byte)(address - padding), (byte)(length + padding));
        if (!free)
        {
            (IsLost, _answered) = (false, default);
            Collect(default, 0, limit);
        }

        return free;
    }

    private bool Send(int length)
    {
        _decoder.Reset();
        transport.DiscardInput();
        _answered = default;
        _echo.Sent(length);
        _answers.Sent(_clock.Now);
        TransportResult sent = transport.Write(_out.AsSpan(0, length), WriteLimit);
        IsLost = sent.Status == TransportStatus.Lost;
        return sent.Status == TransportStatus.Ok;
    }

    /// <summary>
    /// Takes the answers of <paramref name="ids"/> until all are there or time is up; <paramref name="padding"/> bytes in front
    /// of what was asked for are left out.
    /// </summary>
    private int Collect(IdSet ids, int parameters, TimeSpan limit, int padding = 0)
    {
        _decoder.Expect(ids, parameters + padding);
        int wanted = ids.Count,
            came = 0;
        long deadline = _clock.Now + limit.Ticks;
        bool ended = false;
        while ((came < wanted || wanted == 0) && !ended)
        {
            ended = !Receive(deadline, out ReadOnlySpan<byte> bytes);
            if (ended)
            {
                // A good answer may wait behind what only looked like one.
                _decoder.EndOfBurst();
            }

            while (_decoder.TryRead(ref bytes, out FeetechPacket packet))
            {
                _answers.Came(_clock.Now);
                came += _answered.Contains(packet.Id) ? 0 : 1;
                _answered.Add(packet.Id);
                _errors[packet.Id] = packet.Errors;
                packet.Parameters[padding..].CopyTo(_data.AsSpan(packet.Id * MaxLength));
            }
        }

        if (came < wanted && parameters > 0)
        {
            _late.Missed(parameters + padding, _clock.Now);
        }

        return came;
    }

    private bool Receive(long deadline, out ReadOnlySpan<byte> bytes)
    {
        long left = deadline - _clock.Now;
        TransportResult read = left > 0 ? transport.Read(_in, new(left)) : new(TransportStatus.TimedOut, 0);
        IsLost |= read.Status == TransportStatus.Lost;
        bytes = _in.AsSpan(0, read.Count);
        _echo.Came(bytes, _out);
        return read.Status == TransportStatus.Ok;
    }
}
