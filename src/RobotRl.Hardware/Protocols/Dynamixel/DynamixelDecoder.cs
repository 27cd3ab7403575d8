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
    private readonly PacketBuffer _buffer = new(DynamixelProtocol.MaxPacketLength);
    private long _frames,
        _badChecksums,
        _badFrames,
        _unexpected;
    private IdSet _ids = IdSet.All;
    private int _parameters = -1;
    private bool _answersOnly;

    /// <summary>What was seen so far.</summary>
    public DecoderCounters Counters => new(_frames, _badChecksums, _badFrames, _unexpected, _buffer.Dropped);

    /// <summary>
    /// From now on only answers of <paramref name="ids"/> with <paramref name="parameters"/> parameters are handed over (any
    /// number: -1), or with none where they report an error. The rest is counted as unexpected.
    /// </summary>
    public void Expect(IdSet ids, int parameters) => (_ids, _parameters, _answersOnly) = (ids, parameters, true);

    /// <summary>From now on every packet is handed over, instructions too.</summary>
    public void ExpectAnything() => (_ids, _parameters, _answersOnly) = (IdSet.All, -1, false);

    /// <summary>Forgets a packet that has come in part: before a new request.</summary>
    public void Reset() => _buffer.Clear();

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

            // There is room: a packet of the whole buffer's length would have been taken.
            _buffer.Append(ref bytes);
        }
    }

    private bool TryTake(out DynamixelPacket packet)
    {
        while (_buffer.SkipTo(DynamixelProtocol.Header))
        {
            Span<byte> held = _buffer.Held;
            if (held.Length < DynamixelProtocol.HeaderLength)
            {
                break;
            }

            byte id = held[DynamixelProtocol.IdAt];
            int total = DynamixelProtocol.HeaderLength + BinaryPrimitives.ReadUInt16LittleEndian(held[DynamixelProtocol.LengthAt..]);
            if (
                total < DynamixelProtocol.MinPacketLength
                || total > DynamixelProtocol.MaxPacketLength
                || (id > DynamixelProtocol.MaxId && id != DynamixelProtocol.BroadcastId)
            )
            {
                _badFrames++;
                _buffer.Drop(1);
                continue;
            }

            int inside = held[..Math.Min(held.Length, total - DynamixelProtocol.CrcLength)]
                [DynamixelProtocol.Header.Length..]
                .IndexOf(DynamixelProtocol.Header);
            if (inside >= 0)
            {
                _badFrames++;
                _buffer.Drop(inside + DynamixelProtocol.Header.Length);
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
                _buffer.Drop(1);
                continue;
            }

            if (TryAccept(id, held[DynamixelProtocol.InstructionAt..end], out packet))
            {
                _frames++;
                _buffer.Accept(total);
                return true;
            }

            _buffer.Drop(total);
        }

        packet = default;
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
        bool expected =
            !_answersOnly
            || (
                answer
                && _ids.Contains(id)
                && (_parameters < 0 || parameters.Length == _parameters || (packet.Error != DynamixelError.None && parameters.IsEmpty))
            );
        if (!expected)
        {
            _unexpected++;
        }

        return expected;
    }

    /// <summary>Takes the stuffed bytes out, in place, from the instruction on. Returns the length left.</summary>
    private static int Unstuff(Span<byte> content)
    {
        int written = 0,
            run = 0;
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
}
