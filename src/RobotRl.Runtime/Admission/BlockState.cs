using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Runtime.Admission;

/// <summary>A policy block in a checkpoint.</summary>
internal static class BlockState
{
    public static void Save(IStateWriter writer, string path, PolicyBlock block)
    {
        writer.Write($"{path}/parameters", block.Parameters);
        writer.Write($"{path}/mean", block.NormaliserMean);
        writer.Write($"{path}/scale", block.NormaliserScale);
        writer.Write($"{path}/header", (ReadOnlySpan<long>)[block.Version, block.Normalise ? 1 : 0, block.UniformActions ? 1 : 0]);
    }

    public static void Load(IStateReader reader, string path, PolicyBlock block)
    {
        long[] header = new long[3];
        reader.Read($"{path}/parameters", block.Parameters);
        reader.Read($"{path}/mean", block.NormaliserMean);
        reader.Read($"{path}/scale", block.NormaliserScale);
        reader.Read($"{path}/header", header);
        (block.Version, block.Normalise, block.UniformActions) = (header[0], header[1] != 0, header[2] != 0);
    }
}
