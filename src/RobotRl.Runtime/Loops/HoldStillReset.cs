using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// The reset of a robot that cannot be put anywhere: the next episode starts where the last one left it, once it is at rest.
/// </summary>
public sealed class HoldStillReset : IEpisodeReset
{
    private readonly Func<bool> _atRest;

    /// <summary>Takes the question whether the robot is at rest.</summary>
    public HoldStillReset(Func<bool> atRest) => _atRest = atRest;

    /// <inheritdoc/>
    public bool TryReset() => _atRest();

    /// <inheritdoc/>
    public void Save(IStateWriter writer) { }

    /// <inheritdoc/>
    public void Load(IStateReader reader) { }
}
