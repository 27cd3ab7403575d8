using System.Runtime.CompilerServices;

namespace RobotRl.Runtime.Safety;

/// <summary>
/// How things stand, per cause: since when it lasts (or when the last sign of life came), or how many times in a row it
/// happened. Holds no heap memory; copy it freely.
/// </summary>
public struct FailsafeConditions
{
    /// <summary>Number of causes.</summary>
    public const int CauseCount = (int)FailsafeCause.CommandNotFollowed + 1;

    private Ticks _since;
    private Counts _counts;
    private uint _active;

    /// <summary>
    /// A sign of life, or the time of a reading: the age counts from <paramref name="last"/>. Until the first call the cause is
    /// not watched.
    /// </summary>
    public void SetLastSeen(FailsafeCause cause, TimeSpan last)
    {
        _since[(int)cause] = last.Ticks;
        _active |= 1u << (int)cause;
    }

    /// <summary>Says whether a condition holds now; it lasts from the first call that says so.</summary>
    public void SetActive(FailsafeCause cause, bool active, TimeSpan now)
    {
        uint bit = 1u << (int)cause;
        if (!active)
        {
            _active &= ~bit;
        }
        else if ((_active & bit) == 0)
        {
            SetLastSeen(cause, now);
        }
    }

    /// <summary>How many times in a row it happened; 0 ends the condition.</summary>
    public void SetCount(FailsafeCause cause, long count) => _counts[(int)cause] = count;

    /// <summary>Units of a share in <see cref="Count"/>: a million is all of them.</summary>
    public const long WholeShare = 1_000_000;

    /// <summary>Which share of the newest ones was refused, 0 to 1.</summary>
    public void SetShare(FailsafeCause cause, double share) => SetCount(cause, (long)Math.Round(share * WholeShare));

    /// <summary>No longer watched, nor counted.</summary>
    public void Clear(FailsafeCause cause)
    {
        _active &= ~(1u << (int)cause);
        _counts[(int)cause] = 0;
    }

    /// <summary>Whether an age is being counted.</summary>
    public readonly bool IsActive(FailsafeCause cause) => (_active & (1u << (int)cause)) != 0;

    /// <summary>How long it lasts at <paramref name="now"/>; zero where not active.</summary>
    public readonly TimeSpan Age(FailsafeCause cause, TimeSpan now) =>
        IsActive(cause) ? TimeSpan.FromTicks(now.Ticks - _since[(int)cause]) : TimeSpan.Zero;

    /// <summary>How many times in a row.</summary>
    public readonly long Count(FailsafeCause cause) => _counts[(int)cause];

    [InlineArray(CauseCount)]
    private struct Ticks
    {
        private long _first;
    }

    [InlineArray(CauseCount)]
    private struct Counts
    {
        private long _first;
    }
}
