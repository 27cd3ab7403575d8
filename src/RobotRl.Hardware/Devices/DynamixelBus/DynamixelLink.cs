using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Protocols.Framing;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>Requests and answers over a transport, one request at a time. Does not allocate. One thread.</summary>
internal sealed class DynamixelLink(ITransport transport, TimeProvider time)
{
    // A servo answers after at most 0.5 ms; the rest is adapter, scheduling and a busy machine.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMilliseconds(20),
        WriteTime = TimeSpan.FromMilliseconds(5);

    private readonly MonotonicStamp _clock = new(time);
    private readonly DynamixelDecoder _decoder = new();
    private readonly byte[] _received = new byte[DynamixelProtocol.MaxPacketLength];
    private readonly LateReplies _late = new();
    private readonly EchoWatch _echo = new();
    private readonly ReplyLatency _answers = new();
    private int _taken,
        _held,
        _padding,
        _asked;
    private long _deadline;

    public string Name => transport.Name;

    /// <summary>Where requests are written to.</summary>
    public byte[] Request { get; } = new byte[4 * DynamixelProtocol.MaxPacketLength];

    /// <summary>What to do if its answers cannot come within <paramref name="awaited"/>; null if they can.</summary>
    public string? LatencyAdvice(TimeSpan awaited) => _answers.Advice(awaited, Name);

    /// <summary>Whether the link was lost since it was opened.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Answers that nobody asked for now: late ones.</summary>
    public long Unexpected => _decoder.Counters.Unexpected;

    /// <summary>Whether what came back begins with the newest request itself.</summary>
    public bool HasEcho => _echo.IsEcho;

    /// <summary>Bytes that came since the last request.</summary>
    public int Bytes { get; private set; }

    public void Open()
    {
        transport.Open();
        IsLost = false;
    }

    public void Close() => transport.Close();

    /// <summary>
    /// Sends <paramref name="length"/> bytes of <see cref="Request"/>; answers of <paramref name="ids"/> with
    /// <paramref name="parameters"/> parameters are then awaited for <paramref name="timeout"/>.
    /// </summary>
    public void Send(int length, IdSet ids, int parameters, TimeSpan timeout)
    {
        // What is left of an earlier exchange must not be taken for an answer to this one.
        transport.DiscardInput();
        _decoder.Reset();
        _decoder.Expect(ids, parameters);
        (_taken, _held, Bytes) = (0, 0, 0);
        _deadline = _clock.Now + timeout.Ticks;
        _answers.Sent(_clock.Now);
        _echo.Sent(length);
        IsLost |= transport.Write(Request.AsSpan(0, length), WriteTime).Status == TransportStatus.Lost;
    }

    /// <summary>The next answer; false where none came in time, or the link is lost.</summary>
    public bool TryNext(out DynamixelPacket answer)
    {
        while (!IsLost)
        {
            ReadOnlySpan<byte> rest = _received.AsSpan(_taken, _held - _taken);
            bool found = _decoder.TryRead(ref rest, out answer);
            _taken = _held - rest.Length;
            if (found)
            {
                _answers.Came(_clock.Now);
                return true;
            }

            TransportResult read = transport.Read(_received, new(Math.Max(0, _deadline - _clock.Now)));
            IsLost |= read.Status == TransportStatus.Lost;
            if (read.Count == 0)
            {
                break;
            }

            _echo.Came(_received.AsSpan(0, read.Count), Request);
            (_taken, _held, Bytes) = (0, read.Count, Bytes + read.Count);
        }

        answer = default;
        return false;
    }

    /// <summary>From now on further answers are awaited for <paramref name="timeout"/>.</summary>
    public void Await(TimeSpan timeout) => _deadline = _clock.Now + timeout.Ticks;

    /// <summary>Lets <paramref name="time"/> pass; what comes meanwhile is dropped.</summary>
    public void Pause(TimeSpan time)
    {
        Await(time);
        while (!IsLost && _clock.Now < _deadline)
        {
            IsLost |= transport.Read(_received, new(_deadline - _clock.Now)).Status == TransportStatus.Lost;
        }
    }

    /// <summary>Asks a servo for <paramref name="size"/> bytes from <paramref name="address"/> on.</summary>
    /// <remarks>While every length of a reply is outstanding nothing is asked, and nothing answers.</remarks>
    public void SendRead(byte id, int address, int size, TimeSpan timeout)
    {
        if (TryPad(address, size, out ushort from, out ushort length))
        {
            Send(DynamixelCodec.Read(Request, id, from, length), IdSet.Of(id), length, timeout);
        }
        else
        {
            Listen(0, timeout);
        }
    }

    /// <summary>
    /// Asks several servos for <paramref name="size"/> bytes from <paramref name="address"/> on, behind <paramref name="before"/>
    /// bytes of <see cref="Request"/>.
    /// </summary>
    /// <remarks>While every length of a reply is outstanding only what is before it is sent, and nothing answers.</remarks>
    public void SendSyncRead(int address, int size, ReadOnlySpan<byte> ids, TimeSpan timeout, int before = 0)
    {
        if (TryPad(address, size, out ushort from, out ushort length))
        {
            Send(before + DynamixelCodec.SyncRead(Request.AsSpan(before), from, length, ids), IdSet.Of(ids), length, timeout);
        }
        else
        {
            Listen(before, timeout);
        }
    }

    /// <summary>Waits until no late reply to a read can be taken for the answer to a ping.</summary>
    public void AwaitPing()
    {
        const int Length = DynamixelProtocol.PingReplyParameters;
        Pause(new(Math.Max(0, _late.FreeAt(0, Length) - _clock.Now)));
    }

