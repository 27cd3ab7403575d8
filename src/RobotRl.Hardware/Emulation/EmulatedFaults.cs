using RobotRl.Hardware.Protocols.Framing;

namespace RobotRl.Hardware.Emulation;

/// <summary>What is wrong with an emulated bus. Switched on and off while it runs, from any thread.</summary>
public sealed class EmulatedFaults
{
    private readonly Lock _lock = new();
    private IdSet _dead,
        _overheated,
        _blind,
        _twins;
    private double _lost,
        _late,
        _corrupted;
    private TimeSpan _lateBy = TimeSpan.FromMilliseconds(20);
    private double? _supplyVolts;

    /// <summary>Part of the replies that never come, 0 to 1.</summary>
    public double LostReplies
    {
        get => Get(ref _lost);
        set => SetRate(ref _lost, value, nameof(LostReplies));
    }

    /// <summary>Part of the replies that come late by <see cref="LateBy"/>, 0 to 1.</summary>
    public double LateReplies
    {
        get => Get(ref _late);
        set => SetRate(ref _late, value, nameof(LateReplies));
    }

    /// <summary>Part of the replies with a few bits turned, 0 to 1.</summary>
    public double CorruptedReplies
    {
        get => Get(ref _corrupted);
        set => SetRate(ref _corrupted, value, nameof(CorruptedReplies));
    }

    /// <summary>How late a late reply is. Default 20 ms: more than any control period at 50 Hz and above.</summary>
    public TimeSpan LateBy
    {
        get => Get(ref _lateBy);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            Set(ref _lateBy, value);
        }
    }

    /// <summary>Supply of the whole bus, V; null: what the servos are rated for.</summary>
    public double? SupplyVolts
    {
        get => Get(ref _supplyVolts);
        set => Set(ref _supplyVolts, value);
    }

    /// <summary>Has servo <paramref name="id"/> cease to answer and to obey, or come back. It keeps doing what it did.</summary>
    public void SetDead(byte id, bool on) => SetIn(ref _dead, id, on);

    /// <summary>Has servo <paramref name="id"/> overheat, or cool down.</summary>
    public void SetOverheated(byte id, bool on) => SetIn(ref _overheated, id, on);

    /// <summary>Has servo <paramref name="id"/> lose its encoder, or find it again.</summary>
    public void SetLostEncoder(byte id, bool on) => SetIn(ref _blind, id, on);

    /// <summary>Puts a second servo of the same id on the bus, or takes it away: the two answer at once or one behind the other.</summary>
    public void SetTwin(byte id, bool on) => SetIn(ref _twins, id, on);

    /// <summary>Whether servo <paramref name="id"/> is dead.</summary>
    public bool IsDead(byte id) => IsIn(ref _dead, id);

    /// <summary>Whether servo <paramref name="id"/> overheats.</summary>
    public bool IsOverheated(byte id) => IsIn(ref _overheated, id);

    /// <summary>Whether servo <paramref name="id"/> has lost its encoder.</summary>
    public bool HasLostEncoder(byte id) => IsIn(ref _blind, id);

    /// <summary>Whether there are two servos of <paramref name="id"/>.</summary>
    public bool HasTwin(byte id) => IsIn(ref _twins, id);

    /// <summary>Everything is well again.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            (_lost, _late, _corrupted, _supplyVolts) = (0, 0, 0, null);
            (_dead, _overheated, _blind, _twins) = (default, default, default, default);
        }
    }

    /// <summary>What is switched on, in words; "none" where nothing is.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        lock (_lock)
        {
            Add("lost", _lost);
            Add("late", _late);
            Add("corrupt", _corrupted);
            if (_supplyVolts is { } volts)
            {
                parts.Add(FormattableString.Invariant($"voltage {volts:0.##}"));
            }

            foreach ((string name, IdSet ids) in new[] { ("dead", _dead), ("hot", _overheated), ("encoder", _blind), ("twin", _twins) })
            {
                for (int id = 0; id <= byte.MaxValue; id++)
                {
                    if (ids.Contains((byte)id))
                    {
                        parts.Add(FormattableString.Invariant($"{name} {id}"));
                    }
                }
            }
        }

        return parts.Count == 0 ? "none" : string.Join(", ", parts);

        void Add(string name, double rate)
        {
            if (rate > 0)
            {
                parts.Add(FormattableString.Invariant($"{name} {rate:0.####}"));
            }
        }
    }

    private T Get<T>(ref T field)
    {
        lock (_lock)
        {
            return field;
        }
    }

    private void Set<T>(ref T field, T value)
    {
        lock (_lock)
        {
            field = value;
        }
    }

    private void SetRate(ref double field, double value, string name)
    {
        if (!(value is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, "A rate is 0 to 1.");
        }

        Set(ref field, value);
    }

    private void SetIn(ref IdSet set, byte id, bool on)
    {
        lock (_lock)
        {
            if (on)
            {
                set.Add(id);
            }
            else
            {
                set.Remove(id);
            }
        }
    }

    private bool IsIn(ref IdSet set, byte id)
    {
        lock (_lock)
        {
            return set.Contains(id);
        }
    }
}
