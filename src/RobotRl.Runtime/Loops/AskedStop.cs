using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// A stop that somebody may ask of the supervisor; it stands until arming takes it back. Any thread, but for what says so.
/// </summary>
/// <param name="cause">What the failsafe calls it.</param>
internal sealed class AskedStop(FailsafeCause cause)
{
    private bool _asked;
    private long _atNs = -1;

    /// <summary>Who asked last, for the log.</summary>
    public string? Reason { get; private set; }

    /// <summary>Whether it was asked for and not taken back.</summary>
    public bool Stands => Volatile.Read(ref _asked);

    /// <summary>Asks for it, as of <paramref name="atNs"/> on the run's clock; -1 for the next look.</summary>
    public void Ask(string? reason, long atNs)
    {
        Reason = reason;
        Volatile.Write(ref _atNs, atNs);
        Volatile.Write(ref _asked, true);
    }

    /// <summary>Makes a condition of it. Supervisor.</summary>
    public void Report(ref FailsafeConditions conditions, TimeSpan now) =>
        conditions.SetActive(cause, Stands, Since(Volatile.Read(ref _atNs), now));

    /// <summary>Takes it back where it was carried out; true, and it stands, where it was not yet. Supervisor.</summary>
    public bool TakeBack(in FailsafeConditions conditions)
    {
        if (!Interlocked.Exchange(ref _asked, false) || conditions.IsActive(cause))
        {
            return false;
        }

        Volatile.Write(ref _asked, true);
        return true;
    }

    /// <summary>The time <paramref name="ns"/>; <paramref name="now"/> where that is negative, for not known, or still to come.</summary>
    public static TimeSpan Since(long ns, TimeSpan now) => ns >= 0 && Supervisor.Time(ns) < now ? Supervisor.Time(ns) : now;
}
