using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Torch;
using TorchSharp;

namespace RobotRl.Benchmarks.Sac;

/// <summary>Managed bytes per SAC update over 10,000 updates, and live tensors before and after.</summary>
internal sealed class SacUpdateAllocationBenchmark : IBenchmark
{
    private const int Updates = 10_000,
        Parts = 4;
    private const double FloorBytes = 64 * 1024;

    public string Name => "sac-update-allocation";

    public string Summary => "managed allocation per SAC update, 17/6/2x256/256, over 10,000 updates";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        TorchThreads.Set(1);
        using TorchSacLearner learner = SacWork.Learner();
        for (int i = 0; i < 100; i++)
        {
            learner.Update();
        }

        long tensors = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        double[] bytes = new double[Parts];
        for (int part = 0; part < Parts; part++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Updates / Parts; i++)
            {
                learner.Update();
            }

            bytes[part] = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Updates / Parts);
            log.WriteLine(
                $"updates {part * Updates / Parts} to {(part + 1) * Updates / Parts}: {bytes[part]:F0} B an update, "
                    + $"{DisposeScopeManager.Statistics.ThreadTotalLiveCount - tensors} tensors more than at the start"
            );
        }

        bool flat = bytes.Max() - bytes.Min() <= 1 && DisposeScopeManager.Statistics.ThreadTotalLiveCount == tensors;
        return new(
            Name,
            bytes.Average(),
            "B/update",
            null,
            null,
            null,
            "64 kB, flat over 10,000 updates, live tensors flat",
            flat && bytes.Max() <= FloorBytes
        );
    }
}
