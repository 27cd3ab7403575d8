using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Checkpoints;

/// <summary>Collects named state for a checkpoint. Names are unique within a checkpoint and use '/' for levels.</summary>
public interface IStateWriter
{
    /// <summary>Writes an array of floats.</summary>
    void Write(string name, ReadOnlySpan<float> values);

    /// <summary>Writes an array of doubles.</summary>
    void Write(string name, ReadOnlySpan<double> values);

    /// <summary>Writes an array of integers.</summary>
    void Write(string name, ReadOnlySpan<long> values);

    /// <summary>Writes one integer.</summary>
    void Write(string name, long value) => Write(name, [value]);

    /// <summary>Writes one number.</summary>
    void Write(string name, double value) => Write(name, [value]);

    /// <summary>Writes a generator's state.</summary>
    void Write(string name, RandomState state) => Write(name, [(long)state.Seed, (long)state.Stream, (long)state.Position]);
}
