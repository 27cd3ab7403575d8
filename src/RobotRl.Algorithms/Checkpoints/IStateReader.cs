using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Checkpoints;

/// <summary>Reads what an <see cref="IStateWriter"/> wrote, by name.</summary>
public interface IStateReader
{
    /// <summary>
    /// Fills <paramref name="values"/>; throws <see cref="StateMismatchException"/> where the name is missing or the length
    /// differs.
    /// </summary>
    void Read(string name, Span<float> values);

    /// <inheritdoc cref="Read(string, Span{float})"/>
    void Read(string name, Span<double> values);

    /// <inheritdoc cref="Read(string, Span{float})"/>
    void Read(string name, Span<long> values);

    /// <summary>Reads one integer.</summary>
    long ReadInt64(string name)
    {
        Span<long> value = stackalloc long[1];
        Read(name, value);
        return value[0];
    }

    /// <summary>Reads one number.</summary>
    double ReadDouble(string name)
    {
        Span<double> value = stackalloc double[1];
        Read(name, value);
        return value[0];
    }

    /// <summary>Reads a generator's state.</summary>
    RandomState ReadRandomState(string name)
    {
        Span<long> value = stackalloc long[3];
        Read(name, value);
        return new((ulong)value[0], (ulong)value[1], (ulong)value[2]);
    }
}
