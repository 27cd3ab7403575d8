using System.Buffers.Binary;
using RobotRl.Hardware.Protocols.Framing;

namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>Finds packets of the Dynamixel protocol 2.0 in a stream of bytes, however it is cut up or damaged.</summary>
/// <remarks>
/// After any damage the next good packet is understood as soon as its last byte has come: byte stuffing keeps the header out
/// of a packet's inside, so a header there proves the packet around it to be damaged, and after a wrong checksum the search
/// goes on one byte further. Only damage whose checksum happens to be right (one in 65,536) can take a good packet with it.
/// One thread at a time; does not allocate.
/// </remarks>
public sealed class DynamixelDecoder
{
    private readonly byte[] _buffer = new byte[DynamixelProtocol.MaxPacketLength];
    private int _start, _end;

    // Bytes at the start that ended the last packet and may begin the next one.
    private int _shared;
    private long _frames, _badChecksums, _badFrames, _unexpected, _dropped;
    private IdSet _ids = IdSet.All;
    private int _parameters = -1;
    private bool _answersOnly;

    /// <summary>What was seen so far.</summary>
    public DecoderCounters Counters => new(_frames, _badChecksums, _badFrames, _unexpected, _dropped);

    /// <summary>
    /// From now on only answers of <paramref name="ids"/> with <paramref name="parameters"/> parameters are handed over (any
    /// number: -1), or with none where they report an error. The rest is counted as unexpected.
    /// </summary>
    public void Expect(IdSet ids, int parameters) => (_ids, _parameters, _answersOnly) = (ids, parameters, true);

    /// <summary>From now on every packet is handed over, instructions too.</summary>
    public void ExpectAnything() => (_ids, _parameters, _answersOnly) = (IdSet.All, -1, false);

    /// <summary>Forgets a packet that has come in part: before a new request.</summary>
    public void Reset()
    {
        Drop(_end - _start);
        (_start, _end) = (0, 0);
    }

    /// <summary>Takes bytes from the front of <paramref name="bytes"/> until a packet is complete or all are taken.</summary>
    /// <returns>Whether a packet was found; call again for more, also where <paramref name="bytes"/> is empty by now.</returns>
    public bool TryRead(scoped ref ReadOnlySpan<byte> bytes, out DynamixelPacket packet)
    {
        while (true)
        {
            if (TryTake(out packet))
            {
                return true;
            }

            if (bytes.IsEmpty)
            {
                return false;
            }

            if (_end == _buffer.Length)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            // There is room: a packet of the whole buffer's length would have been taken.
            int count = Math.Min(bytes.Length, _buffer.Length - _end);
            bytes[..count].CopyTo(_buffer.AsSpan(_end));
            bytes = bytes[count..];
            _end += count;
        }
    }

    private bool TryTake(out DynamixelPacket packet)
    {
        while (SkipToHeader())
        {
            Span<byte> held = _buffer.AsSpan(_start, _end - _start);
            if (held.Length < DynamixelProtocol.HeaderLength)
            {
                break;
            }

            byte id = held[DynamixelProtocol.IdAt];
            int total = DynamixelProtocol.HeaderLength + BinaryPrimitives.ReadUInt16LittleEndian(held[DynamixelProtocol.LengthAt..]);
            if (total < DynamixelProtocol.MinPacketLength || total > DynamixelProtocol.MaxPacketLength || (id > DynamixelProtocol.MaxId && id != DynamixelProtocol.BroadcastId))
            {
                _badFrames++;
                Drop(1);
                continue;
            }

            int inside = held[..Math.Min(held.Length, total - DynamixelProtocol.CrcLength)][DynamixelProtocol.Header.Length..].IndexOf(DynamixelProtocol.Header);
            if (inside >= 0)
            {
                _badFrames++;
                Drop(inside + DynamixelProtocol.Header.Length);
                continue;
            }

            if (held.Length < total)
            {
                break;
            }

            int end = total - DynamixelProtocol.CrcLength;
            if (Crc16.Compute(held[..end]) != BinaryPrimitives.ReadUInt16LittleEndian(held[end..]))
            {
                _badChecksums++;
                Drop(1);
                continue;
            }

            if (TryAccept(id, held[DynamixelProtocol.InstructionAt..end], out packet))
            {
                Accept(held[..total]);
                return true;
            }

            Drop(total);
        }

        packet = default;
        return false;
    }

    /// <summary>Drops what cannot begin a packet. False where nothing is left.</summary>
    private bool SkipToHeader()
    {
        ReadOnlySpan<byte> held = _buffer.AsSpan(_start, _end - _start), header = DynamixelProtocol.Header;
        int skip = held.IndexOf(header);
        if (skip < 0)
        {
            // The last bytes may be a header's first ones.
            skip = Math.Max(0, held.Length - header.Length + 1);
            while (!header.StartsWith(held[skip..]))
            {
                skip++;
            }
        }

        Drop(skip);
        if (_start < _end)
        {
            return true;
        }

        (_start, _end) = (0, 0);
        return false;
    }

    private bool TryAccept(byte id, Span<byte> content, out DynamixelPacket packet)
    {
        content = content[..Unstuff(content)];
        var instruction = (DynamixelInstruction)content[0];
        bool answer = instruction == DynamixelInstruction.Status;
        packet = default;
        // An answer has an error byte, and nobody answers as everybody.
        if (answer && (content.Length < 2 || id == DynamixelProtocol.BroadcastId))
        {
            _badFrames++;
            return false;
        }

        byte error = answer ? content[1] : (byte)0;
        ReadOnlySpan<byte> parameters = content[(answer ? 2 : 1)..];
        packet = new(id, instruction, error, parameters);
        bool expected = !_answersOnly || (answer && _ids.Contains(id)
            && (_parameters < 0 || parameters.Length == _parameters || (packet.Error != DynamixelError.None && parameters.IsEmpty)));
        if (!expected)
        {
            _unexpected++;
        }

        return expected;
    }

    /// <summary>Takes the stuffed bytes out, in place, from the instruction on. Returns the length left.</summary>
    private static int Unstuff(Span<byte> content)
    {
        int written = 0, run = 0;
        for (int i = 0; i < content.Length; i++)
        {
            byte b = content[i];
            content[written++] = b;
            if (b == 0xFD && run >= 2 && i + 1 < content.Length && content[i + 1] == 0xFD)
            {
                i++;
            }

            run = b == 0xFF ? run + 1 : 0;
        }

        return written;
    }

    /// <summary>
    /// Takes a packet out. Its last bytes stay where they may be a header's first ones: a packet that lost them is made whole by
    /// the next one's, which must not be lost for that.
    /// </summary>
    private void Accept(ReadOnlySpan<byte> packet)
    {
        _frames++;
        _shared = packet.EndsWith((ReadOnlySpan<byte>)[0xFF, 0xFF]) ? 2 : packet.EndsWith((ReadOnlySpan<byte>)[0xFF]) ? 1 : 0;
        _start += packet.Length - _shared;
    }

    private void Drop(int count)
    {
        int shared = Math.Min(count, _shared);
        _shared -= shared;
        _dropped += count - shared;
        _start += count;
    }
}
