using RobotRl.Algorithms.Checkpoints;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Checkpoints;

/// <summary>A verified checkpoint in memory.</summary>
/// <param name="Header">What it is a checkpoint of.</param>
/// <param name="File">Its tensors.</param>
public sealed record Checkpoint(CheckpointHeader Header, SafetensorsFile File)
{
    /// <summary>Where it was read from.</summary>
    public string Path => File.Path;

    /// <summary>Its state by name.</summary>
    public IStateReader State => Header.Run is null ? new StateOfBefore(File) : File;
}
