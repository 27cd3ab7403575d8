using RobotRl.Hardware.Timing;

namespace RobotRl.Benchmarks.Devices;

/// <summary>What the machine itself does to a loop: a thread at the control thread's priority that only sleeps on the grid.</summary>
internal static class BareTimer
{
    /// <summary>Grid points that it woke too late for, counted as the control thread counts its own, over <paramref name="duration"/>.</summary>
    public static long Missed(TimeSpan period, TimeSpan duration, int fifoPriority)
    {
        long missed = 0;
        var thread = new Thread(() =>
        {
            RealTimeScheduling.TryUseFifo(fifoPriority);
            long periodNs = period.Ticks * TimeSpan.NanosecondsPerTick, deadline = MonotonicClock.NowNs + periodNs;
            for (long end = deadline + (duration.Ticks * TimeSpan.NanosecondsPerTick); deadline < end;)
            {
                MonotonicClock.SleepUntil(deadline);
                long ended = MonotonicClock.NowNs;
                deadline += periodNs;
                long late = ended <= deadline ? 0 : 1 + ((ended - deadline) / periodNs);
                missed += late;
                deadline += late * periodNs;
            }
        });
        thread.Start();
        thread.Join();
        return missed;
    }
}
