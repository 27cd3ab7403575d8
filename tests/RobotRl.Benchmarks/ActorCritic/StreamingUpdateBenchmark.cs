using System.Diagnostics;
using RobotRl.Algorithms;
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Benchmarks.ActorCritic;

/// <summary>
/// Time and allocation of one update of each streaming learner: 17 observations, 6 actions, two networks of 2x256 and of 2x64.
/// </summary>
internal sealed class StreamingUpdateBenchmark : IBenchmark
{
    private const int Observations = 17,
        Actions = 6,
        Batches = 51,
        UpdatesPerBatch = 200;

    public string Name => "streaming-update";

    public string Summary => "one stream AC(lambda) and one AVG update, 17/6, 2x256 and 2x64: microseconds and bytes";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        log.WriteLine("| learner | networks | us per update, median of 51 batches | fastest batch | floor | bytes in 200 updates |");
        log.WriteLine("|---|---|---|---|---|---|");
        bool met = true;
        double worst = 0;
        foreach ((int width, double floor) in new[] { (256, 250.0), (64, 40.0) })
        {
            foreach (string learner in new[] { "stream-actor-critic", "avg" })
            {
                using ILearner made =
                    learner == "avg"
                        ? new AvgLearner(Observations, Actions, new() { HiddenWidth = width }, seed: 1)
                        : new StreamActorCriticLearner(
                            Observations,
                            new ContinuousActionSpace(Actions),
                            new() { HiddenWidth = width },
                            seed: 1
                        );
                (double median, double fastest, long bytes) = Measure(made);
                log.WriteLine(FormattableString.Invariant($"| {learner} | 2x{width} | {median:F1} | {fastest:F1} | {floor} | {bytes} |"));
                met &= median <= floor && bytes == 0;
                worst = Math.Max(worst, median / floor);
            }
        }

        return new BenchmarkResult(Name, worst, "of the floor at worst", null, null, null, "250 us at 2x256, 40 us at 2x64, 0 bytes", met);
    }

    private static (double MedianUs, double FastestUs, long Bytes) Measure(ILearner learner)
    {
        var random = new CounterRandom(1, RandomPurpose.Simulation);
        float[] now = new float[Observations],
            next = new float[Observations],
            preSquash = new float[Actions],
            action = new float[Actions];
        double[] microseconds = new double[Batches];
        long sequence = 0,
            allocated = 0;
        random.FillGaussian(next);

        // The first batches compile; the median leaves them out.
        for (int batch = 0; batch < Batches; batch++)
        {
            long ticks = 0,
                before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < UpdatesPerBatch; i++)
            {
                (now, next) = (next, now);
                random.FillGaussian(next);
                random.FillGaussian(preSquash);
                for (int j = 0; j < Actions; j++)
                {
                    action[j] = MathF.Tanh(preSquash[j]);
                }

                long start = Stopwatch.GetTimestamp();
                learner.Observe(
                    new Transition
                    {
                        Observation = now,
                        Proposed = action,
                        PreSquash = preSquash,
                        Executed = action,
                        NextObservation = next,
                        LogProbability = -5,
                        Reward = now[0],
                        End = sequence % 200 == 199 ? EpisodeEnd.Truncated : EpisodeEnd.None,
                        Learnable = true,
                        Sequence = sequence++,
                    }
                );
                learner.Update();
                ticks += Stopwatch.GetTimestamp() - start;
            }

            microseconds[batch] = ticks * 1e6 / Stopwatch.Frequency / UpdatesPerBatch;
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Array.Sort(microseconds);
        return (microseconds[Batches / 2], microseconds[0], allocated);
    }
}
