namespace RobotRl.Hardware.Devices;

/// <summary>
/// Recognises one's own request in what comes back: on a half-duplex line an adapter hears what it sends unless it switches its
/// receiver off meanwhile. Does not allocate. One thread.
/// </summary>
internal sealed class EchoWatch
{
    private int _length,
        _same;

    /// <summary>Whether the bytes that came since the newest request begin with the whole of it.</summary>
    public bool IsEcho => _length > 0 && _same == _length;

    /// <summary>What to say of such an adapter, behind the port's name.</summary>
    public static string Describe(string port) =>
        $"what is sent on {port} comes back by itself (an echo): its adapter hears what it sends. Switch the echo off, or use "
        + $"an adapter that switches its receiver off while it sends.";

    /// <summary>A request of <paramref name="length"/> bytes is sent now.</summary>
    public void Sent(int length) => (_length, _same) = (length, 0);

    /// <summary>Bytes came back.</summary>
    /// <param name="bytes">The next ones.</param>
    /// <param name="request">The request.</param>
    public void Came(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> request)
    {
        int left = Math.Min(bytes.Length, _length - _same);
        if (left > 0)
        {
            // A difference ends the comparison until the next request.
            bool same = bytes[..left].SequenceEqual(request.Slice(_same, left));
            (_length, _same) = same ? (_length, _same + left) : (0, 0);
        }
    }
}
