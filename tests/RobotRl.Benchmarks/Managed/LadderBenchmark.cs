using System.Globalization;
using RobotRl.Algorithms.Torch;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Benchmarks.Managed;

/// <summary>
/// The algorithms on one task, each for its number of steps with the product's own settings: the newest policy, frozen, over 1,000
/// starts spread evenly over the reset distribution. No choice of a best policy.
/// </summary>
/// <remarks>
/// Arguments: algorithm (all of the table), then any of: a number of steps, a number of seeds or a range (2-2), and settings
/// (Learner:Td3:Discount=0.98) for trials.
/// </remarks>
internal sealed class LadderBenchmark(string name, string robot, string reference, LadderRow[] rows, Func<double>? measureReference = null)
    : IBenchmark
{
    private const int Starts = 1000;

    public string Name => name;

    public string Summary =>
        $"{robot}, mean over 1,000 even starts [algorithm [steps [seeds]] [key=value...]]: "
        + $"{string.Join(", ", rows.Select(r => r.Algorithm))}";

    /// <summary>Pendulum-v1; the optimum is that of benchmark pendulum-optimum.</summary>
    public static LadderBenchmark Pendulum() =>
        new(
            "ladder-pendulum",
            "pendulum",
            "the optimum",
            [
                new("sac", 20_000, 5, PendulumOptimum - 8),
                new("sac-v", 20_000, 5, PendulumOptimum - 8),
                new("td3", 20_000, 5, PendulumOptimum - 8),
                new("ddpg", 20_000, 5, PendulumOptimum - 8),
                new("droq", 5_000, 5, PendulumOptimum - 12),
                new("crossq", 5_000, 5, PendulumOptimum - 12),
                new("ppo", 100_000, 5, -170),
                new("trpo", 100_000, 5, -170),
                new("a2c", 1_000_000, 5, -163),
            ],
            () => PendulumOptimum
        );

    /// <summary>MountainCarContinuous-v0, beside a push along the velocity with the least force that suffices, which costs least.</summary>
    public static LadderBenchmark MountainCar() =>
        new(
            "ladder-mountain-car",
            "mountain-car-continuous",
            "a fifth of full force along the velocity",
            [new("sac", 50_000, 5, 94.7), new("td3", 300_000, 2, 93.5), new("ppo", 100_000, 5, 88), new("ddpg", 300_000, 2, 93.5)],
            () => TaskTraining.PushAlongVelocity(LeastForce, Starts)
        );

    private const double PendulumOptimum = -137.4,
        LeastForce = 0.2;

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        TorchThreads.Set(1);
        string[] settings = [.. arguments.Where(a => a.Contains('=', StringComparison.Ordinal))],
            words = [.. arguments.Except(settings)];
        LadderRow[] chosen =
            words.Length == 0
                ? rows
                : [rows.FirstOrDefault(r => r.Algorithm == words[0]) ?? new(words[0], 20_000, 5, double.NegativeInfinity)];
        double worst = double.PositiveInfinity,
            mean = 0;
        int missed = 0;
        log.WriteLine("| algorithm | steps | seed | a quarter | half | end | processor seconds |");
        log.WriteLine("|---|---|---|---|---|---|---|");
        foreach (LadderRow row in chosen)
        {
            int steps = words.Length > 1 ? int.Parse(words[1], CultureInfo.InvariantCulture) : row.Steps;
            (int first, int last) = words.Length > 2 ? Range(words[2]) : (1, row.Seeds);
            RobotRlOptions options = TaskTraining.Options(robot, row.Algorithm, "managed", settings);
            double sum = 0;
            for (int seed = first; seed <= last; seed++)
            {
                TimeSpan start = Environment.CpuUsage.TotalTime;
                double[] returns = TaskTraining.Run(robot, options, (ulong)seed, [steps / 4, steps / 2, steps], Starts);
                sum += returns[^1];
                log.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {row.Algorithm} | {steps} | {seed} | {returns[0]:F1} | {returns[1]:F1} | {returns[2]:F1} | "
                            + $"{(Environment.CpuUsage.TotalTime - start).TotalSeconds:F0} |"
                    )
                );
                log.Flush();
            }

            mean = sum / (last - first + 1);
            missed += mean >= row.Floor ? 0 : 1;
            worst = Math.Min(worst, mean - row.Floor);
            log.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.Algorithm}: {mean:F2} after {steps} steps, floor {row.Floor:F1}: {(mean >= row.Floor ? "met" : "MISSED")}"
                )
            );
        }

        double limit = measureReference?.Invoke() ?? double.NaN;
        return chosen.Length == 1
            ? new(
                Name,
                mean,
                $"mean return of {chosen[0].Algorithm}",
                reference,
                limit,
                null,
                string.Create(CultureInfo.InvariantCulture, $"{chosen[0].Floor:F1}"),
                missed == 0
            )
            : new(
                Name,
                worst,
                "return above its floor, the worst algorithm",
                reference,
                limit,
                null,
                "each its own, see the table",
                missed == 0
            );
    }

    private static (int First, int Last) Range(string word)
    {
        int[] ends = [.. word.Split('-').Select(e => int.Parse(e, CultureInfo.InvariantCulture))];
        return ends.Length == 1 ? (1, ends[0]) : (ends[0], ends[1]);
    }
}
