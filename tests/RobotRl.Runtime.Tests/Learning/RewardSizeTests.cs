using RobotRl.Algorithms;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Runtime.Learning;

namespace RobotRl.Runtime.Tests.Learning;

/// <summary>
/// Rewards whose squares are beyond single precision: every learner that the options can name learns from them, or it shows that
/// it does not.
/// </summary>
public sealed class RewardSizeTests
{
    public static TheoryData<string, bool> All => SmallLearners.All;

    [Theory]
    [MemberData(nameof(All))]
    public void Update_GreatRewards_LearnsOrShowsThatItDoesNot(string algorithm, bool discrete)
    {
        using ILearner learner = LearnerFactory.Create(SmallLearners.Options(algorithm), 2, SmallLearners.Actions(discrete), 3);
        (float[] policy, float[] values) = Look(learner);
        Feed(learner, 1e25f);
        Assert.True(learner.Updates + learner.RefusedUpdates > 0);
        (float[] policyAfter, float[] valuesAfter) = Look(learner);

        // The admission gate refuses what is not finite, and says so.
        bool gateSees = policyAfter.Concat(valuesAfter).Any(v => !float.IsFinite(v));
        bool learned = !policy.SequenceEqual(policyAfter) || !values.SequenceEqual(valuesAfter);
        Assert.True(gateSees || learned || learner.RefusedUpdates > 0, "nothing was learned and nobody was told");

        // And it goes on: what it has learned once does not freeze it for ever.
        if (!gateSees && learner.RefusedUpdates == 0)
        {
            Feed(learner, 1e25f);
            (float[] policyLater, float[] valuesLater) = Look(learner);
            Assert.True(
                !policyAfter.SequenceEqual(policyLater) || !valuesAfter.SequenceEqual(valuesLater),
                "it learned once and then no more"
            );
        }
    }

    private static (float[] Policy, float[] Values) Look(ILearner learner)
    {
        var block = new PolicyBlock(learner.Policy);
        learner.CopyPolicy(block);
        float[] values = new float[3];
        learner.EstimateValues([0.5f, -0.5f, 1, 2, -1, 0], values);
        return (block.Parameters, values);
    }

    private static void Feed(ILearner learner, float scale)
    {
        var block = new PolicyBlock(learner.Policy);
        using var policy = new PackedPolicy(learner.Policy);
        CounterRandom acting = new(3, RandomPurpose.Acting),
            world = new(3, RandomPurpose.Simulation);
        float[] observation = new float[2],
            next = new float[2],
            action = new float[1],
            preSquash = new float[1];
        for (int t = 0; t < 160; t++)
        {
            learner.CopyPolicy(block);
            policy.Pack(block);
            world.FillGaussian(next);
            float log = policy.Act(observation, acting, action, preSquash);
            if (!float.IsFinite(log))
            {
                return;
            }

            learner.Observe(
                new Transition
                {
                    Observation = observation,
                    Proposed = action,
                    PreSquash = preSquash,
                    Executed = action,
                    NextObservation = next,
                    LogProbability = log,
                    Reward = scale * (1 + action[0]),
                    End = t % 8 == 7 ? EpisodeEnd.Terminated : EpisodeEnd.None,
                    Learnable = true,
                    PolicyVersion = block.Version,
                    Sequence = t,
                }
            );
            if (learner.CanUpdate)
            {
                learner.Update();
            }

            next.CopyTo(observation, 0);
        }
    }
}
