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
    private static readonly byte[] Header = [FeetechProtocol.HeaderByte, FeetechProtocol.HeaderByte];

    private readonly PacketBuffer _buffer = new(2 * FeetechProtocol.MaxPacketLength);
    private long _frames,
        _badChecksums,
        _badFrames,
        _unexpected;
    private IdSet _ids = IdSet.All;
    private int _parameters = -1;
    private bool _ended;

    /// <summary>What was seen so far.</summary>
    public DecoderCounters Counters => new(_frames, _badChecksums, _badFrames, _unexpected, _buffer.Dropped);

    /// <summary>
    /// From now on only packets of <paramref name="ids"/> with <paramref name="parameters"/> parameters (any number: -1) are
    /// looked for: what announces another id or length is no packet at all, and is counted as unexpected.
    /// </summary>
    public void Expect(IdSet ids, int parameters) => (_ids, _parameters) = (ids, parameters);

    /// <summary>From now on every packet is handed over.</summary>
    public void ExpectAnything() => Expect(IdSet.All, -1);

    /// <summary>
    /// Says that what has come is all: what waits for more bytes is damaged. Then call <see cref="TryRead"/> for what is left.
    /// </summary>
    public void EndOfBurst() => _ended = true;

    /// <summary>Forgets a packet that has come in part: before a new request.</summary>
    public void Reset()
    {
        _buffer.Clear();
        _ended = false;
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
            _buffer.Append(ref bytes);
        }
    }

    private bool TryTake(out FeetechPacket packet)
    {
        while (_buffer.SkipTo(Header))
        {
            ReadOnlySpan<byte> held = _buffer.Held;
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
            int parameters = held[FeetechProtocol.LengthAt] - 2,
                total = parameters + FeetechProtocol.Overhead;
            if (id == FeetechProtocol.HeaderByte)
            {
                // A third FF: the header is the last two.
                _buffer.Drop(1);
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
                _buffer.Drop(1);
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
                _buffer.Drop(1);
                continue;
            }

            _frames++;
            _buffer.Accept(total);
            packet = new(id, held[FeetechProtocol.InstructionAt], held.Slice(FeetechProtocol.ParametersAt, parameters));
            return true;
        }

        packet = default;
        return false;
    }

    private void DropDamaged()
    {
        _badFrames++;
        _buffer.Drop(1);
    }
}
