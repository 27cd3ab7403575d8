using System.Globalization;

namespace RobotRl.Runtime.Commands.Bench;

/// <summary>The table in words: Markdown, so that it can be kept as it is.</summary>
internal static class BenchText
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    public static IEnumerable<string> Lines(BenchReport report)
    {
        yield return string.Create(
            Invariant,
            $"{report.Processors} processors, {report.Kernels}; {report.RateHz:0.###} Hz, {report.Observations} observations, "
                + $"{report.Actions} actions:"
        );
        yield return "";
        yield return "| learner | network | batch | update | fits in a period | UTD held | missed ticks |";
        yield return "|---|---|---|---|---|---|---|";
        foreach (BenchRow row in report.Rows)
        {
            yield return string.Create(
                Invariant,
                $"| {row.Learner} | 2 x {row.Width} | {(row.Batch is { } batch ? batch.ToString(Invariant) : "-")} | "
                    + $"{Time(row.UpdateMicroseconds)} | {Utd(row.Ceiling)} | {(row.Holds is { } held ? Utd(held) : "none")} | "
                    + $"{row.MissedTicks} of {row.Steps} |"
            );
        }

        yield return "";
        yield return string.Create(
            Invariant,
            $"\"UTD held\" (updates per control step) was run in real time: control, recorder and learner thread, gate and "
                + $"admission, as in training. Of every update that was due none waited longer than a period. First "
                + $"{report.Margin:0%} of what fits was asked for, then less. A learner without a batch learns from each step once: "
                + $"its UTD is 1, and \"fits in a period\" says how much faster the loop could be."
        );
    }

    /// <summary>A UTD: three figures, and below 1 the number of steps for one update.</summary>
    public static string Utd(double value) =>
        value switch
        {
            >= 100 => value.ToString("F0", Invariant),
            >= 1 => value.ToString("0.#", Invariant),
            > 0 when Math.Abs((1 / value) - Math.Round(1 / value)) < 1e-6 => string.Create(Invariant, $"1/{Math.Round(1 / value)}"),
            _ => value.ToString("0.##", Invariant),
        };

    private static string Time(double microseconds) =>
        microseconds >= 1000 ? (microseconds / 1000).ToString("0.0", Invariant) + " ms" : microseconds.ToString("F0", Invariant) + " us";
}