    /// <summary>A ping was not answered: the answer may come late.</summary>
    public void MissedPing() => _late.Missed(DynamixelProtocol.PingReplyParameters, _clock.Now);

    /// <summary>What the newest read asked for, of an answer that is no refusal.</summary>
    public ReadOnlySpan<byte> Wanted(DynamixelPacket answer) => answer.Parameters[_padding..];

    /// <summary>Not every servo answered the newest read.</summary>
    public void Missed()
    {
        if (_asked > 0)
        {
            _late.Missed(_asked, _clock.Now);
        }
    }

    /// <summary>
    /// Reads a register of one servo; false where it does not answer, or reports an error. While every length of a reply is
    /// outstanding it waits: not for the control cycle.
    /// </summary>
    public bool TryRead(byte id, DynamixelRegister register, int tries, out int value)
    {
        for (int i = 0; i < tries && !IsLost; i++)
        {
            Pause(new(_late.FreeAt(register.Address, register.Size) - _clock.Now));
            SendRead(id, register.Address, register.Size, AnswerTime);
            if (!TryNext(out DynamixelPacket answer))
            {
                Missed();
            }
            else if (answer.Error == DynamixelError.None)
            {
                value = register.Decode(Wanted(answer));
                return true;
            }
        }

        value = 0;
        return false;
    }

    /// <summary>
    /// Reads registers of one servo from <paramref name="address"/> on; false where it does not answer, or reports an error. Not
    /// for the control cycle.
    /// </summary>
    public bool TryRead(byte id, int address, Span<byte> block, int tries)
    {
        for (int i = 0; i < tries && !IsLost; i++)
        {
            Pause(new(_late.FreeAt(address, block.Length) - _clock.Now));
            SendRead(id, address, block.Length, AnswerTime);
            if (!TryNext(out DynamixelPacket answer))
            {
                Missed();
            }
            else if (answer.Error == DynamixelError.None)
            {
                Wanted(answer).CopyTo(block);
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Writes a register of one servo and reads it back; false where it does not confirm the value, or refuses by
    /// <paramref name="error"/>.
    /// </summary>
    public bool TryWrite(byte id, DynamixelRegister register, int value, int tries, out DynamixelError error)
    {
        error = DynamixelError.None;
        for (int i = 0; i < tries && !IsLost; i++)
        {
            Send(DynamixelCodec.Write(Request, id, register, value), IdSet.Of(id), 0, AnswerTime);
            if (TryNext(out DynamixelPacket answer) && answer.Error != DynamixelError.None)
            {
                error = answer.Error;
                continue;
            }

            // An acknowledgement does not say what it is for: it may be a late one. What the register holds then is what counts.
            if (TryRead(id, register, 1, out int found) && found == value)
            {
                error = DynamixelError.None;
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes one register of all; nobody answers.</summary>
    public void SyncWrite(DynamixelRegister register, ReadOnlySpan<byte> ids, ReadOnlySpan<int> values)
    {
        transport.DiscardInput();
        int length = DynamixelCodec.SyncWrite(Request, register, ids, values);
        IsLost |= transport.Write(Request.AsSpan(0, length), WriteTime).Status == TransportStatus.Lost;
    }

    /// <summary>Reads one register of all, [ids]; false where not all answered in time. What did not answer keeps its value.</summary>
    public bool TrySyncRead(DynamixelRegister register, ReadOnlySpan<byte> ids, Span<int> values)
    {
        IdSet missing = IdSet.Of(ids);
        SendSyncRead(register.Address, register.Size, ids, AnswerTime);
        while (missing.Count > 0 && TryNext(out DynamixelPacket answer))
        {
            if (answer.Error == DynamixelError.None && missing.Remove(answer.Id))
            {
                values[ids.IndexOf(answer.Id)] = register.Decode(Wanted(answer));
            }
        }

        if (missing.Count > 0)
        {
            Missed();
        }

        return missing.Count == 0;
    }

    /// <summary>
    /// Reads registers of all from <paramref name="address"/> on, [ids] blocks of <paramref name="size"/> bytes; false if not all
    /// answered, or one reports an error. Not for the control cycle.
    /// </summary>
    public bool TrySyncRead(int address, int size, ReadOnlySpan<byte> ids, Span<byte> blocks)
    {
        IdSet missing = IdSet.Of(ids);
        Pause(new(_late.FreeAt(address, size) - _clock.Now));
        SendSyncRead(address, size, ids, AnswerTime);
        while (missing.Count > 0 && TryNext(out DynamixelPacket answer))
        {
            if (answer.Error == DynamixelError.None && missing.Remove(answer.Id))
            {
                Wanted(answer).CopyTo(blocks[(ids.IndexOf(answer.Id) * size)..]);
            }
        }

        if (missing.Count > 0)
        {
            Missed();
        }

        return missing.Count == 0;
    }

    /// <summary>
    /// A read begins some bytes in front of what is wanted, so that no late reply to an earlier one is taken for its answer.
    /// False if no length is free.
    /// </summary>
    private bool TryPad(int address, int size, out ushort from, out ushort length)
    {
        bool free = _late.TryPad(address, size, _clock.Now, out _padding);
        _asked = free ? size + _padding : 0;
        (from, length) = ((ushort)(address - _padding), (ushort)_asked);
        return free;
    }

    /// <summary>
    /// Sends <paramref name="length"/> bytes of <see cref="Request"/>; what comes until <paramref name="timeout"/> is late, and
    /// counted.
    /// </summary>
    private void Listen(int length, TimeSpan timeout)
    {
        if (length > 0)
        {
            Send(length, default, 0, timeout);
            return;
        }

        _decoder.Expect(default, 0);
        (_taken, _held, Bytes) = (0, 0, 0);
        Await(timeout);
    }
}
