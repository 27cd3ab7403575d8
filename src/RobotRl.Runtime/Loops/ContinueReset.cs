using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Loops;

/// <summary>No reset: the next episode starts where the last one ended.</summary>
public sealed class ContinueReset : IEpisodeReset
{
    /// <inheritdoc/>
    public bool TryReset() => true;

    /// <inheritdoc/>
    public void Save(IStateWriter writer) { }

    /// <inheritdoc/>
    public void Load(IStateReader reader) { }
}
