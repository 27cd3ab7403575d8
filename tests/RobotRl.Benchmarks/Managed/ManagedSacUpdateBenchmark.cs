using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Torch;
using RobotRl.Benchmarks.Peers;
using RobotRl.Benchmarks.Sac;

namespace RobotRl.Benchmarks.Managed;

/// <summary>
/// Managed SAC updates per second against eager PyTorch, our TorchSharp form and naive TorchSharp, one thread each, in turns, by
/// processor time.
/// </summary>
internal sealed class ManagedSacUpdateBenchmark : IPeerBenchmark
{
    private const int Rounds = 9,
        UpdatesPerTurn = 40;
    private const double Floor = 2.0;

    public string Name => "managed-sac-update";

    public string Summary => "managed SAC updates/s against eager PyTorch and both TorchSharp forms, 17/6/2x256/256, one thread each";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log) => Compare(log)[0];

    public IReadOnlyList<BenchmarkResult> Compare(TextWriter log)
    {
        TorchThreads.Set(1);
        using ManagedSacLearner ours = ManagedSacWork.Learner();
        using TorchSacLearner torch = SacWork.Learner();
        var naive = new NaiveTorchSac();
        using var python = PythonPeer.StartFastest("sac_update.py", UpdatesPerTurn, log);
        for (int i = 0; i < 3; i++)
        {
            (SacUpdateBenchmark.Turn(ours.Update), SacUpdateBenchmark.Turn(torch.Update), naive.Turn()).ToString();
        }

        var rates = new List<(double Ours, double PyTorch, double Torch, double Naive)>();
        for (int round = 0; round < Rounds; round++)
        {
            rates.Add(
                (
                    SacUpdateBenchmark.Turn(ours.Update),
                    UpdatesPerTurn / python.Run(UpdatesPerTurn),
                    SacUpdateBenchmark.Turn(torch.Update),
                    naive.Turn()
                )
            );
            log.WriteLine(
                $"round {round + 1}: managed {rates[^1].Ours:F1}/s, PyTorch {rates[^1].PyTorch:F1}/s, TorchSharp "
                    + $"{rates[^1].Torch:F1}/s, naive {rates[^1].Naive:F1}/s"
            );
        }

        double value = SacWork.Median(rates.Select(r => r.Ours));
        return
        [
            Result($"eager PyTorch ({python.Greeting})", r => r.PyTorch, $"{Floor}x PyTorch", Floor),
            Result("our TorchSharp form", r => r.Torch, "say the ratio", 0),
            Result("naive TorchSharp", r => r.Naive, "say the ratio", 0),
        ];

        BenchmarkResult Result(
            string peer,
            Func<(double Ours, double PyTorch, double Torch, double Naive), double> rate,
            string floor,
            double least
        )
        {
            double theirs = SacWork.Median(rates.Select(rate)),
                ratio = SacWork.Median(rates.Select(r => r.Ours / rate(r)));
            log.WriteLine($"medians: {value:F1}/s; {peer} {theirs:F1}/s, ratio {ratio:F2}");
            return new(Name, value, "updates/s", peer, theirs, ratio, floor, ratio >= least);
        }
    }
}
