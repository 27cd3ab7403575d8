using RobotRl.Algorithms;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Sac;
using RobotRl.Benchmarks.Sac;

namespace RobotRl.Benchmarks.Managed;

/// <summary>The managed learners that the benchmarks measure, with replay full of random transitions.</summary>
internal static class ManagedSacWork
{
    /// <summary>SAC of <see cref="SacWork"/>'s sizes.</summary>
    public static ManagedSacLearner Learner() =>
        Filled(
            new ManagedSacLearner(
                new SacOptions
                {
                    HiddenWidth = SacWork.Width,
                    BatchSize = SacWork.Batch,
                    ReplayCapacity = 100_000,
                },
                SacWork.Observations,
                SacWork.Actions,
                seed: 1
            )
        );

    /// <summary>Shows a learner <paramref name="transitions"/> random transitions.</summary>
    public static T Filled<T>(T learner, int transitions = 10_000)
        where T : ILearner
    {
        var random = new CounterRandom(2, RandomPurpose.Simulation);
        float[] observation = new float[learner.Policy.ObservationSize],
            next = new float[observation.Length],
            action = new float[learner.Policy.ActionSize];
        for (int i = 0; i < transitions; i++)
        {
            random.FillGaussian(next);
            for (int a = 0; a < action.Length; a++)
            {
                action[a] = (2 * random.NextSingle()) - 1;
            }

            learner.Observe(
                new()
                {
                    Observation = observation,
                    Proposed = action,
                    PreSquash = action,
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
}
