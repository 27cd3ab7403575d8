using RobotRl.Algorithms;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Benchmarks.Peers;

/// <summary>Random observations with the actions that an on-policy learner's own newest policy draws there.</summary>
internal sealed class PpoRollout(int steps)
{
    private readonly CounterRandom _random = new(2, RandomPurpose.Simulation);
    private long _sequence;

    /// <summary>Shows <paramref name="learner"/> one rollout.</summary>
    public void Show(ILearner learner)
    {
        var block = new PolicyBlock(learner.Policy);
        learner.CopyPolicy(block);
        using var policy = new PackedPolicy(learner.Policy);
        policy.Pack(block);
        float[] observation = new float[learner.Policy.ObservationSize],
            next = new float[observation.Length],
            action = new float[learner.Policy.ActionSize],
            sample = new float[action.Length];
        for (int i = 0; i < steps; i++)
        {
            _random.FillGaussian(next);
            float logProbability = policy.Act(observation, _random, action, sample);
            learner.Observe(
                new()
                {
                    Observation = observation,
                    Proposed = action,
                    PreSquash = sample,
                    Executed = action,
                    NextObservation = next,
                    LogProbability = logProbability,
                    Reward = _random.NextGaussian(),
                    Learnable = true,
                    Sequence = _sequence,
                    End = _sequence % 1000 == 999 ? EpisodeEnd.Truncated : EpisodeEnd.None,
                }
            );
            _sequence++;
            next.CopyTo(observation, 0);
        }
    }
}
