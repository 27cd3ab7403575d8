using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices;

/// <summary>Stops on their way from any thread to the I/O thread, and what became of them. Wait-free; nothing here allocates.</summary>
internal sealed class StopRequests
{
    private readonly string?[] _reasons = new string?[4];
    private volatile int _pending,
        _taken,
        _confirmed;
    private long _confirmedAt;

    /// <summary>Whether commands are refused: a stop was asked for and not cleared. Any thread.</summary>
    public bool Any => _pending != 0 || _taken != 0;

    /// <summary>The hardest level that was taken and not cleared. I/O thread.</summary>
    public StopLevel Level => (StopLevel)_taken;

    /// <summary>For <see cref="IRobot.Stop"/>. Any thread.</summary>
    public StopStatus Status
    {
        get
        {
            int requested = Math.Max(_pending, _taken);
            bool confirmed = requested > 0 && _confirmed >= requested;
            return new((StopLevel)requested, confirmed, confirmed ? new(Volatile.Read(ref _confirmedAt)) : TimeSpan.Zero);
        }
    }

    /// <summary>Asks for <paramref name="level"/>. Any thread.</summary>
    public void Request(StopLevel level, string reason)
    {
        Interlocked.CompareExchange(ref _reasons[(int)level], reason, null);
        int seen = _pending;
        while (seen < (int)level)
        {
            int found = Interlocked.CompareExchange(ref _pending, (int)level, seen);
            if (found == seen)
            {
                break;
            }

            seen = found;
        }
    }

    /// <summary>I/O thread: true where a level harder than every one before was asked for; it is then taken.</summary>
    public bool TryTake(out StopLevel level, out string reason)
    {
        (level, reason) = (StopLevel.None, "");
        int asked = _pending;
        if (asked == 0)
        {
            return false;
        }

        int before = _taken;

        // Taken before it ceases to be pending, so that Any never sees neither.
        _taken = Math.Max(before, asked);
        for (int found; (found = Interlocked.CompareExchange(ref _pending, 0, asked)) != asked; asked = found)
        {
            _taken = Math.Max(before, found);
        }

        (level, reason) = ((StopLevel)asked, _reasons[asked] ?? "");
        return asked > before;
    }

    /// <summary>I/O thread: the driver itself makes it a harder stop.</summary>
    public void Raise(StopLevel level) => _taken = Math.Max(_taken, (int)level);

    /// <summary>I/O thread: what was taken so far was read back.</summary>
    public void Confirm(long nowTicks)
    {
        if (_confirmed < _taken)
        {
            Volatile.Write(ref _confirmedAt, nowTicks);
            _confirmed = _taken;
        }
    }

    /// <summary>I/O thread: nothing is known of the device any more.</summary>
    public void Unconfirm() => _confirmed = 0;

    /// <summary>I/O thread: what was taken is cleared; what is pending stays.</summary>
    public void Clear()
    {
        (_taken, _confirmed) = (0, 0);
        for (int i = _pending + 1; i < _reasons.Length; i++)
        {
            _reasons[i] = null;
        }
    }
}
