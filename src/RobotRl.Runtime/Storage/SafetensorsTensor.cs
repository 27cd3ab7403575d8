using System.Collections.Immutable;

namespace RobotRl.Runtime.Storage;

/// <summary>Where a tensor lies in a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its shape; empty for a single value.</param>
/// <param name="Start">First byte, from the end of the header.</param>
/// <param name="End">Byte after its last.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsType Type, ImmutableArray<long> Shape, long Start, long End)
{
    /// <summary>Number of elements.</summary>
    public long Count => (End - Start) / Type.Bytes;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type.Name} [{string.Join(", ", Shape)}]";
}
