using RobotRl.Hardware.Protocols.Mcu;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.Mcu;

/// <summary>
/// Requests and their answers over a transport: an answer is the frame with the request's number. One thread; allocates nothing.
/// </summary>
internal sealed class McuLine(ITransport transport, MonotonicStamp clock)
{
    private readonly McuDecoder _decoder = new();
    private readonly byte[] _output = new byte[McuProtocol.MaxFrameLength],
        _input = new byte[2 * McuProtocol.MaxFrameLength];
    private int _first,
        _count;

    /// <summary>What is connected, for messages.</summary>
    public string Name => transport.Name;

    /// <summary>Where the next request is written: one of <see cref="McuCodec"/>'s methods fills it.</summary>
    public Span<byte> Output => _output;

    /// <summary>Number of the newest request.</summary>
    public ushort Sequence { get; private set; }

    /// <summary>Bytes that have come since <see cref="Open"/>, of whatever kind.</summary>
    public long BytesHeard { get; private set; }

    /// <summary>Frames with a valid checksum since <see cref="Open"/>.</summary>
    public long FramesHeard { get; private set; }

    /// <summary>Whether the transport reported its loss.</summary>
    public bool IsLost { get; private set; }

    public void Open()
    {
        transport.Open();
        transport.DiscardInput();
        _decoder.Reset();
        (_first, _count, BytesHeard, FramesHeard, IsLost) = (0, 0, 0, 0, false);
    }

    public void Close() => transport.Close();

    /// <summary>The next request's number.</summary>
    public ushort NextSequence() => ++Sequence;

    /// <summary>Sends the first <paramref name="length"/> bytes of <see cref="Output"/>; false where they were not taken.</summary>
    public bool Send(int length, TimeSpan timeout)
    {
        TransportResult sent = transport.Write(_output.AsSpan(0, length), timeout);
        IsLost |= sent.Status == TransportStatus.Lost;
        return sent.Status == TransportStatus.Ok;
    }

    /// <summary>
    /// Waits for the answer to the newest request until <paramref name="deadline"/> (of the clock). Answers to older ones are
    /// dropped.
    /// </summary>
    public bool TryReceive(long deadline, out McuFrame frame)
    {
        while (true)
        {
            ReadOnlySpan<byte> bytes = _input.AsSpan(_first, _count);
            while (_decoder.TryRead(ref bytes, out frame))
            {
                (_first, _count) = (_first + _count - bytes.Length, bytes.Length);
                FramesHeard++;
                if (frame.Sequence == Sequence && frame.Type >= McuMessage.Capabilities)
                {
                    return true;
                }
            }

            (_first, _count) = (0, 0);
            long left = deadline - clock.Now;
            if (left <= 0)
            {
                return false;
            }

            TransportResult read = transport.Read(_input, new(left));
            if (read.Status == TransportStatus.Lost)
            {
                IsLost = true;
                return false;
            }

            _count = read.Count;
            BytesHeard += read.Count;
        }
    }

    /// <summary>Lets time pass; what comes meanwhile is dropped.</summary>
    public void Wait(TimeSpan time)
    {
        for (long until = clock.Now + time.Ticks, left = time.Ticks; left > 0 && !IsLost; left = until - clock.Now)
        {
            IsLost |= transport.Read(_input, new(left)).Status == TransportStatus.Lost;
        }
    }

    public void Dispose() => transport.Dispose();
}
