namespace RobotRl.Hardware.Protocols.Framing;

/// <summary>A set of bus ids (0 to 255) without allocation. Default: empty.</summary>
public struct IdSet : IEquatable<IdSet>
{
    private UInt128 _low,
        _high;

    /// <summary>Every id.</summary>
    public static IdSet All => new() { _low = UInt128.MaxValue, _high = UInt128.MaxValue };

    /// <summary>The ids of <paramref name="ids"/>.</summary>
    public static IdSet Of(params ReadOnlySpan<byte> ids)
    {
        var set = default(IdSet);
        foreach (byte id in ids)
        {
            set.Add(id);
        }

        return set;
    }

    /// <summary>Number of ids in it.</summary>
    public readonly int Count => (int)(UInt128.PopCount(_low) + UInt128.PopCount(_high));

    /// <summary>Puts <paramref name="id"/> in.</summary>
    public void Add(byte id)
    {
        if (id < 128)
        {
            _low |= UInt128.One << id;
        }
        else
        {
            _high |= UInt128.One << (id - 128);
        }
    }

    /// <summary>Takes <paramref name="id"/> out; false where it was not in it.</summary>
    public bool Remove(byte id)
    {
        bool had = Contains(id);
        if (id < 128)
        {
            _low &= ~(UInt128.One << id);
        }
        else
        {
            _high &= ~(UInt128.One << (id - 128));
        }

        return had;
    }

    /// <summary>Whether <paramref name="id"/> is in it.</summary>
    public readonly bool Contains(byte id) => ((id < 128 ? _low >> id : _high >> (id - 128)) & 1) != 0;

    /// <inheritdoc/>
    public readonly bool Equals(IdSet other) => _low == other._low && _high == other._high;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is IdSet other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(_low, _high);

    /// <summary>Whether both hold the same ids.</summary>
    public static bool operator ==(IdSet left, IdSet right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(IdSet left, IdSet right) => !left.Equals(right);
}
