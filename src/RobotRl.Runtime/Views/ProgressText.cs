using System.Globalization;
using RobotRl.Algorithms;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Views;

/// <summary>A snapshot in words.</summary>
internal static class ProgressText
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>One line with everything that is known.</summary>
    public static string Line(in RunProgress progress)
    {
        IEnumerable<string> parts = Figures(progress).Select(f => $"{f.Name} {f.Value}").Prepend(Headline(progress));
        return string.Join("  ", parts);
    }

    /// <summary>Phase, steps, share, time left.</summary>
    public static string Headline(in RunProgress progress)
    {
        string unit = progress.Phase switch
        {
            RunPhase.Evaluating => "episodes",
            RunPhase.Measuring => "rows",
            _ => "steps",
        };
        string steps =
            progress.TotalSteps > 0
                ? string.Create(
                    Invariant,
                    $"{progress.Step:N0}/{progress.TotalSteps:N0} {unit} ({100.0 * progress.Step / progress.TotalSteps:F0}%)"
                )
                : string.Create(Invariant, $"{progress.Step:N0} {unit}");
        string left = progress.Remaining is { } remaining ? $", {Clock(remaining)} left" : "";
        return $"{progress.Phase.ToString().ToLowerInvariant()} {steps}{left}";
    }

    /// <summary>The figures that exist, by name, in the order in which they are shown.</summary>
    public static IReadOnlyList<(string Name, string Value, bool Alarm)> Figures(in RunProgress progress)
    {
        var figures = new List<(string, string, bool)>();
        Add(figures, "last return", progress.LastReturn, "F1");
        Add(figures, $"mean of {RunLedger.MeanOver}", progress.MeanReturn, "F1");
        Add(figures, "champion's mean", progress.ChampionReturn, "F1");
        if (double.IsFinite(progress.SuccessRate))
        {
            figures.Add(("success", progress.SuccessRate.ToString("0%", Invariant), false));
        }

        if (progress.Phase == RunPhase.Measuring)
        {
            return figures;
        }

        Add(figures, "steps/s", progress.StepsPerSecond, "N0");
        Add(figures, "updates/s", progress.UpdatesPerSecond, "N0");
        if (double.IsFinite(progress.UpdatesPerStep))
        {
            bool behind = progress.UpdatesPerStep < 0.9 * progress.WantedUpdatesPerStep;
            string wanted = behind ? string.Create(Invariant, $" of {progress.WantedUpdatesPerStep:0.##}") : "";
            figures.Add(("UTD", progress.UpdatesPerStep.ToString("0.##", Invariant) + wanted, behind));
        }

        foreach (LearnerMetric metric in progress.Metrics.Span)
        {
            if (metric.Name == "policy/temperature")
            {
                Add(figures, "temperature", metric.Value, "G3");
                break;
            }
        }

        if (double.IsFinite(progress.ShieldRate))
        {
            figures.Add(("shield", progress.ShieldRate.ToString("0.0%", Invariant), progress.ShieldRate > 0.5));
        }

        AddCount(figures, "missed", progress.MissedTicks);
        AddCount(figures, "lost", progress.LostTransitions);
        AddCount(figures, "not learned from", progress.RefusedTransitions);
        AddCount(figures, "updates refused", progress.RefusedUpdates);
        AddCount(figures, "refused", progress.RefusedPolicies);
        if (progress.AllocationBudgetLeft >= 0)
        {
            figures.Add(("memory left", string.Create(Invariant, $"{progress.AllocationBudgetLeft / 1048576.0:N0} MiB"), false));
        }

        if (progress.Robot is { } robot)
        {
            figures.Add(("robot", robot, robot is not ("armed" or "not armed" or "closed" or "moves to its start")));
        }

        if (progress.StorageProblem is { } storage)
        {
            figures.Add(("NOT SAVED:", storage, true));
        }

        bool fault = progress.FailsafeAction is not "None";
        figures.Add(
            (
                "failsafe",
                fault
                    ? $"{progress.FailsafeAction} "
                        + $"({progress.FailsafeCause}{(progress.FailsafeMeasured is { } measured ? $": {measured}" : "")})"
                    : "none",
                fault
            )
        );
        return figures;
    }

    /// <summary>A duration as m:ss or h:mm:ss.</summary>
    public static string Clock(TimeSpan time) =>
        time.TotalHours >= 1
            ? string.Create(Invariant, $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
            : string.Create(Invariant, $"{time.Minutes}:{time.Seconds:00}");

    private static void Add(List<(string, string, bool)> figures, string name, double value, string format)
    {
        if (double.IsFinite(value))
        {
            figures.Add((name, value.ToString(format, Invariant), false));
        }
    }

    private static void AddCount(List<(string, string, bool)> figures, string name, long count)
    {
        if (count > 0)
        {
            figures.Add((name, count.ToString("N0", Invariant), true));
        }
    }
}
