using System.Diagnostics;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Replay;

namespace RobotRl.Benchmarks.Sac;

/// <summary>Transitions drawn per second from a full replay buffer of a million, and bytes allocated.</summary>
internal sealed class ReplaySampleBenchmark : IBenchmark
{
    private const int Capacity = 1_000_000,
        Batches = 2000,
        Rounds = 7;

    public string Name => "replay-sample";

    public string Summary => "transitions/s drawn from a replay buffer of a million, 17/6, batch 256, 1 and 3 steps";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        const int o = SacWork.Observations,
            a = SacWork.Actions,
            b = SacWork.Batch;
        var buffer = new ReplayBuffer(Capacity, o, a);
        float[] observation = new float[o],
            action = new float[a];
        for (int i = 0; i < Capacity; i++)
        {
            buffer.Add(
                new()
                {
                    Observation = observation,
                    Executed = action,
                    NextObservation = observation,
                    Reward = i,
                    Learnable = true,
                    Sequence = i,
                },
                true
            );
        }

        var random = new CounterRandom(1, RandomPurpose.Replay);
        float[] observations = new float[b * o],
            actions = new float[b * a],
            returns = new float[b],
            bootstraps = new float[b],
            next = new float[b * o];
        long bytes = 0;
        double[] rates = new double[2];
        foreach ((int index, int steps) in new[] { 1, 3 }.Index())
        {
            var rounds = new List<double>();
            for (int round = 0; round <= Rounds; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread(),
                    start = Stopwatch.GetTimestamp();
                for (int i = 0; i < Batches; i++)
                {
                    buffer.Sample(
                        random,
                        steps,
                        0.99f,
                        new()
                        {
                            Observations = observations,
                            Actions = actions,
                            Returns = returns,
                            Bootstraps = bootstraps,
                            NextObservations = next,
                        }
                    );
                }

                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (round > 0)
                {
                    rounds.Add(Batches * b / seconds);
                    bytes += allocated;
                }
            }

            rates[index] = SacWork.Median(rounds);
            log.WriteLine($"{steps}-step: {rates[index] / 1e6:F2} million transitions/s, {1e6 * b / rates[index]:F1} us a batch of {b}");
        }

        return new(Name, rates[0], "transitions/s", null, null, null, $"0 B allocated (there were {bytes})", bytes == 0);
    }
}
