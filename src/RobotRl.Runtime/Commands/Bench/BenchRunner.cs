using System.Diagnostics;
using RobotRl.Algorithms.Kernels;

namespace RobotRl.Runtime.Commands.Bench;

/// <summary>Makes the table.</summary>
internal static class BenchRunner
{
    /// <summary>Share of the ceiling that is tried first; the rest is for what runs beside the updates.</summary>
    public const double Margin = 0.9;

    /// <summary>How long updates are timed alone, per row.</summary>
    public const double UpdateSeconds = 0.7;

    private const double Next = 0.95,
        MostUpdates = 1000;
    private const int MostTries = 4,
        LeastTicks = 25;

    /// <summary>Measures every row of <paramref name="plan"/>; <paramref name="rowDone"/> hears after each how many are done.</summary>
    public static BenchReport Run(BenchPlan plan, Action<int> rowDone)
    {
        long start = Stopwatch.GetTimestamp();
        var experience = new BenchExperience(plan.Observations, plan.Actions);
        var rows = new List<BenchRow>();
        IReadOnlyList<string> warnings = [];
        foreach (BenchCase row in plan.Rows)
        {
            TimeSpan update = UpdateTimer.Measure(row, experience, TimeSpan.FromSeconds(UpdateSeconds));
            (BenchRow measured, warnings) = Try(plan, row, experience, update);
            rows.Add(measured);
            rowDone(rows.Count);
        }

        return new BenchReport(
            Environment.ProcessorCount,
            KernelPath.Describe().Path,
            plan.RateHz,
            plan.Observations,
            plan.Actions,
            Margin,
            rows,
            warnings,
            Stopwatch.GetElapsedTime(start).TotalSeconds
        );
    }

    private static (BenchRow Row, IReadOnlyList<string> Warnings) Try(
        BenchPlan plan,
        BenchCase row,
        BenchExperience experience,
        TimeSpan update
    )
    {
        double ceiling = 1 / (plan.RateHz * update.TotalSeconds);
        bool streams = BenchCase.Streams(row.Learner);
        TimeSpan duration = TimeSpan.FromSeconds(Math.Max(plan.Seconds, LeastTicks / plan.RateHz));
        PacedResult result;
        double asked = streams ? 1 : RoundDown(Margin * ceiling);
        int tries = 0;
        do
        {
            result = PacedLoop.Run(row, asked, experience, plan.RateHz, duration);
            tries++;
            asked = streams ? 1 : RoundDown(Math.Min(Next * result.Achieved, Next * result.Asked));
        } while (!result.Held && tries < MostTries && asked > 0);
        return (
            new BenchRow(
                row.Learner,
                row.Width,
                row.Batch,
                update.TotalMicroseconds,
                ceiling,
                result.Held ? result.Asked : null,
                result.Steps,
                result.MissedTicks,
                tries
            ),
            result.Warnings
        );
    }

    /// <summary>The next lower UTD worth setting: two figures, or one update every so many steps.</summary>
    internal static double RoundDown(double updatesPerStep)
    {
        if (!(updatesPerStep > 1e-3))
        {
            return 0;
        }

        if (updatesPerStep < 1)
        {
            return 1 / Math.Ceiling(1 / updatesPerStep);
        }

        double capped = Math.Min(updatesPerStep, MostUpdates),
            unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(capped)) - 1));
        return Math.Floor(capped / unit) * unit;
    }
}
