using System.Collections.Concurrent;

namespace RobotRl.Runtime.Safety;

/// <summary>Turns decisions into events: one for each change of action or cause, kept until somebody logs it.</summary>
/// <remarks><see cref="Take"/> of a decision: one thread. <see cref="Newest"/> and <see cref="TryTake"/>: any thread.</remarks>
public sealed class FailsafeHistory
{
    // A condition that flickers at every look must not fill the memory while nobody logs.
    private const int MostWaiting = 256;

    private readonly Failsafe _failsafe;
    private readonly ConcurrentQueue<FailsafeEvent> _waiting = new();
    private readonly long[] _crossedNs = new long[FailsafeConditions.CauseCount];
    private FailsafeAction _action;
    private FailsafeCause? _cause;
    private FailsafeEvent? _newest;

    /// <summary>Describes the decisions of <paramref name="failsafe"/>.</summary>
    public FailsafeHistory(Failsafe failsafe) => _failsafe = failsafe;

    /// <summary>The newest change; null before the first.</summary>
    public FailsafeEvent? Newest => Volatile.Read(ref _newest);

    /// <summary>Takes the oldest change that nobody took.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FailsafeEvent? change) => _waiting.TryDequeue(out change);

    /// <summary>Takes note of a decision.</summary>
    /// <param name="decision">What was decided.</param>
    /// <param name="conditions">From what.</param>
    /// <param name="nowNs">When, nanoseconds on the run's clock.</param>
    /// <param name="tickNs">Time of the newest tick: the moment at which a count in a row reached its threshold.</param>
    /// <param name="detail">What the device or the operator says to a cause; null for nothing.</param>
    public void Take(
        in FailsafeDecision decision,
        in FailsafeConditions conditions,
        long nowNs,
        long tickNs,
        Func<FailsafeCause, string?> detail
    )
    {
        if (decision.Action == _action && decision.Cause == _cause)
        {
            return;
        }

        (_action, _cause) = (decision.Action, decision.Cause);
        FailsafeEvent change = decision.Cause is { } cause
            ? Describe(decision.Action, cause, conditions, nowNs, tickNs, detail)
            : new(decision.Action, null, null, null, nowNs);
        Volatile.Write(ref _newest, change);
        if (_waiting.Count < MostWaiting)
        {
            _waiting.Enqueue(change);
        }
    }

    private FailsafeEvent Describe(
        FailsafeAction action,
        FailsafeCause cause,
        in FailsafeConditions conditions,
        long nowNs,
        long tickNs,
        Func<FailsafeCause, string?> detail
    )
    {
        var now = TimeSpan.FromTicks(nowNs / TimeSpan.NanosecondsPerTick);
        string measured;
        if (_failsafe.IsMet(conditions, cause, now))
        {
            measured = _failsafe.Measured(conditions, cause, now);
            _crossedNs[(int)cause] = _failsafe.CrossedAt(conditions, cause)?.Ticks * TimeSpan.NanosecondsPerTick ?? tickNs;
        }
        else
        {
            // Something harder has gone, and this is what stays of before.
            measured = "latched, its condition is gone";
        }

        string? said = detail(cause);
        return new(
            action,
            cause,
            said is null ? measured : $"{said.TrimEnd('.')} ({measured})",
            _failsafe.ClearsOf(cause),
            _crossedNs[(int)cause]
        );
    }
}
