using System.Diagnostics;

namespace RobotRl.Hardware.Timing;

/// <summary>
/// The clock of a real-time loop: monotonic, from the machine's start, on an absolute grid. On Linux it is CLOCK_MONOTONIC,
/// which is also what <see cref="Stopwatch"/> reads, and sleeping is clock_nanosleep(TIMER_ABSTIME).
/// </summary>
public static class MonotonicClock
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Now, in nanoseconds. Any thread; does not allocate.</summary>
    public static long NowNs =>
        Stopwatch.Frequency == NanosecondsPerSecond
            ? Stopwatch.GetTimestamp()
            : (long)((Int128)Stopwatch.GetTimestamp() * NanosecondsPerSecond / Stopwatch.Frequency);

    /// <summary>
    /// Sleeps until <paramref name="deadlineNs"/> of <see cref="NowNs"/>; at once where it has passed. Does not allocate.
    /// </summary>
    public static unsafe void SleepUntil(long deadlineNs)
    {
        if (!OperatingSystem.IsLinux())
        {
            SleepCoarsely(deadlineNs);
            return;
        }

        var until = new Libc.TimeSpec { Seconds = deadlineNs / NanosecondsPerSecond, Nanoseconds = deadlineNs % NanosecondsPerSecond };
        while (Libc.ClockNanosleep(Libc.ClockMonotonic, Libc.TimerAbsolute, &until, null) == Libc.Interrupted) { }
    }

    private static void SleepCoarsely(long deadlineNs)
    {
        for (long left = deadlineNs - NowNs; left > 0; left = deadlineNs - NowNs)
        {
            // Off Linux there is no absolute sleep: yield for whole milliseconds, then spin the rest.
            if (left > 2_000_000)
            {
                Thread.Yield();
            }
            else
            {
                Thread.SpinWait(20);
            }
        }
    }
}
