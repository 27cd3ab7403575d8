using System.Globalization;
using RobotRl.Algorithms.Torch;
using RobotRl.Benchmarks.Sac;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Benchmarks.Managed;

/// <summary>The same learner in both backends on the same task and seeds: both must come to the same returns within their spread.</summary>
/// <remarks>
/// Arguments: robot (pendulum), algorithm (sac), seeds (5: one to five; 4-5: these), steps (20000), backends (managed,torch),
/// settings (Key=value ...) over the product's.
/// </remarks>
internal sealed class ManagedLearningBenchmark : IBenchmark
{
    private const int Starts = 1000;

    public string Name => "managed-learning";

    public string Summary =>
        "a learner in both backends on pendulum or mountain-car-continuous, mean over 1,000 even starts [robot algorithm "
        + "seeds steps backends settings]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        TorchThreads.Set(1);
        string robot = Argument(0, "pendulum"),
            algorithm = Argument(1, "sac");
        int[] range = [.. Argument(2, "5").Split('-').Select(s => int.Parse(s, CultureInfo.InvariantCulture))];
        (int first, int last) = range.Length > 1 ? (range[0], range[1]) : (1, range[0]);
        int steps = int.Parse(Argument(3, "20000"), CultureInfo.InvariantCulture);
        string[] backends = Argument(4, "managed,torch").Split(',');
        int[] marks = [steps / 4, steps / 2, steps];
        log.WriteLine($"| {algorithm} on {robot} | seed | {string.Join(" | ", marks.Select(m => $"{m} steps"))} | seconds |");
        log.WriteLine("|---|---|---|---|---|---|");
        var ends = new Dictionary<string, double[]>();
        foreach (string backend in backends)
        {
            RobotRlOptions options = TaskTraining.Options(robot, algorithm, backend, [.. arguments.Skip(5)]);
            ends[backend] = new double[last - first + 1];
            for (int seed = first; seed <= last; seed++)
            {
                TimeSpan start = Environment.CpuUsage.TotalTime;
                double[] returns = TaskTraining.Run(robot, options, (ulong)seed, marks, Starts);
                ends[backend][seed - first] = returns[^1];
                log.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {backend} | {seed} | "
                            + $"{string.Join(" | ", returns.Select(r => r.ToString("F1", CultureInfo.InvariantCulture)))} | "
                            + $"{(Environment.CpuUsage.TotalTime - start).TotalSeconds:F0} |"
                    )
                );
            }
        }

        double ours = ends[backends[0]].Average();
        if (backends.Length == 1)
        {
            return new(Name, ours, "mean return at the end", null, null, null, "say it", true);
        }

        // Equal within their spread: the means differ by no more than the range that either backend's own seeds span.
        double theirs = ends[backends[1]].Average(),
            spread = ends.Values.Max(v => v.Max() - v.Min());
        return new(
            Name,
            ours,
            "mean return at the end",
            backends[1],
            theirs,
            null,
            string.Create(CultureInfo.InvariantCulture, $"{backends[1]}'s mean within the spread of {spread:F1}"),
            Math.Abs(ours - theirs) <= spread
        );

        string Argument(int index, string otherwise) => arguments.Count > index ? arguments[index] : otherwise;
    }
}
