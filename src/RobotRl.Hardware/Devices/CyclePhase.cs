namespace RobotRl.Hardware.Devices;

/// <summary>
/// When the I/O thread's cycles are due: on an absolute grid that follows the control thread's, so that readings are complete
/// shortly before each tick. I/O thread; ticks of 100 ns.
/// </summary>
/// <param name="period">Of control.</param>
/// <param name="lead">Part of a period by which a reading is complete before the tick.</param>
internal sealed class CyclePhase(long period, double lead)
{
    // An exchange that takes longer than this part of a period cannot be complete before the tick anyway.
    private const double LongestPart = 0.5,
        DurationWeight = 0.1;

    // Ticks are late now and then, never early: the phase follows early commands at once, late ones slowly.
    private const double LateWeight = 0.01;

    private long _next,
        _tick;
    private double _duration;
    private bool _following;

    /// <summary>When the next cycle is due.</summary>
    public long Next => _next;

    private double ExpectedDuration => Math.Min(_duration, LongestPart * period);

    /// <summary>A new connection: a period from now, in step with nobody.</summary>
    public void Begin(long now) => (_next, _following) = (now + period, false);

    /// <summary>The first command's tick: readings are complete shortly before each later one.</summary>
    public void StartAt(long tick)
    {
        _tick = tick;
        _next = tick + (long)((1 - lead) * period) - (long)ExpectedDuration;
    }

    /// <summary>Moves on to the next point of the grid after <paramref name="now"/>; says how many were passed over.</summary>
    public long Advance(long now)
    {
        long late = (now - _next) / period;
        _next += (late + 1) * period;
        return late;
    }

    /// <summary>Keeps in phase with a command of <paramref name="stamp"/>: a single tick may have been late.</summary>
    public void Follow(long stamp)
    {
        long ahead = (((stamp - _tick + (period / 2)) % period + period) % period) - (period / 2);
        long shift = ahead < 0 ? ahead : (long)(LateWeight * ahead);
        _tick = stamp - ahead + shift;
        _next += shift;
        _following = true;
    }

    /// <summary>An exchange took <paramref name="ticks"/>: later ones begin that much earlier.</summary>
    public void Took(long ticks)
    {
        double expected = ExpectedDuration;
        _duration += DurationWeight * (ticks - _duration);
        if (_following)
        {
            _next -= (long)(ExpectedDuration - expected);
        }
    }
}
