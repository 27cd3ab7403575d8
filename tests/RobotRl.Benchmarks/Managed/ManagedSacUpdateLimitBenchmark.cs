using RobotRl.Algorithms.Sac;
using RobotRl.Benchmarks.Sac;

namespace RobotRl.Benchmarks.Managed;

/// <summary>Managed SAC updates per second against the same kernels' bare matrix products of an update, one thread, in turns.</summary>
internal sealed class ManagedSacUpdateLimitBenchmark : IBenchmark
{
    private const int Rounds = 15;
    private const double Floor = 0.85;

    public string Name => "managed-sac-update-limit";

    public string Summary => "managed SAC updates/s against the update's matrix products alone";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        using ManagedSacLearner ours = ManagedSacWork.Learner();
        using var products = new ManagedSacProducts();
        for (int i = 0; i < 5; i++)
        {
            (SacUpdateBenchmark.Turn(ours.Update), SacUpdateBenchmark.Turn(products.Run)).ToString();
        }

        var rates = new List<(double Ours, double Limit)>();
        for (int round = 0; round < Rounds; round++)
        {
            rates.Add((SacUpdateBenchmark.Turn(ours.Update), SacUpdateBenchmark.Turn(products.Run)));
            log.WriteLine($"round {round + 1}: update {rates[^1].Ours:F1}/s, products alone {rates[^1].Limit:F1}/s");
        }

        double ratio = SacWork.Median(rates.Select(r => r.Ours / r.Limit));
        return new(
            Name,
            SacWork.Median(rates.Select(r => r.Ours)),
            "updates/s",
            "its matrix products alone",
            SacWork.Median(rates.Select(r => r.Limit)),
            ratio,
            $"{Floor}",
            ratio >= Floor
        );
    }
}
