using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// The reset that somebody does by hand: the robot is held until the operator says that all is in place, and it is at rest.
/// </summary>
public sealed class AskOperatorReset : IEpisodeReset
{
    private readonly Func<bool> _atRest;
    private bool _asked,
        _ready;

    /// <summary>Takes the question whether the robot is at rest.</summary>
    public AskOperatorReset(Func<bool> atRest) => _atRest = atRest;

    /// <inheritdoc/>
    public string? Prompt =>
        Volatile.Read(ref _asked) && !Volatile.Read(ref _ready)
            ? "The robot waits for the operator: put everything in its place, then say robotrl ready, or press r."
            : null;

    /// <inheritdoc/>
    public void ReportReady()
    {
        // What was said before it was asked for is of an earlier episode.
        if (Volatile.Read(ref _asked))
        {
            Volatile.Write(ref _ready, true);
        }
    }

    /// <inheritdoc/>
    public void Interrupt() => Volatile.Write(ref _ready, false);

    /// <inheritdoc/>
    public bool TryReset()
    {
        Volatile.Write(ref _asked, true);
        if (!Volatile.Read(ref _ready) || !_atRest())
        {
            return false;
        }

        Volatile.Write(ref _ready, false);
        Volatile.Write(ref _asked, false);
        return true;
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer) { }

    /// <inheritdoc/>
    public void Load(IStateReader reader) { }
}
