using RobotRl.Algorithms;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Runtime.Learning;

namespace RobotRl.Runtime.Tests.Learning;

/// <summary>What an episode's end means to every learner that the options can name: only a termination stops bootstrapping.</summary>
public sealed class EpisodeEndTests
{
    public static TheoryData<string, bool> All => SmallLearners.All;

    [Theory]
    [MemberData(nameof(All))]
    public void Update_AfterAnyEndButATermination_LearnsTheSame_AndAfterATerminationLess(string algorithm, bool discrete)
    {
        // A reward of 1 at every step: what was only cut off is worth more than what is over.
        (float[] cut, float[] values) = Learn(algorithm, discrete, EpisodeEnd.Truncated);
        (float[] over, float[] last) = Learn(algorithm, discrete, EpisodeEnd.Terminated);
        Assert.NotEqual(cut, over);
        Assert.True(values.Average() > last.Average(), $"{values.Average()} where time was up, {last.Average()} where it was over");
        foreach (EpisodeEnd end in (ReadOnlySpan<EpisodeEnd>)[EpisodeEnd.Fault, EpisodeEnd.Takeover])
        {
            (float[] policy, float[] same) = Learn(algorithm, discrete, end);
            Assert.Equal(cut, policy);
            Assert.Equal(values, same);
        }
    }

    /// <summary>Policy and values after episodes of three steps that all end so.</summary>
    private static (float[] Policy, float[] Values) Learn(string algorithm, bool discrete, EpisodeEnd end)
    {
        using ILearner learner = LearnerFactory.Create(SmallLearners.Options(algorithm), 2, SmallLearners.Actions(discrete), 3);
        var block = new PolicyBlock(learner.Policy);
        using var policy = new PackedPolicy(learner.Policy);
        CounterRandom acting = new(3, RandomPurpose.Acting),
            world = new(3, RandomPurpose.Simulation);
        float[] observation = new float[2],
            next = new float[2],
            action = new float[1],
            preSquash = new float[1];
        for (int t = 0; t < 1200; t++)
        {
            learner.CopyPolicy(block);
            policy.Pack(block);
            world.FillGaussian(next);
            float log = policy.Act(observation, acting, action, preSquash);
            learner.Observe(
                new Transition
                {
                    Observation = observation,
                    Proposed = action,
                    PreSquash = preSquash,
                    Executed = action,
                    NextObservation = next,
                    LogProbability = log,
                    Reward = 1,
                    End = t % 3 == 2 ? end : EpisodeEnd.None,
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
            if (t % 3 == 2)
            {
                world.FillGaussian(observation);
            }
        }

        float[] probes = new float[40],
            values = new float[20];
        world.FillGaussian(probes);
        learner.EstimateValues(probes, values);
        return (block.Parameters, values);
    }
}
