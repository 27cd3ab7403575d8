using RobotRl.Hardware.Contracts;

namespace RobotRl.Conformance.Suite;

/// <summary>A robot's extra state in memory.</summary>
public sealed class RobotMemory : IRobotStateWriter, IRobotStateReader
{
    private readonly SortedDictionary<string, long[]> _bits = new(StringComparer.Ordinal);

    /// <summary>Everything, to be compared bit for bit.</summary>
    public IEnumerable<string> Contents => _bits.Select(b => $"{b.Key}: {string.Join(' ', b.Value)}");

    public void Write(string name, ReadOnlySpan<double> values) =>
        _bits.Add("number " + name, [.. values.ToArray().Select(BitConverter.DoubleToInt64Bits)]);

    public void Write(string name, ReadOnlySpan<long> values) => _bits.Add("integer " + name, values.ToArray());

    public void Read(string name, Span<double> values)
    {
        long[] bits = Find("number " + name, values.Length);
        for (int i = 0; i < bits.Length; i++)
        {
            values[i] = BitConverter.Int64BitsToDouble(bits[i]);
        }
    }

    public void Read(string name, Span<long> values) => Find("integer " + name, values.Length).CopyTo(values);

    private long[] Find(string name, int length)
    {
        Assert.True(_bits.TryGetValue(name, out long[]? bits), $"{name} was never written");
        Assert.Equal(bits.Length, length);
        return bits;
    }
}
