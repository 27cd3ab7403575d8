using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;

namespace RobotRl.Runtime.Learning;

/// <summary>
/// Counts what could not be learned from: transitions, by themselves those that end an episode, and updates. Shares are over the newest
/// ones, as the failsafe's rules say; counts are through resumes.
/// </summary>
/// <remarks>Learner's thread only.</remarks>
internal sealed class RefusalWatch(int transitions, int updates)
{
    private const string Path = "learner-loop/refusals";

    private readonly ShareWindow _transitions = new(transitions),
        _ends = new(Math.Max(1, transitions / 10)),
        _updates = new(updates);

    /// <summary>Transitions that nobody may learn from.</summary>
    public long Transitions { get; private set; }

    /// <summary>Transitions taken.</summary>
    public long Taken { get; private set; }

    /// <summary>Transitions that ended an episode by the task or its time limit.</summary>
    public long Ends { get; private set; }

    /// <summary>Those of <see cref="Ends"/> that nobody may learn from.</summary>
    public long RefusedEnds { get; private set; }

    /// <summary>Updates that taught nothing.</summary>
    public long Updates { get; private set; }

    /// <summary>Updates tried.</summary>
    public long Tried { get; private set; }

    /// <summary>The greater of the shares of the newest transitions and of the newest ends of episodes.</summary>
    public double TransitionShare => Math.Max(_transitions.Share, _ends.Share);

    /// <summary>Share of the newest updates.</summary>
    public double UpdateShare => _updates.Share;

    /// <summary>
    /// Counts a transition. One that a stop, a fault or a takeover broke off is nobody's fault here: it is left out where it
    /// cannot be learned from.
    /// </summary>
    public void Count(EpisodeEnd end, bool learnable)
    {
        if (!learnable && end is (EpisodeEnd.Fault or EpisodeEnd.Takeover))
        {
            return;
        }

        Taken++;
        Transitions += learnable ? 0 : 1;
        _transitions.Add(!learnable);
        if (end is EpisodeEnd.Terminated or EpisodeEnd.Truncated)
        {
            Ends++;
            RefusedEnds += learnable ? 0 : 1;
            _ends.Add(!learnable);
        }
    }

    /// <summary>Counts an update.</summary>
    public void CountUpdate(bool refused)
    {
        Tried++;
        Updates += refused ? 1 : 0;
        _updates.Add(refused);
    }

    /// <summary>The robot was armed again: the share of refused updates starts anew, so that learning is tried once more.</summary>
    public void ForgetUpdates() => _updates.Clear();

    /// <summary>Writes everything.</summary>
    public void Save(IStateWriter writer)
    {
        _transitions.Save(writer, Path + "/transitions");
        _ends.Save(writer, Path + "/ends");
        _updates.Save(writer, Path + "/updates");
        writer.Write(Path + "/counts", [Transitions, Taken, Updates, Tried, Ends, RefusedEnds]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader)
    {
        _transitions.Load(reader, Path + "/transitions");
        _ends.Load(reader, Path + "/ends");
        _updates.Load(reader, Path + "/updates");
        Span<long> counts = stackalloc long[6];
        reader.Read(Path + "/counts", counts);
        (Transitions, Taken, Updates, Tried, Ends, RefusedEnds) = (counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
    }
}
