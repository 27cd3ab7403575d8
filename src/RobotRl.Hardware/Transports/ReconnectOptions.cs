namespace RobotRl.Hardware.Transports;

/// <summary>How a lost link is tried again: exponential backoff with jitter behind a circuit breaker.</summary>
public sealed record ReconnectOptions
{
    /// <summary>
    /// Mean wait before the first attempt; it doubles each time. Default 100 ms: a USB adapter takes about that long to come
    /// back.
    /// </summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait between two attempts. Default 2 s, so that a robot is back within 5 s of its link.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Failed attempts within <see cref="BreakerWindow"/> that open the circuit breaker. Default 8: about the attempts of the
    /// first 10 s.
    /// </summary>
    public int BreakerAttempts { get; set; } = 8;

    /// <summary>Over which time failed attempts are counted. Default 30 s.</summary>
    public TimeSpan BreakerWindow { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long nothing is tried once the breaker is open; then one attempt decides. Default 3 s, so that a robot is back within
    /// 5 s of its link.
    /// </summary>
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>All problems of these options, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (FirstDelay <= TimeSpan.Zero || FirstDelay > MaxDelay)
        {
            yield return $"{path}:FirstDelay is {FirstDelay}; allowed: above 00:00:00 up to {path}:MaxDelay ({MaxDelay}). Set it to about "
                + $"00:00:00.1.";
        }

        if (MaxDelay > TimeSpan.FromHours(1))
        {
            yield return $"{path}:MaxDelay is {MaxDelay}; allowed: up to 01:00:00. Set it to about 00:00:02.";
        }

        if (BreakerAttempts < 2)
        {
            yield return FormattableString.Invariant(
                $"{path}:BreakerAttempts is {BreakerAttempts}; allowed: 2 or more. Set it to about 8."
            );
        }

        if (BreakerWindow < TimeSpan.FromMilliseconds(500) || BreakerWindow > TimeSpan.FromDays(1))
        {
            yield return $"{path}:BreakerWindow is {BreakerWindow}; allowed: 00:00:00.5 to 1.00:00:00. Set it to about 00:00:30.";
        }

        if (BreakerPause < TimeSpan.FromMilliseconds(500) || BreakerPause > TimeSpan.FromDays(1))
        {
            yield return $"{path}:BreakerPause is {BreakerPause}; allowed: 00:00:00.5 to 1.00:00:00. Set it to about 00:00:03.";
        }
    }
}
