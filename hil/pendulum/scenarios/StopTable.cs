using System.Globalization;
using System.Text;

namespace RobotRl.Hil.Pendulum;

/// <summary>Measured stops as a table.</summary>
public static class StopTable
{
    /// <summary>One line a scenario, in Markdown: median, 95th percentile and greatest time, the bound, and whether it held.</summary>
    public static string Format(IEnumerable<StopMeasurement> measurements)
    {
        var text = new StringBuilder();
        text.AppendLine(
            "| scenario | runs | last command to motor off, ms: median / p95 / max | fault to motor off, ms: median / p95 / "
                + "max | bound, ms | |"
        );
        text.AppendLine("|---|---|---|---|---|---|");
        foreach (IGrouping<string, StopMeasurement> runs in measurements.GroupBy(m => m.Scenario))
        {
            TimeSpan[] commands = [.. runs.Select(m => m.SinceLastCommand).OfType<TimeSpan>()];
            string what = commands.Length == 0 || runs.All(m => m.Counts == m.SinceFault) ? "from the fault" : "from the command";
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {runs.Key} | {runs.Count()} | {Show(commands)} | {Show([.. runs.Select(m => m.SinceFault)])} | "
                    + $"{runs.First().Bound.TotalMilliseconds:0.0} {what} | {(runs.All(m => m.InTime) ? "ok" : "TOO LATE")} |"
            );
        }

        return text.ToString();
    }

    private static string Show(TimeSpan[] times)
    {
        if (times.Length == 0)
        {
            return "not seen on a real port";
        }

        Array.Sort(times);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{times[times.Length / 2].TotalMilliseconds:0.0} / {StopRuns.Percentile95(times).TotalMilliseconds:0.0} / "
                + $"{times[^1].TotalMilliseconds:0.0}"
        );
    }
}
