using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Checkpoints;

/// <summary>A part of a checkpoint whose names all begin alike, so that several of a kind fit in one.</summary>
internal static class PrefixedState
{
    /// <summary>Writes below <paramref name="prefix"/>.</summary>
    public static IStateWriter Below(this IStateWriter writer, string prefix) => new Writer(writer, prefix);

    /// <summary>Reads below <paramref name="prefix"/>.</summary>
    public static IStateReader Below(this IStateReader reader, string prefix) => new Reader(reader, prefix);

    private sealed class Writer(IStateWriter inner, string prefix) : IStateWriter
    {
        public void Write(string name, ReadOnlySpan<float> values) => inner.Write(prefix + name, values);

        public void Write(string name, ReadOnlySpan<double> values) => inner.Write(prefix + name, values);

        public void Write(string name, ReadOnlySpan<long> values) => inner.Write(prefix + name, values);
    }

    private sealed class Reader(IStateReader inner, string prefix) : IStateReader
    {
        public void Read(string name, Span<float> values) => inner.Read(prefix + name, values);

        public void Read(string name, Span<double> values) => inner.Read(prefix + name, values);

        public void Read(string name, Span<long> values) => inner.Read(prefix + name, values);
    }
}
