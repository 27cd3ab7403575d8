using System.Globalization;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Torch;
using RobotRl.Benchmarks.Simulation;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Benchmarks.Sac;

/// <summary>SAC on Pendulum-v1: how far the frozen policy is from the optimum after 5,000, 10,000 and 20,000 steps.</summary>
/// <remarks>Argument: the number of seeds, 5 unless given.</remarks>
internal sealed class SacPendulumBenchmark : IBenchmark
{
    private const int Starts = 1000;
    private static readonly int[] Marks = [5_000, 10_000, 20_000];

    public string Name => "sac-pendulum";

    public string Summary => "SAC on Pendulum-v1, 5 seeds, frozen policy over 1,000 even starts against the optimum";

    /// <summary>The product's own settings for this task.</summary>
    private static SacOptions Settings => OptionsLoader.Load(null, ["Robot:Name=pendulum"], null).Learner.Sac;

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        TorchThreads.Set(1);
        int seeds = arguments.Count > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 5;
        double optimum = PendulumOptimum.Solve().MeanReturn(Starts);
        log.WriteLine($"optimum {optimum:F1} (dynamic programming)");
        double[][] returns = new double[seeds][];
        for (int seed = 0; seed < seeds; seed++)
        {
            returns[seed] = PendulumTraining.Run(Settings, (ulong)seed + 1, Marks, Starts);
            log.WriteLine($"seed {seed + 1}: " + string.Join(", ", Marks.Zip(returns[seed], (m, r) => $"{r:F1} at {m} steps")));
        }

        double[] gaps = [.. Marks.Select((_, m) => optimum - returns.Average(r => r[m]))];
        double worst = optimum - returns.Min(r => r[1]);
        log.WriteLine($"below the optimum: {gaps[0]:F1} at 5k, {gaps[1]:F1} at 10k (worst seed {worst:F1}), {gaps[2]:F1} at 20k");
        bool met = gaps[0] <= 20 && gaps[1] <= 8 && worst <= 15 && gaps[2] <= 6;
        return new(
            Name,
            gaps[2],
            "below the optimum at 20k steps",
            "optimum",
            optimum,
            null,
            $"6 at 20k; 8 at 10k (was {gaps[1]:F1}), worst seed 15 (was {worst:F1}); 20 at 5k (was {gaps[0]:F1})",
            met
        );
    }
}
