using System.Globalization;
using RobotRl.Benchmarks.Managed;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Benchmarks.ActorCritic;

/// <summary>
/// The streaming learners on Pendulum-v1 with the product's settings for it: steps until the frozen policy reaches -160 over 1,000
/// even starts, looked at every tenth of the run; five seeds.
/// </summary>
/// <remarks>
/// Arguments: algorithm (stream-actor-critic,avg), steps (300000 and 400000), seeds (5), settings (Learner:Avg:Discount=0.9,
/// ...).
/// </remarks>
internal sealed class StreamingPendulumBenchmark : IBenchmark
{
    private const int Starts = 1000,
        Looks = 10,
        StreamSteps = 300_000,
        AvgSteps = 400_000;
    private const double Goal = -160;

    public string Name => "streaming-pendulum";

    public string Summary =>
        "stream AC(lambda) and AVG on Pendulum-v1: steps to -160 over 1,000 even starts [algorithms steps seeds settings...]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        string[] algorithms = (arguments.Count > 0 ? arguments[0] : "stream-actor-critic,avg").Split(',');
        int steps = arguments.Count > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 0;
        int seeds = arguments.Count > 2 ? int.Parse(arguments[2], CultureInfo.InvariantCulture) : 5;
        int slowest = 0,
            reached = 0;
        foreach (string algorithm in algorithms)
        {
            int each =
                (
                    steps > 0 ? steps
                    : algorithm == "avg" ? AvgSteps
                    : StreamSteps
                ) / Looks;
            int[] marks = [.. Enumerable.Range(1, Looks).Select(i => each * i)];
            log.WriteLine($"| learner | seed | steps to {Goal} | {string.Join(" | ", marks.Select(m => $"{m}"))} | seconds |");
            log.WriteLine($"|---|---|---|{string.Concat(marks.Select(_ => "---|"))}---|");
            RobotRlOptions options = OptionsLoader.Load(
                null,
                ["Robot:Name=pendulum", $"Learner:Algorithm={algorithm}", .. arguments.Skip(3)],
                null
            );
            for (ulong seed = 1; seed <= (ulong)seeds; seed++)
            {
                TimeSpan start = Environment.CpuUsage.TotalTime;
                double[] returns = TaskTraining.Run("pendulum", options, seed, marks, Starts);
                int first = Array.FindIndex(returns, r => r >= Goal);
                reached += first >= 0 ? 1 : 0;
                slowest = Math.Max(slowest, first < 0 ? int.MaxValue : marks[first]);
                string when = first < 0 ? "not" : marks[first].ToString(CultureInfo.InvariantCulture);
                log.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {algorithm} | {seed} | {when} | "
                            + $"{string.Join(" | ", returns.Select(r => r.ToString("F0", CultureInfo.InvariantCulture)))} | "
                            + $"{(Environment.CpuUsage.TotalTime - start).TotalSeconds:F0} |"
                    )
                );
            }
        }

        int all = algorithms.Length * seeds;
        return new(
            Name,
            slowest == int.MaxValue ? double.NaN : slowest,
            $"steps of the slowest seed ({reached} of {all} got there)",
            null,
            null,
            null,
            $"every seed to {Goal}",
            reached == all
        );
    }
}
