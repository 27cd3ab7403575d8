using System.Buffers.Binary;
using RobotRl.Hardware.Protocols.Framing;

namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>Finds frames of the MCU protocol in a stream of bytes, however it is cut up or damaged.</summary>
/// <remarks>
/// A zero ends a frame whatever came before, so the frame after any zero is understood at once; where damage took the zero
/// itself, the one frame that ran into the damaged one is lost with it. One thread at a time; does not allocate.
/// </remarks>
public sealed class McuDecoder
{
    // COBS of the longest frame.
    private readonly byte[] _buffer = new byte[McuProtocol.MaxFrameLength - 1];
    private int _length;
    private bool _tooLong;
    private long _frames,
        _badChecksums,
        _badFrames,
        _dropped;

    /// <summary>What was seen so far.</summary>
    public DecoderCounters Counters => new(_frames, _badChecksums, _badFrames, 0, _dropped);

    /// <summary>Forgets a frame that has come in part; what follows until the next zero is the rest of it or a new one.</summary>
    public void Reset()
    {
        _dropped += _length;
        (_length, _tooLong) = (0, false);
    }

    /// <summary>Takes bytes from the front of <paramref name="bytes"/> until a frame is complete or all are taken.</summary>
    /// <returns>Whether a frame was found; call again while bytes are left.</returns>
    public bool TryRead(scoped ref ReadOnlySpan<byte> bytes, out McuFrame frame)
    {
        while (!bytes.IsEmpty)
        {
            int zero = bytes.IndexOf((byte)0);
            Append(zero < 0 ? bytes : bytes[..zero]);
            if (zero < 0)
            {
                bytes = default;
                break;
            }

            bytes = bytes[(zero + 1)..];
            if (TryEnd(out frame))
            {
                return true;
            }
        }

        frame = default;
        return false;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_tooLong || bytes.Length > _buffer.Length - _length)
        {
            // Counted here, for there may be no end to it.
            _dropped += bytes.Length + _length;
            (_length, _tooLong) = (0, true);
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private bool TryEnd(out McuFrame frame)
    {
        (int length, bool tooLong) = (_length, _tooLong);
        (_length, _tooLong) = (0, false);
        frame = default;
        if (tooLong)
        {
            _badFrames++;
            return false;
        }

        // Two zeros in a row: not an error, a sender may begin with one.
        if (length == 0)
        {
            return false;
        }

        int decoded = Cobs.Decode(_buffer.AsSpan(0, length), _buffer),
            payload = decoded - McuProtocol.CrcLength;
        if (payload < McuProtocol.HeaderLength)
        {
            _badFrames++;
            _dropped += length;
            return false;
        }

        if (Crc32.Compute(_buffer.AsSpan(0, payload)) != BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(payload)))
        {
            _badChecksums++;
            _dropped += length;
            return false;
        }

        if (!McuProtocol.FitsLength((McuMessage)_buffer[0], payload - McuProtocol.HeaderLength))
        {
            _badFrames++;
            _dropped += length;
            return false;
        }

        _frames++;
        frame = new(_buffer.AsSpan(0, payload));
        return true;
    }
}
