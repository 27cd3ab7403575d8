using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Torch;
using RobotRl.Benchmarks.Peers;

namespace RobotRl.Benchmarks.Sac;

/// <summary>SAC updates per second against eager PyTorch and naive TorchSharp, one thread each, in turns, by processor time.</summary>
internal sealed class SacUpdateBenchmark : IPeerBenchmark
{
    private const int Rounds = 9,
        UpdatesPerTurn = 40;
    private const double Floor = 1.5;

    public string Name => "sac-update";

    public string Summary => "SAC updates/s against eager PyTorch and naive TorchSharp, 17/6/2x256/256, one thread each";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log) => Compare(log)[0];

    public IReadOnlyList<BenchmarkResult> Compare(TextWriter log)
    {
        TorchThreads.Set(1);
        using TorchSacLearner ours = SacWork.Learner();
        var naive = new NaiveTorchSac();
        using var python = PythonPeer.StartFastest("sac_update.py", UpdatesPerTurn, log);
        (Turn(ours.Update), naive.Turn()).ToString();
        var rates = new List<(double Ours, double PyTorch, double Naive)>();
        for (int round = 0; round < Rounds; round++)
        {
            rates.Add((Turn(ours.Update), UpdatesPerTurn / python.Run(UpdatesPerTurn), naive.Turn()));
            log.WriteLine(
                $"round {round + 1}: ours {rates[^1].Ours:F1}/s, PyTorch {rates[^1].PyTorch:F1}/s, naive TorchSharp {rates[^1].Naive:F1}/s"
            );
        }

        double value = SacWork.Median(rates.Select(r => r.Ours)),
            pytorch = SacWork.Median(rates.Select(r => r.PyTorch)),
            simple = SacWork.Median(rates.Select(r => r.Naive));
        double ratio = SacWork.Median(rates.Select(r => r.Ours / r.PyTorch)),
            ratioNaive = SacWork.Median(rates.Select(r => r.Ours / r.Naive));
        log.WriteLine(
            $"medians: {value:F1}/s; PyTorch ({python.Greeting}) {pytorch:F1}/s, ratio {ratio:F2}; naive TorchSharp "
                + $"{simple:F1}/s, ratio {ratioNaive:F2}"
        );
        return
        [
            new(Name, value, "updates/s", $"eager PyTorch ({python.Greeting})", pytorch, ratio, $"{Floor}x PyTorch", ratio >= Floor),
            new(Name, value, "updates/s", "naive TorchSharp", simple, ratioNaive, "say the ratio", true),
        ];
    }

    internal static double Turn(Action update)
    {
        // Processor time: one thread each, so on an idle machine it is the time of day, and on a busy one it still compares.
        TimeSpan start = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < UpdatesPerTurn; i++)
        {
            update();
        }

        return UpdatesPerTurn / (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }
}
