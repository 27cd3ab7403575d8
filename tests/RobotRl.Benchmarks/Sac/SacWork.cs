using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Sac;

namespace RobotRl.Benchmarks.Sac;

/// <summary>
/// The learner that the update benchmarks measure: 17 observations, 6 actions, 2 x 256, minibatch 256 (HalfCheetah's sizes).
/// </summary>
internal static class SacWork
{
    public const int Observations = 17,
        Actions = 6,
        Width = 256,
        Batch = 256;

    /// <summary>A learner whose replay holds random transitions.</summary>
    public static TorchSacLearner Learner(int transitions = 10_000, int capacity = 100_000)
    {
        var learner = new TorchSacLearner(
            new SacOptions
            {
                HiddenWidth = Width,
                BatchSize = Batch,
                ReplayCapacity = capacity,
            },
            Observations,
            Actions,
            seed: 1
        );
        var random = new CounterRandom(2, RandomPurpose.Simulation);
        float[] observation = new float[Observations],
            next = new float[Observations],
            action = new float[Actions];
        for (int i = 0; i < transitions; i++)
        {
            random.FillGaussian(next);
            for (int a = 0; a < Actions; a++)
            {
                action[a] = (2 * random.NextSingle()) - 1;
            }

            learner.Observe(
                new()
                {
                    Observation = observation,
                    Executed = action,
                    NextObservation = next,
                    Reward = random.NextGaussian(),
                    Learnable = true,
                    Sequence = i,
                    End = i % 1000 == 999 ? EpisodeEnd.Truncated : EpisodeEnd.None,
                }
            );
            next.CopyTo(observation, 0);
        }

        return learner;
    }

    /// <summary>The median.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
