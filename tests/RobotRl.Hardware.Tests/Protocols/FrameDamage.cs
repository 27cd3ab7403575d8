namespace RobotRl.Hardware.Tests.Protocols;

/// <summary>What a bad line does to a frame: bits and bytes turned, lost, added, exchanged, cut off; or nothing but noise.</summary>
internal sealed class FrameDamage(int seed)
{
    private readonly Random _random = new(seed);
    private readonly byte[] _buffer = new byte[4096];

    public Random Random => _random;

    /// <summary>A damaged copy, which differs from <paramref name="frame"/> and lies here until the next call.</summary>
    public ReadOnlySpan<byte> Apply(ReadOnlySpan<byte> frame)
    {
        while (true)
        {
            frame.CopyTo(_buffer);
            int length = frame.Length;
            for (int hits = _random.Next(1, 5); hits > 0 && length > 0; hits--)
            {
                length = HitOnce(length);
            }

            if (!frame.SequenceEqual(_buffer.AsSpan(0, length)))
            {
                return _buffer.AsSpan(0, length);
            }
        }
    }

    private int HitOnce(int length)
    {
        int at = _random.Next(length);
        switch (_random.Next(12))
        {
            case 0 or 8 or 9:
                _buffer[at] ^= (byte)(1 << _random.Next(8));
                return length;
            case 1 or 10:
                _buffer[at] = (byte)_random.Next(256);
                return length;
            case 2:
                _buffer.AsSpan((at + 1)..length).CopyTo(_buffer.AsSpan(at));
                return length - 1;
            case 3:
                _buffer.AsSpan(at..length).CopyTo(_buffer.AsSpan(at + 1));
                _buffer[at] = (byte)_random.Next(256);
                return length + 1;
            case 4:
                // Exchanged, with values other than they were: a sum does not see an exchange alone, which no serial line makes.
                int other = _random.Next(length);
                (_buffer[at], _buffer[other]) = ((byte)(_buffer[other] ^ 1), _buffer[at]);
                return length;
            case 5:
                return at;
            case 6 or 11:
                _random.NextBytes(_buffer.AsSpan(at, Math.Min(length - at, _random.Next(1, 9))));
                return length;
            default:
                _random.NextBytes(_buffer.AsSpan(0, length));
                return length;
        }
    }
}
