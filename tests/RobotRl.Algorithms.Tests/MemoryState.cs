using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests;

/// <summary>A checkpoint in memory.</summary>
internal sealed class MemoryState : IStateWriter, IStateReader
{
    private readonly Dictionary<string, Array> _values = [];

    public void Write(string name, ReadOnlySpan<float> values) => _values.Add(name, values.ToArray());

    public void Write(string name, ReadOnlySpan<double> values) => _values.Add(name, values.ToArray());

    public void Write(string name, ReadOnlySpan<long> values) => _values.Add(name, values.ToArray());

    public void Read(string name, Span<float> values) => Find<float>(name, values.Length).CopyTo(values);

    public void Read(string name, Span<double> values) => Find<double>(name, values.Length).CopyTo(values);

    public void Read(string name, Span<long> values) => Find<long>(name, values.Length).CopyTo(values);

    /// <summary>
    /// Replaces every value v of an array of floats by what <paramref name="change"/> makes of v and a standard normal number.
    /// </summary>
    public void Change(string name, Func<float, float, float> change)
    {
        float[] values = (float[])_values[name];
        var random = new CounterRandom(3, (ulong)name.Length);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = change(values[i], random.NextGaussian());
        }
    }

    /// <summary>Whether both hold the same names with the same bits.</summary>
    public bool SameAs(MemoryState other) =>
        _values.Count == other._values.Count
        && _values.All(v => other._values.TryGetValue(v.Key, out Array? twin) && Bytes(v.Value).AsSpan().SequenceEqual(Bytes(twin)));

    /// <summary>
    /// Replaces every float32 number of the states that <paramref name="concerned"/> picks by name by <paramref name="change"/>
    /// of it and of a number from N(0, 1). Returns how many.
    /// </summary>
    public int Change(Func<string, bool> concerned, Func<float, float, float> change)
    {
        var random = new CounterRandom(17, RandomPurpose.Simulation);
        int changed = 0;
        foreach (
            float[] values in _values
                .Where(v => v.Value is float[] && concerned(v.Key))
                .OrderBy(v => v.Key, StringComparer.Ordinal)
                .Select(v => (float[])v.Value)
        )
        {
            float[] drawn = new float[values.Length];
            random.FillGaussian(drawn);
            changed += values.Length;
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = change(values[i], drawn[i]);
            }
        }

        return changed;
    }

    private static byte[] Bytes(Array values)
    {
        byte[] bytes = new byte[Buffer.ByteLength(values)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return bytes;
    }

    private T[] Find<T>(string name, int length) =>
        _values.TryGetValue(name, out Array? found) && found is T[] values && values.Length == length
            ? values
            : throw new StateMismatchException(name, $"State {name}: not there with {length} values.");
}
