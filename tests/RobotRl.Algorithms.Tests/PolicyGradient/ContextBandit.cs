using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

/// <summary>
/// Episodes of one step: an observation of two numbers, and a reward for the choice that its first one's sign asks for (of three,
/// the middle one
/// is always wrong), or for an action near half of it.
/// </summary>
internal static class ContextBandit
{
    /// <summary>Steps that count as the first: about one short rollout.</summary>
    private const int FirstSteps = 64;

    /// <summary>
    /// Lets the learner's policy act and learn; the mean reward of the first steps and of the last <paramref name="window"/>.
    /// </summary>
    public static (double First, double Last) Learn(ILearner learner, int steps, int window, ulong seed)
    {
        var block = new PolicyBlock(learner.Policy);
        using var policy = new PackedPolicy(learner.Policy);
        CounterRandom acting = new(seed, RandomPurpose.Acting),
            world = new(seed, RandomPurpose.Simulation);
        float[] observation = new float[2],
            next = new float[2],
            action = new float[1],
            preSquash = new float[1];
        (double first, double last) = (0, 0);
        for (int t = 0; t < steps; t++)
        {
            world.FillGaussian(observation);
            learner.CopyPolicy(block);
            policy.Pack(block);
            float logProbability = policy.Act(observation, acting, action, preSquash);
            bool discrete = learner.Policy.Head == PolicyHead.Categorical;
            float reward = discrete
                ? action[0] == (observation[0] > 0 ? 0 : 2)
                    ? 1
                    : 0
                : -MathF.Abs(preSquash[0] - (0.5f * observation[0]));
            learner.Observe(
                new Transition
                {
                    Observation = observation,
                    Proposed = action,
                    PreSquash = preSquash,
                    Executed = action,
                    NextObservation = next,
                    LogProbability = logProbability,
                    Reward = reward,
                    End = EpisodeEnd.Terminated,
                    Learnable = true,
                    PolicyVersion = block.Version,
                    Sequence = t,
                }
            );
            if (learner.CanUpdate)
            {
                learner.Update();
            }

            first += t < FirstSteps ? reward / FirstSteps : 0;
            last += t >= steps - window ? reward / window : 0;
        }

        return (first, last);
    }
}
