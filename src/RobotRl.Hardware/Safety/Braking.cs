namespace RobotRl.Hardware.Safety;

/// <summary>How fast one may go and still stop in time, where the speed changes once a period.</summary>
internal static class Braking
{
    /// <summary>
    /// Greatest speed for the next period from which, losing at most <paramref name="deceleration"/> x period per period, the way
    /// is at most <paramref name="gap"/>. In units of deceleration x period, speed u with n = floor(u) takes
    /// (n + 1) u - n (n + 1) / 2 periods' worth of way; this inverts it.
    /// </summary>
    /// <remarks>The same sum one derivative up tells what acceleration may be kept below a velocity limit under a jerk limit.</remarks>
    public static double Speed(double gap, double deceleration, double period)
    {
        if (!(gap > 0))
        {
            return 0;
        }

        double way = gap / (deceleration * period * period);
        if (!(way > 0))
        {
            return gap / period;
        }

        if (way > 1e15)
        {
            return Math.Sqrt(2 * gap * deceleration);
        }

        double n = Math.Floor((Math.Sqrt(1 + (8 * way)) - 1) / 2);
        return (way + (n * (n + 1) / 2)) / (n + 1) * deceleration * period;
    }
}
