using RobotRl.Runtime.Journal;

namespace RobotRl.Runtime.Experience;

/// <summary>
/// Drains finished transitions from the control thread, journals them, sums them up to episodes, and hands them to the learner.
/// It never waits for the learner: what the learner's inbox cannot take is dropped there and counted, and stays in the journal.
/// </summary>
/// <remarks>One thread at a time: the recorder's, or the only one in lockstep.</remarks>
public sealed class ExperienceRecorder
{
    private readonly ExperienceRing _source;
    private readonly JournalWriter? _journal;
    private readonly IFrameSink? _learner;
    private readonly Action<EpisodeResult>? _episodeEnded;

    /// <summary>Joins the parts.</summary>
    /// <param name="source">The ring that the control thread writes.</param>
    /// <param name="journal">Where every frame goes; null for runs that keep nothing.</param>
    /// <param name="learner">Who learns from it; null where nobody does.</param>
    /// <param name="episodeEnded">Told of each finished episode, on the recorder's thread; may be null.</param>
    public ExperienceRecorder(ExperienceRing source, JournalWriter? journal, IFrameSink? learner, Action<EpisodeResult>? episodeEnded)
    {
        ArgumentNullException.ThrowIfNull(source);
        (_source, _journal, _learner, _episodeEnded) = (source, journal, learner, episodeEnded);
    }

    /// <summary>Sums of the open episode.</summary>
    public EpisodeTracker Episodes { get; } = new();

    /// <summary>Moves everything that waits; returns how many frames.</summary>
    public int Drain()
    {
        int moved = 0;
        while (_source.TryPeek(out ReadOnlySpan<byte> frame))
        {
            _journal?.Append(frame);
            if (Episodes.Add(frame, out EpisodeResult episode))
            {
                _episodeEnded?.Invoke(episode);
            }

            _learner?.Take(frame);
            _source.Release();
            moved++;
        }

        return moved;
    }
}
