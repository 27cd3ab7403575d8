namespace RobotRl.Hardware.Transports;

/// <summary>
/// One end of a link in memory, for tests and for emulators in the same process. Its two ends may be used by two threads.
/// </summary>
public sealed class MemoryTransport : ITransport
{
    /// <summary>Bytes that one direction holds; more are dropped as from a peer that does not read.</summary>
    public const int Capacity = 4096;

    private readonly MemoryLink _link;
    private readonly byte[] _arrived = new byte[Capacity];
    private readonly Action<TimeSpan>? _wait;
    private MemoryTransport? _peer;
    private int _first,
        _count;
    private bool _open,
        _lost;

    private MemoryTransport(MemoryLink link, string name, Action<TimeSpan>? wait) => (_link, Name, _wait) = (link, name, wait);

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>None: a cut shows in the next call.</summary>
    public TimeSpan LossDetection => TimeSpan.Zero;

    /// <summary>Called on the writer's thread after each write of this end, so that a peer may answer within it; null for none.</summary>
    public Action? Written { get; set; }

    /// <summary>
    /// Two ends of one link, closed.
    /// </summary>
    /// <param name="name">Name of the link.</param>
    /// <param name="wait">Stands in for waiting in <see cref="Read"/>, once a call: a test on a fake clock lets time pass in it.
    /// Null: real time passes.</param>
    public static (MemoryTransport Near, MemoryTransport Far) CreatePair(string name = "memory", Action<TimeSpan>? wait = null)
    {
        var link = new MemoryLink();
        MemoryTransport near = new(link, name, wait),
            far = new(link, $"{name} (far end)", wait);
        (near._peer, far._peer) = (far, near);
        return (near, far);
    }

    /// <summary>Cuts the link as a pulled plug does: both ends are lost, and what was under way is gone. Any thread.</summary>
    public void Cut()
    {
        lock (_link)
        {
            _link.IsCut = true;
            LoseNeedsLock();
            _peer!.LoseNeedsLock();
            Monitor.PulseAll(_link);
        }
    }

    /// <summary>Mends the link; ends that lost it must be closed and opened again. Any thread.</summary>
    public void Mend()
    {
        lock (_link)
        {
            _link.IsCut = false;
        }
    }

    /// <inheritdoc/>
    public void Open()
    {
        lock (_link)
        {
            if (_link.IsCut)
            {
                throw new TransportException(Name, $"Link {Name} is cut. Mend it and open it again.");
            }

            if (!_open)
            {
                (_open, _lost, _count) = (true, false, 0);
            }
        }
    }

    /// <inheritdoc/>
    public void Close()
    {
        lock (_link)
        {
            _open = false;
            Monitor.PulseAll(_link);
        }
    }

    /// <inheritdoc/>
    public TransportResult Read(Span<byte> buffer, TimeSpan timeout)
    {
        lock (_link)
        {
            if (_open && !_lost && _count == 0 && timeout > TimeSpan.Zero)
            {
                WaitNeedsLock(timeout);
            }

            if (!_open || _lost)
            {
                return new(TransportStatus.Lost, 0);
            }

            int taken = Math.Min(_count, buffer.Length);
            for (int i = 0; i < taken; i++)
            {
                buffer[i] = _arrived[(_first + i) % Capacity];
            }

            (_first, _count) = ((_first + taken) % Capacity, _count - taken);
            return new(taken > 0 || buffer.IsEmpty ? TransportStatus.Ok : TransportStatus.TimedOut, taken);
        }
    }

    /// <inheritdoc/>
    public TransportResult Write(ReadOnlySpan<byte> bytes, TimeSpan timeout)
    {
        int sent = 0;
        lock (_link)
        {
            if (!_open || _lost)
            {
                return new(TransportStatus.Lost, 0);
            }

            MemoryTransport to = _peer!;
            while (to._open && sent < bytes.Length && to._count < Capacity)
            {
                to._arrived[(to._first + to._count++) % Capacity] = bytes[sent++];
            }

            Monitor.PulseAll(_link);
        }

        Written?.Invoke();
        return new(sent == bytes.Length ? TransportStatus.Ok : TransportStatus.TimedOut, sent);
    }

    /// <inheritdoc/>
    public void DiscardInput()
    {
        lock (_link)
        {
            _count = 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private void LoseNeedsLock() => (_lost, _count) = (true, 0);

    private void WaitNeedsLock(TimeSpan timeout)
    {
        if (_wait is not null)
        {
            Monitor.Exit(_link);
            try
            {
                _wait(timeout);
            }
            finally
            {
                Monitor.Enter(_link);
            }

            return;
        }

        long start = Environment.TickCount64;
        for (
            TimeSpan left = timeout;
            _open && !_lost && _count == 0 && left > TimeSpan.Zero;
            left = timeout - TimeSpan.FromMilliseconds(Environment.TickCount64 - start)
        )
        {
            Monitor.Wait(_link, left);
        }
    }
}
