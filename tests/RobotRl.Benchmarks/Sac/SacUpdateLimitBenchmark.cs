using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Torch;

namespace RobotRl.Benchmarks.Sac;

/// <summary>SAC updates per second against the same library's bare matrix products of an update, one thread, in turns.</summary>
internal sealed class SacUpdateLimitBenchmark : IBenchmark
{
    private const int Rounds = 9;

    public string Name => "sac-update-limit";

    public string Summary => "SAC updates/s against the update's matrix products alone";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        TorchThreads.Set(1);
        using TorchSacLearner ours = SacWork.Learner();
        var products = new SacProducts();
        (SacUpdateBenchmark.Turn(ours.Update), SacUpdateBenchmark.Turn(products.Run)).ToString();
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
            "say the ratio (1 is the limit)",
            true
        );
    }
}
