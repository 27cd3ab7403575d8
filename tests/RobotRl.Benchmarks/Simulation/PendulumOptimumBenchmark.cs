using System.Diagnostics;

namespace RobotRl.Benchmarks.Simulation;

/// <summary>The optimum that <c>sac-pendulum</c> is judged against, and how long it takes to compute.</summary>
internal sealed class PendulumOptimumBenchmark : IBenchmark
{
    /// <summary>Starts, as in the evaluation.</summary>
    private const int Starts = 1000;
    private const double LimitS = 60;

    /// <inheritdoc/>
    public string Name => "pendulum-optimum";

    /// <inheritdoc/>
    public string Summary => "best mean return on Pendulum-v1 over 1,000 spread starts, by dynamic programming";

    /// <inheritdoc/>
    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        long start = Stopwatch.GetTimestamp();
        PendulumOptimum optimum = PendulumOptimum.Solve();
        double value = optimum.MeanValue(Starts),
            earned = optimum.MeanReturn(Starts);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        log.WriteLine(
            $"table's mean value {value:F2}, greedy policy's mean return {earned:F2}, {seconds:F1} s on "
                + $"{Environment.ProcessorCount} threads"
        );
        return new(
            Name,
            earned,
            "return",
            "table's mean value",
            value,
            null,
            "within 1 of the table's value and 60 s",
            Math.Abs(earned - value) <= 1 && seconds < LimitS
        );
    }
}
