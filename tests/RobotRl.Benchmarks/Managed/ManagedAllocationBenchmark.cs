using RobotRl.Algorithms;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Benchmarks.Managed;

/// <summary>Managed bytes per update of every managed learner, acting policy and figures included, over 2,000 updates.</summary>
internal sealed class ManagedAllocationBenchmark : IBenchmark
{
    private const int Updates = 2000;

    public string Name => "managed-allocation";

    public string Summary => "managed allocation per update of the managed learners, 17/6/2x256/256";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
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
}
