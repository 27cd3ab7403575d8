namespace RobotRl.Hardware.Protocols.Framing;

/// <summary>
/// Consistent overhead byte stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999): bytes without a
/// zero among them, so that a zero can end a frame. Any thread; does not allocate.
/// </summary>
public static class Cobs
{
    private const int BlockLimit = 255;

    /// <summary>Most bytes that <paramref name="length"/> bytes become, without the zero that ends the frame.</summary>
    public static int MaxEncodedLength(int length) => length + (length / (BlockLimit - 1)) + 1;

    /// <summary>Encodes <paramref name="source"/>, without the zero that ends the frame.</summary>
    /// <returns>Bytes written to <paramref name="destination"/>, which must not overlap the source.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <see cref="MaxEncodedLength"/>.</exception>
    public static int Encode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < MaxEncodedLength(source.Length))
        {
            throw new ArgumentException(
                $"A destination of {destination.Length} bytes; {source.Length} bytes need up to {MaxEncodedLength(source.Length)}.",
                nameof(destination)
            );
        }

        int code = 0,
            end = 1;
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i] != 0)
            {
                destination[end++] = source[i];
            }

            // A full block says by itself that no zero follows; after the last byte it needs no successor.
            if (source[i] == 0 || (end - code == BlockLimit && i + 1 < source.Length))
            {
                destination[code] = (byte)(end - code);
                code = end++;
            }
        }

        destination[code] = (byte)(end - code);
        return end;
    }

    /// <summary>Decodes what stood before the zero; <paramref name="destination"/> may be the source itself.</summary>
    /// <returns>Bytes written, or -1 where it is not COBS (a zero inside, a block cut short) or does not fit.</returns>
    public static int Decode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int at = 0,
            written = 0;
        while (at < source.Length)
        {
            int code = source[at++],
                copied = code - 1;
            if (code == 0 || copied > source.Length - at || copied > destination.Length - written)
            {
                return -1;
            }

            ReadOnlySpan<byte> block = source.Slice(at, copied);
            if (block.Contains((byte)0))
            {
                return -1;
            }

            block.CopyTo(destination[written..]);
            (at, written) = (at + copied, written + copied);
            if (code < BlockLimit && at < source.Length)
            {
                if (written == destination.Length)
                {
                    return -1;
                }

                destination[written++] = 0;
            }
        }

        return written;
    }
}
