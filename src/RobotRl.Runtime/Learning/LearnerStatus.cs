using RobotRl.Algorithms;

namespace RobotRl.Runtime.Learning;

/// <summary>What the learner's side leaves for others to see. It writes, everybody reads.</summary>
public sealed class LearnerStatus
{
    private readonly Lock _metricsLock = new();
    private readonly LearnerMetric[] _metrics;
    private long _heartbeatNs,
        _updates,
        _refused,
        _refusedInRow,
        _rollbacks,
        _stale,
        _admitted;
    private long _steps,
        _refusedSteps,
        _ends,
        _refusedEnds,
        _triedUpdates,
        _refusedUpdates;
    private bool _busy,
        _frozen,
        _hasMetrics,
        _forget;
    private double _refusedStepShare,
        _refusedUpdateShare;
    private double _achieved = double.NaN,
        _givenUp,
        _bestReturn = double.NaN;
    private string? _failure,
        _lastRefusal;

    /// <summary>Reserves room for <paramref name="metrics"/> figures.</summary>
    public LearnerStatus(int metrics) => _metrics = new LearnerMetric[metrics];

    /// <summary>When the learner last came round, nanoseconds of the run's clock.</summary>
    public long HeartbeatNs
    {
        get => Volatile.Read(ref _heartbeatNs);
        internal set => Volatile.Write(ref _heartbeatNs, value);
    }

    /// <summary>Whether it has work; a heartbeat that stands still while it has none is no stall.</summary>
    public bool Busy
    {
        get => Volatile.Read(ref _busy);
        internal set => Volatile.Write(ref _busy, value);
    }

    /// <summary>Set by the failsafe: no more updates until it is cleared. Experience is still taken.</summary>
    public bool Frozen
    {
        get => Volatile.Read(ref _frozen);
        set => Volatile.Write(ref _frozen, value);
    }

    /// <summary>Updates done, through resumes.</summary>
    public long Updates
    {
        get => Volatile.Read(ref _updates);
        internal set => Volatile.Write(ref _updates, value);
    }

    /// <summary>Offers that the admission gate refused, through resumes.</summary>
    public long Refused
    {
        get => Volatile.Read(ref _refused);
        internal set => Volatile.Write(ref _refused, value);
    }

    /// <summary>Offers refused in a row.</summary>
    public long RefusedInRow
    {
        get => Volatile.Read(ref _refusedInRow);
        internal set => Volatile.Write(ref _refusedInRow, value);
    }

    /// <summary>Times that the learner was put back to the champion.</summary>
    public long Rollbacks
    {
        get => Volatile.Read(ref _rollbacks);
        internal set => Volatile.Write(ref _rollbacks, value);
    }

    /// <summary>Achieved updates per transition; NaN before the first.</summary>
    public double AchievedUpdatesPerStep
    {
        get => Volatile.Read(ref _achieved);
        internal set => Volatile.Write(ref _achieved, value);
    }

    /// <summary>Updates given up by the governor.</summary>
    public double GivenUpUpdates
    {
        get => Volatile.Read(ref _givenUp);
        internal set => Volatile.Write(ref _givenUp, value);
    }

    /// <summary>
    /// Steps of this process that an on-policy learner did not learn from because another policy than its newest made them.
    /// </summary>
    public long StaleSteps
    {
        get => Volatile.Read(ref _stale);
        internal set => Volatile.Write(ref _stale, value);
    }

    /// <summary>Policies that the admission gate let on, through resumes; the first one is what the learner was made with.</summary>
    public long Admitted
    {
        get => Volatile.Read(ref _admitted);
        internal set => Volatile.Write(ref _admitted, value);
    }

    /// <summary>Transitions that the learner was shown, through resumes.</summary>
    public long Steps => Volatile.Read(ref _steps);

    /// <summary>
    /// Those of <see cref="Steps"/> that nobody may learn from: a number that is not finite, a stale reading, a command that the
    /// device did not take.
    /// </summary>
    public long RefusedSteps => Volatile.Read(ref _refusedSteps);

    /// <summary>Those of <see cref="Steps"/> that ended an episode by the task or its time limit.</summary>
    public long Ends => Volatile.Read(ref _ends);

    /// <summary>Those of <see cref="Ends"/> that nobody may learn from.</summary>
    public long RefusedEnds => Volatile.Read(ref _refusedEnds);

    /// <summary>Updates tried, through resumes.</summary>
    public long TriedUpdates => Volatile.Read(ref _triedUpdates);

    /// <summary>Those of <see cref="TriedUpdates"/> that taught nothing, for a number in them was not finite.</summary>
    public long RefusedUpdates => Volatile.Read(ref _refusedUpdates);

    /// <summary>Share of the newest transitions, or of the newest ends of episodes, that nobody may learn from, 0 to 1.</summary>
    public double RefusedStepShare => Volatile.Read(ref _refusedStepShare);

    /// <summary>Share of the newest updates that taught nothing, 0 to 1.</summary>
    public double RefusedUpdateShare => Volatile.Read(ref _refusedUpdateShare);

    /// <summary>The robot is to be armed: updates that were refused count no longer, and learning is tried again. Any thread.</summary>
    public void ForgetRefusedUpdates()
    {
        Volatile.Write(ref _refusedUpdateShare, 0);
        Volatile.Write(ref _forget, true);
    }

    /// <summary>Evaluated return of the champion; NaN while there is none.</summary>
    public double ChampionReturn
    {
        get => Volatile.Read(ref _bestReturn);
        internal set => Volatile.Write(ref _bestReturn, value);
    }

    /// <summary>Why the learner ended, if it did: the last admitted policy goes on without it.</summary>
    public string? Failure
    {
        get => Volatile.Read(ref _failure);
        internal set => Volatile.Write(ref _failure, value);
    }

    /// <summary>Why the newest refused offer was refused; null before.</summary>
    public string? LastRefusal
    {
        get => Volatile.Read(ref _lastRefusal);
        internal set => Volatile.Write(ref _lastRefusal, value);
    }

    /// <summary>A copy of the newest metrics; empty before this process's first update. Never the control thread.</summary>
    public LearnerMetric[] CopyMetrics()
    {
        lock (_metricsLock)
        {
            return _hasMetrics ? [.. _metrics] : [];
        }
    }

    /// <summary>Whether <see cref="ForgetRefusedUpdates"/> was called since; once.</summary>
    internal bool TakeForgetting()
    {
        bool forget = Volatile.Read(ref _forget);
        if (forget)
        {
            Volatile.Write(ref _forget, false);
        }

        return forget;
    }

    internal void SetRefusals(RefusalWatch watch)
    {
        Volatile.Write(ref _steps, watch.Taken);
        Volatile.Write(ref _refusedSteps, watch.Transitions);
        Volatile.Write(ref _ends, watch.Ends);
        Volatile.Write(ref _refusedEnds, watch.RefusedEnds);
        Volatile.Write(ref _triedUpdates, watch.Tried);
        Volatile.Write(ref _refusedUpdates, watch.Updates);
        Volatile.Write(ref _refusedStepShare, watch.TransitionShare);
        if (!Volatile.Read(ref _forget))
        {
            Volatile.Write(ref _refusedUpdateShare, watch.UpdateShare);
        }
    }

    internal void SetMetrics(ReadOnlySpan<LearnerMetric> metrics)
    {
        lock (_metricsLock)
        {
            metrics.CopyTo(_metrics);
            _hasMetrics = true;
        }
    }
}
