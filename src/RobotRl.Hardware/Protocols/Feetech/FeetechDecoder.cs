using RobotRl.Hardware.Protocols.Framing;

namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>Finds packets of the Feetech STS protocol in a stream of bytes, however it is cut up or damaged.</summary>
/// <remarks>
/// The protocol has no byte stuffing: what looks like a header may be data, and damage may announce up to
/// <see cref="FeetechProtocol.MaxPacketLength"/> bytes. No good packet is lost by that: after a wrong checksum the search goes
/// on one byte further, within what has come. It may be late: the next good packet after damage is understood when at most
/// <see cref="FeetechProtocol.MaxPacketLength"/> bytes have come since, or at once by <see cref="EndOfBurst"/>, or as soon as
/// its last byte has come where <see cref="Expect"/> says which length to look for. The 8-bit sum lets one damaged packet in
/// 256 through; <see cref="Expect"/> and <see cref="FeetechReading.TryDecode"/> stand behind it.
/// One thread at a time; does not allocate.
/// </remarks>
public sealed class FeetechDecoder
{
    private readonly byte[] _buffer = new byte[2 * FeetechProtocol.MaxPacketLength];
    private int _start, _end;

    // Bytes at the start that ended the last packet and may begin the next one.
    private int _shared;
    private long _frames, _badChecksums, _badFrames, _unexpected, _dropped;
    private IdSet _ids = IdSet.All;
    private int _parameters = -1;
    private bool _ended;

    /// <summary>What was seen so far.</summary>
    public DecoderCounters Counters => new(_frames, _badChecksums, _badFrames, _unexpected, _dropped);

    /// <summary>
    /// From now on only packets of <paramref name="ids"/> with <paramref name="parameters"/> parameters (any number: -1) are
    /// looked for: what announces another id or length is no packet at all, and is counted as unexpected.
    /// </summary>
    public void Expect(IdSet ids, int parameters) => (_ids, _parameters) = (ids, parameters);

    /// <summary>From now on every packet is handed over.</summary>
    public void ExpectAnything() => Expect(IdSet.All, -1);

    /// <summary>Says that what has come is all: what waits for more bytes is damaged. Then call <see cref="TryRead"/> for what is left.</summary>
    public void EndOfBurst() => _ended = true;

    /// <summary>Forgets a packet that has come in part: before a new request.</summary>
    public void Reset()
    {
        Drop(_end - _start);
        (_start, _end, _ended) = (0, 0, false);
    }

    /// <summary>Takes bytes from the front of <paramref name="bytes"/> until a packet is complete or all are taken.</summary>
    /// <returns>Whether a packet was found; call again for more, also where <paramref name="bytes"/> is empty by now.</returns>
    public bool TryRead(scoped ref ReadOnlySpan<byte> bytes, out FeetechPacket packet)
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

            _ended = false;
            if (_end == _buffer.Length)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            int count = Math.Min(bytes.Length, _buffer.Length - _end);
            bytes[..count].CopyTo(_buffer.AsSpan(_end));
            bytes = bytes[count..];
            _end += count;
        }
    }

    private bool TryTake(out FeetechPacket packet)
    {
        while (SkipToHeader())
        {
            ReadOnlySpan<byte> held = _buffer.AsSpan(_start, _end - _start);
            if (held.Length <= FeetechProtocol.LengthAt)
            {
                if (!_ended)
                {
                    break;
                }

                DropDamaged();
                continue;
            }

            byte id = held[FeetechProtocol.IdAt];
            int parameters = held[FeetechProtocol.LengthAt] - 2, total = parameters + FeetechProtocol.Overhead;
            if (id == FeetechProtocol.HeaderByte)
            {
                // A third FF: the header is the last two.
                Drop(1);
                continue;
            }

            if (parameters < 0)
            {
                DropDamaged();
                continue;
            }

            if (!_ids.Contains(id) || (_parameters >= 0 && parameters != _parameters))
            {
                _unexpected++;
                Drop(1);
                continue;
            }

            if (held.Length < total)
            {
                if (!_ended)
                {
                    break;
                }

                DropDamaged();
                continue;
            }

            if (FeetechProtocol.Checksum(held[FeetechProtocol.IdAt..(total - 1)]) != held[total - 1])
            {
                _badChecksums++;
                Drop(1);
                continue;
            }

            Accept(held[..total]);
            packet = new(id, held[FeetechProtocol.InstructionAt], held.Slice(FeetechProtocol.ParametersAt, parameters));
            return true;
        }

        packet = default;
        return false;
    }

    /// <summary>Drops what cannot begin a packet. False where nothing is left.</summary>
    private bool SkipToHeader()
    {
        ReadOnlySpan<byte> held = _buffer.AsSpan(_start, _end - _start);
        int skip = held.IndexOf([FeetechProtocol.HeaderByte, FeetechProtocol.HeaderByte]);
        if (skip < 0)
        {
            // A last FF may be a header's first byte.
            skip = held.Length - (held.EndsWith([FeetechProtocol.HeaderByte]) ? 1 : 0);
        }

        Drop(skip);
        if (_start < _end)
        {
            return true;
        }

        (_start, _end) = (0, 0);
        return false;
    }

    private void DropDamaged()
    {
        _badFrames++;
        Drop(1);
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
