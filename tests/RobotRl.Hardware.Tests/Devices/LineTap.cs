using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices;

/// <summary>Sits between a device and its line: looks on, echoes what is sent, or puts bytes in front of what comes.</summary>
internal sealed class LineTap(ITransport line) : ITransport
{
    private readonly Queue<byte> _first = [];

    /// <summary>After bytes were sent and obeyed.</summary>
    public Action? Sent { get; set; }

    /// <summary>Whether what is sent comes back.</summary>
    public bool Echoes { get; set; }

    /// <summary>Bytes that come in front of every reply.</summary>
    public byte[] Stray { get; set; } = [];

    public string Name => line.Name;

    public TimeSpan LossDetection => line.LossDetection;

    public void Open() => line.Open();

    public void Close() => line.Close();

    public void DiscardInput()
    {
        _first.Clear();
        line.DiscardInput();
    }

    public TransportResult Read(Span<byte> buffer, TimeSpan timeout)
    {
        if (_first.Count == 0)
        {
            return line.Read(buffer, timeout);
        }

        int count = 0;
        while (count < buffer.Length && _first.TryDequeue(out byte b))
        {
            buffer[count++] = b;
        }

        return new(TransportStatus.Ok, count);
    }

    public TransportResult Write(ReadOnlySpan<byte> bytes, TimeSpan timeout)
    {
        foreach (byte b in Echoes ? bytes : Stray)
        {
            _first.Enqueue(b);
        }

        TransportResult result = line.Write(bytes, timeout);
        Sent?.Invoke();
        return result;
    }

    public void Dispose() => line.Dispose();
}
