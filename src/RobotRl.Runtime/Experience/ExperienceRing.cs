namespace RobotRl.Runtime.Experience;

/// <summary>
/// Preallocated single-producer single-consumer ring of fixed-size frames. Where it is full the producer drops its frame and
/// counts it; nobody ever waits for the other side. No method allocates or locks.
/// </summary>
/// <remarks>One thread calls <see cref="TryWrite"/>, one calls <see cref="TryPeek"/> and <see cref="Release"/>.</remarks>
public sealed class ExperienceRing : IFrameSink
{
    private readonly byte[] _memory;
    private readonly int _frameSize,
        _capacity;
    private readonly PaddedCounter _written = new(),
        _released = new();
    private long _dropped;

    /// <summary>Reserves <paramref name="capacity"/> frames of <paramref name="frameSize"/> bytes.</summary>
    public ExperienceRing(int frameSize, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frameSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        (_frameSize, _capacity) = (frameSize, capacity);
        _memory = GC.AllocateArray<byte>(checked(frameSize * capacity), pinned: true);
    }

    /// <summary>Frames that did not fit, since the start. Any thread.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Frames waiting. Any thread; exact only on the consumer's.</summary>
    public int Count => (int)(_written.Read() - _released.Read());

    /// <summary>Copies a frame in. False, and one more in <see cref="Dropped"/>, where the ring is full.</summary>
    public bool TryWrite(ReadOnlySpan<byte> frame)
    {
        long written = _written.Value;
        if (written - _released.Read() == _capacity)
        {
            Volatile.Write(ref _dropped, _dropped + 1);
            return false;
        }

        frame.CopyTo(Slot(written));
        _written.Publish(written + 1);
        return true;
    }

    /// <inheritdoc/>
    public bool Take(ReadOnlySpan<byte> frame) => TryWrite(frame);

    /// <summary>The oldest frame, in place, until <see cref="Release"/>. False where the ring is empty.</summary>
    public bool TryPeek(out ReadOnlySpan<byte> frame)
    {
        long released = _released.Value;
        if (_written.Read() == released)
        {
            frame = default;
            return false;
        }

        frame = Slot(released);
        return true;
    }

    /// <summary>Gives the slot of the frame last peeked back to the producer.</summary>
    public void Release() => _released.Publish(_released.Value + 1);

    private Span<byte> Slot(long index) => _memory.AsSpan((int)(index % _capacity) * _frameSize, _frameSize);

    /// <summary>A counter alone on its cache line: the two sides must not invalidate each other's.</summary>
    private sealed class PaddedCounter
    {
        private readonly long[] _line = GC.AllocateArray<long>(32, pinned: true);

        /// <summary>Plain read, by the only writer.</summary>
        public long Value => _line[16];

        public long Read() => Volatile.Read(ref _line[16]);

        public void Publish(long value) => Volatile.Write(ref _line[16], value);
    }
}
