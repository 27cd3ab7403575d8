namespace RobotRl.Hardware.Protocols.Framing;

/// <summary>
/// Bytes of a stream in which packets with a header of FF FF are looked for: what has come and is neither a packet nor dropped
/// yet.
/// </summary>
/// <remarks>One thread at a time; does not allocate.</remarks>
/// <param name="capacity">Most bytes held, at least the longest packet's.</param>
internal sealed class PacketBuffer(int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];
    private int _start,
        _end;

    // Bytes at the start that ended the last packet and may begin the next one.
    private int _shared;

    /// <summary>What is held; it may be changed in place.</summary>
    public Span<byte> Held => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Bytes that belonged to no packet.</summary>
    public long Dropped { get; private set; }

    /// <summary>Takes as many bytes from the front of <paramref name="bytes"/> as there is room for.</summary>
    public void Append(ref ReadOnlySpan<byte> bytes)
    {
        if (_end == _bytes.Length)
        {
            Held.CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
        }

        int count = Math.Min(bytes.Length, _bytes.Length - _end);
        bytes[..count].CopyTo(_bytes.AsSpan(_end));
        bytes = bytes[count..];
        _end += count;
    }

    /// <summary>Drops what cannot begin <paramref name="header"/>. False where nothing is left.</summary>
    public bool SkipTo(ReadOnlySpan<byte> header)
    {
        ReadOnlySpan<byte> held = Held;
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

    /// <summary>Drops the first <paramref name="count"/> bytes, which belong to no packet.</summary>
    public void Drop(int count)
    {
        int shared = Math.Min(count, _shared);
        _shared -= shared;
        Dropped += count - shared;
        _start += count;
    }

    /// <summary>
    /// Takes the packet out that the first <paramref name="count"/> bytes are. Its last bytes stay where they may be a header's
    /// first ones: a packet that lost them is made whole by the next one's, which must not be lost for that.
    /// </summary>
    public void Accept(int count)
    {
        ReadOnlySpan<byte> packet = Held[..count];
        _shared =
            packet.EndsWith((ReadOnlySpan<byte>)[0xFF, 0xFF]) ? 2
            : packet.EndsWith((ReadOnlySpan<byte>)[0xFF]) ? 1
            : 0;
        _start += count - _shared;
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        Drop(_end - _start);
        (_start, _end) = (0, 0);
    }
}
