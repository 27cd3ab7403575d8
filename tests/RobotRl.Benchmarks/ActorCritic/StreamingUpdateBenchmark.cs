using System.Diagnostics;
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Benchmarks.ActorCritic;

/// <summary>Time and allocation of one stream AC(lambda) update: 17 observations, 6 actions, two networks of 2x256.</summary>
internal sealed class StreamingUpdateBenchmark : IBenchmark
{
    private const int Observations = 17, Actions = 6, Batches = 51, UpdatesPerBatch = 200;
    private const double FloorUs = 250;

    public string Name => "streaming-update";

    public string Summary => "one stream AC(lambda) update, 17/6/2x256: microseconds and bytes";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        using var learner = new StreamActorCriticLearner(Observations, new ContinuousActionSpace(Actions), new() { HiddenWidth = 256 }, seed: 1);
        var random = new CounterRandom(1, RandomPurpose.Simulation);
        float[] now = new float[Observations], next = new float[Observations], action = new float[Actions];
        double[] microseconds = new double[Batches];
        long sequence = 0, allocated = 0;
        random.FillGaussian(next);

        // The first batches compile; the median leaves them out.
        for (int batch = 0; batch < Batches; batch++)
        {
            long ticks = 0, before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < UpdatesPerBatch; i++)
            {
                (now, next) = (next, now);
                random.FillGaussian(next);
                random.FillGaussian(action);
                long start = Stopwatch.GetTimestamp();
                learner.Observe(new Transition
                {
                    Observation = now, Proposed = action, PreSquash = action, Executed = action, NextObservation = next,
                    Reward = now[0], End = sequence % 200 == 199 ? EpisodeEnd.Truncated : EpisodeEnd.None, Learnable = true, Sequence = sequence++,
                });
                learner.Update();
                ticks += Stopwatch.GetTimestamp() - start;
            }

            microseconds[batch] = ticks * 1e6 / Stopwatch.Frequency / UpdatesPerBatch;
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Array.Sort(microseconds);
        double median = microseconds[Batches / 2];
        log.WriteLine(FormattableString.Invariant($"update: median of {Batches} batches {median:F1} us, fastest {microseconds[0]:F1} us; {allocated} bytes in the last {UpdatesPerBatch}"));
        return new BenchmarkResult(
            Name, median, "us per update", null, null, null, $"{FloorUs} us, 0 bytes", median <= FloorUs && allocated == 0);
    }
}
