using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Runtime.Loops;

/// <summary>A policy block in a checkpoint.</summary>
public static class PolicyBlockState
{
    /// <summary>Writes <paramref name="block"/> under <paramref name="name"/>.</summary>
    public static void Save(string name, PolicyBlock block, IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(name + "/parameters", block.Parameters);
        writer.Write(name + "/normaliser-mean", block.NormaliserMean);
        writer.Write(name + "/normaliser-scale", block.NormaliserScale);
        writer.Write(name + "/flags", [block.Version, block.Normalise ? 1 : 0, block.UniformActions ? 1 : 0]);
    }

    /// <summary>Fills <paramref name="block"/> with what stands under <paramref name="name"/>.</summary>
    /// <exception cref="StateMismatchException">A shape differs.</exception>
    public static void Load(string name, PolicyBlock block, IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(reader);
        reader.Read(name + "/parameters", block.Parameters);
        reader.Read(name + "/normaliser-mean", block.NormaliserMean);
        reader.Read(name + "/normaliser-scale", block.NormaliserScale);
        Span<long> flags = stackalloc long[3];
        reader.Read(name + "/flags", flags);
        (block.Version, block.Normalise, block.UniformActions) = (flags[0], flags[1] != 0, flags[2] != 0);
    }
}
