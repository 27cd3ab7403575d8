using System.Globalization;
using RobotRl.Benchmarks.Sac;

namespace RobotRl.Benchmarks.Loops;

/// <summary>
/// Lateness of the 1 kHz loop beside a managed SAC learner that updates all the time, in turns with the same loop beside a
/// learner thread that is idle.
/// </summary>
internal sealed class LoopManagedBenchmark : IBenchmark
{
    private const int Rounds = 3,
        RateHz = 1000;

    public string Name => "loop-managed";

    public string Summary =>
        "lateness of the 1 kHz loop beside a busy managed learner, in turns with an idle one [seconds a turn, default 28]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        int seconds = arguments.Count > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 28;
        var busy = new List<Turn>();
        var idle = new List<Turn>();
        for (int round = 0; round < Rounds; round++)
        {
            idle.Add(Measure(seconds, true, log));
            log.WriteLine($"idle learner: {idle[^1]}");
            busy.Add(Measure(seconds, false, log));
            log.WriteLine($"busy learner: {busy[^1]}");
        }

        double ours = SacWork.Median(busy.Select(t => t.P999Us)),
            theirs = SacWork.Median(idle.Select(t => t.P999Us)),
            spread = idle.Max(t => t.P999Us);
        int collections = busy.Sum(t => t.Collections);
        log.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"medians at p99.9: busy {ours:F0} us, idle {theirs:F0} us (turns {idle.Min(t => t.P999Us):F0} to "
                    + $"{spread:F0}); p50 busy {SacWork.Median(busy.Select(t => t.P50Us)):F0}, idle "
                    + $"{SacWork.Median(idle.Select(t => t.P50Us)):F0}; collections beside the busy one: {collections}; "
                    + $"{RateHz * seconds * Rounds} ticks each"
            )
        );

        // The idle turns differ from each other by more than a busy learner may add: no worse is what lies within what they span.
        return new BenchmarkResult(
            Name,
            ours,
            "us at p99.9",
            "idle learner thread",
            theirs,
            theirs / ours,
            string.Create(
                CultureInfo.InvariantCulture,
                $"median no worse than the worst of {Rounds} idle turns ({spread:F0} us), no collection"
            ),
            ours <= spread && collections == 0
        );
    }

    private static Turn Measure(int seconds, bool idle, TextWriter log)
    {
        using var rig = new LoopRig(budgetMiB: 256, idle);
        rig.Start(log);
        long missed = rig.Loop.Status.MissedTicks,
            updates = rig.Updates;
        rig.Supervise(TimeSpan.FromSeconds(seconds));
        var histogram = rig.Control.Lateness;
        return new(
            histogram.QuantileUs(0.5),
            histogram.QuantileUs(0.99),
            histogram.QuantileUs(0.999),
            histogram.MaximumNs / 1000.0,
            rig.Loop.Status.MissedTicks - missed,
            (rig.Updates - updates) / (double)seconds,
            rig.Collections
        );
    }

    private sealed record Turn(
        double P50Us,
        double P99Us,
        double P999Us,
        double MaxUs,
        long Missed,
        double UpdatesPerSecond,
        int Collections
    )
    {
        public override string ToString() =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"p50 {P50Us:F0} us, p99 {P99Us:F0}, p99.9 {P999Us:F0}, max {MaxUs:F0}, missed {Missed}, {UpdatesPerSecond:F0} updates/s"
            );
    }
}
