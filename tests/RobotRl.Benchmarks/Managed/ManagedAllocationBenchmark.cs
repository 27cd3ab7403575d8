using System.Globalization;
using RobotRl.Algorithms;
using RobotRl.Algorithms.Policies;
using RobotRl.Benchmarks.Loops;

namespace RobotRl.Benchmarks.Managed;

/// <summary>
/// Managed bytes per update of every managed learner, acting policy and figures included, over 2,000 updates. With <c>realtime</c>:
/// collections of the whole process while a managed learner learns in real time beside the control loop.
/// </summary>
internal sealed class ManagedAllocationBenchmark : IBenchmark
{
    private const int Updates = 2000;

    public string Name => "managed-allocation";

    public string Summary =>
        "managed allocation per update of the managed learners, 17/6/2x256/256; realtime: collections while SAC learns "
        + "beside the 1 kHz loop [realtime minutes]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        if (arguments.Count > 0 && arguments[0] == "realtime")
        {
            return RealTime(arguments.Count > 1 ? double.Parse(arguments[1], CultureInfo.InvariantCulture) : 10, log);
        }

        long most = 0;
        foreach ((string name, Func<ILearner> create) in ManagedLearners.All)
        {
            using ILearner learner = ManagedSacWork.Filled(create());
            var block = new PolicyBlock(learner.Policy);
            Work(100);
            int collections = GC.CollectionCount(0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Work(Updates);
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            log.WriteLine($"{name}: {bytes} B in {Updates} updates, {GC.CollectionCount(0) - collections} collections");
            most = Math.Max(most, bytes);

            void Work(int count)
            {
                for (int i = 0; i < count; i++)
                {
                    learner.Update();
                    learner.CopyPolicy(block);
                    _ = learner.Metrics.Length;
                }
            }
        }

        return new(Name, most / (double)Updates, "B/update", null, null, null, "0 B", most == 0);
    }

    /// <summary>Without a no-GC region: the collector may run whenever it likes.</summary>
    private BenchmarkResult RealTime(double minutes, TextWriter log)
    {
        using var rig = new LoopRig(budgetMiB: 0);
        rig.Start(log);
        GC.Collect();
        (int collections, long bytes, long updates, long ticks) = (
            GC.CollectionCount(0),
            GC.GetTotalAllocatedBytes(true),
            rig.Updates,
            rig.Loop.Status.Ticks
        );
        for (double minute = 0; minute < minutes; minute++)
        {
            rig.Supervise(TimeSpan.FromMinutes(Math.Min(1, minutes - minute)));
            log.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"after {Math.Min(minute + 1, minutes):0.##} min: {GC.CollectionCount(0) - collections} collections, "
                        + $"{GC.GetTotalAllocatedBytes(true) - bytes} B in the whole process, {rig.Updates - updates} updates, "
                        + $"{rig.Loop.Status.Ticks - ticks} ticks"
                )
            );
        }

        int found = GC.CollectionCount(0) - collections;
        return new(
            Name,
            found,
            string.Create(CultureInfo.InvariantCulture, $"collections in {minutes:0.##} minutes"),
            null,
            null,
            null,
            "0",
            found == 0 && rig.Updates > updates
        );
    }
}
