using System.Globalization;
using RobotRl.Hil.Pendulum;

namespace RobotRl.Benchmarks.Rig;

/// <summary>How long the emulated rig's motor runs on after each kind of fault, read from the MCU's own trace.</summary>
internal sealed class StopsBenchmark : IBenchmark
{
    public string Name => "stops";

    public string Summary => "stop latency on the pendulum rig, by the MCU alone and by the host [runs of each, default 20]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        int runs = arguments.Count > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 20;
        IReadOnlyList<StopMeasurement> measured = StopRuns.Measure(runs, log);
        log.Write(StopTable.Format(measured));
        StopMeasurement worst = measured.MaxBy(m => m.Counts / m.Bound)!;
        return new BenchmarkResult(
            Name,
            worst.Counts.TotalMilliseconds,
            "ms, the stop nearest to its bound",
            worst.Scenario + ", bound",
            worst.Bound.TotalMilliseconds,
            worst.Bound / worst.Counts,
            "every stop within its bound; those of the host within two control periods at p95",
            StopRuns.InTime(measured)
        );
    }
}
