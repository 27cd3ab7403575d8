using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Tests.Admission;

/// <summary>A checkpoint in memory.</summary>
internal sealed class MemoryState : IStateWriter, IStateReader
{
    public Dictionary<string, Array> Values { get; } = [];

    public void Write(string name, ReadOnlySpan<float> values) => Values.Add(name, values.ToArray());

    public void Write(string name, ReadOnlySpan<double> values) => Values.Add(name, values.ToArray());

    public void Write(string name, ReadOnlySpan<long> values) => Values.Add(name, values.ToArray());

    public void Read(string name, Span<float> values) => Get(name, values);

    public void Read(string name, Span<double> values) => Get(name, values);

    public void Read(string name, Span<long> values) => Get(name, values);

    private void Get<T>(string name, Span<T> values)
    {
        if (!Values.TryGetValue(name, out Array? saved) || saved is not T[] typed || typed.Length != values.Length)
        {
            throw new StateMismatchException(name, $"State {name} does not fit.");
        }

        typed.CopyTo(values);
    }
}
