using System.Diagnostics;

namespace RobotRl.Hil.Pendulum;

/// <summary>Waits for things that happen in other processes.</summary>
public static class Waiting
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// Looks at <paramref name="condition"/> every 2 ms until it holds; false where it does not within <paramref name="limit"/>.
    /// </summary>
    public static bool Until(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                return false;
            }

            Thread.Sleep(Interval);
        }

        return true;
    }
}
