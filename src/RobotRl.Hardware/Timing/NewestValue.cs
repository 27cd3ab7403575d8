namespace RobotRl.Hardware.Timing;

/// <summary>
/// Hands the newest of one thread's values to another: three slots, of which writer and reader own one each and swap the
/// third. Wait-free on both sides; a value that was overtaken is dropped.
/// </summary>
public sealed class NewestValue
{
    private const int NewFlag = 4,
        SlotMask = 3;

    private readonly NewestSlot[] _slots;
    private int _middle = 1,
        _write,
        _read = 2;

    /// <summary>Three slots of <paramref name="size"/> values each.</summary>
    public NewestValue(int size) => _slots = [new(size), new(size), new(size)];

    /// <summary>Writer's thread only: copies and publishes.</summary>
    public void Publish(ReadOnlySpan<double> values, long stamp, long generation)
    {
        NewestSlot slot = _slots[_write];
        values.CopyTo(slot.Values);
        (slot.Stamp, slot.Generation) = (stamp, generation);
        _write = Interlocked.Exchange(ref _middle, _write | NewFlag) & SlotMask;
    }

    /// <summary>Reader's thread only: the newest value where one has come since the last call; it stays valid until the next.</summary>
    public bool TryTake(out NewestSlot slot)
    {
        if ((Volatile.Read(ref _middle) & NewFlag) == 0)
        {
            slot = _slots[_read];
            return false;
        }

        _read = Interlocked.Exchange(ref _middle, _read) & SlotMask;
        slot = _slots[_read];
        return true;
    }
}
