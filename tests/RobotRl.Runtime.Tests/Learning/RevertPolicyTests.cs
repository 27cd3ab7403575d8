using RobotRl.Algorithms;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Learning;

namespace RobotRl.Runtime.Tests.Learning;

/// <summary>
/// A rollback, for every learner that the options can name: what acting needs goes back together, and what stays goes on meaning
/// the same.
/// </summary>
public sealed class RevertPolicyTests
{
    private const int Observations = 3,
        Probes = 20;

    /// <summary>Algorithm, whether its actions are discrete, and its backend.</summary>
    public static TheoryData<string, bool, string> All
    {
        get
        {
            var all = new TheoryData<string, bool, string>();
            foreach (TheoryDataRow<string, bool> row in SmallLearners.All)
            {
                all.Add(row.Data.Item1, row.Data.Item2, "managed");
                if (!row.Data.Item2 && LearnerBackends.Both.Contains(row.Data.Item1))
                {
                    all.Add(row.Data.Item1, false, "torch");
                }
            }

            all.Add("sac-sde", false, "managed");
            all.Add("sac-sde", false, "torch");
            all.Add("ppo-sde", false, "managed");
            all.Add("a2c-sde", false, "managed");
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void RevertPolicy_AfterTheNormaliserMoved_ActsBitForBitAsTheChampionDid(string name, bool discrete, string backend)
    {
        using ILearner learner = Make(name, discrete, backend);
        PolicyBlock champion = new(learner.Policy),
            later = new(learner.Policy),
            reverted = new(learner.Policy);
        long steps = Feed(learner, 0, 120, shift: 0);
        learner.CopyPolicy(champion);
        Feed(learner, steps, 120, shift: 2);
        learner.CopyPolicy(later);
        float[] before = Act(champion),
            moved = Act(later);
        if (!discrete)
        {
            Assert.NotEqual(before, moved);
        }

        learner.RevertPolicy(champion);
        learner.CopyPolicy(reverted);
        Assert.Equal(before, Act(reverted));
        Assert.Equal(champion.NormaliserMean, reverted.NormaliserMean);
        Assert.Equal(champion.NormaliserScale, reverted.NormaliserScale);

        // It goes on learning from there.
        Feed(learner, steps + 500, 60, shift: 2);
        learner.CopyPolicy(reverted);
        Assert.All(Act(reverted), a => Assert.True(float.IsFinite(a)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void RevertPolicy_ToTheSamePolicyUnderAnotherNormaliser_LeavesTheValuesAsTheyWere(string name, bool discrete, string backend)
    {
        using ILearner learner = Make(name, discrete, backend);
        PolicyBlock champion = new(learner.Policy),
            same = new(learner.Policy);
        Feed(learner, 0, 160, shift: 1);
        learner.CopyPolicy(champion);
        if (!champion.Normalise)
        {
            return; // A3C: its workers share no normaliser.
        }

        same.CopyFrom(champion);
        WriteForAnotherNormaliser(same);
        float[] probes = Raw(),
            values = new float[Probes],
            again = new float[Probes];
        learner.RevertPolicy(champion);
        learner.EstimateValues(probes, values);
        learner.RevertPolicy(same);
        learner.EstimateValues(probes, again);
        double spread = values.Max() - values.Min();
        Assert.True(spread > 0);
        for (int i = 0; i < Probes; i++)
        {
            Assert.Equal(values[i], again[i], (1e-3 * spread) + 1e-5);
        }
    }

    /// <summary>Other mean and scale, and a first layer that makes up for them: the same function of the raw observation.</summary>
    private static void WriteForAnotherNormaliser(PolicyBlock block)
    {
        MlpShape shape = block.Spec.Network;
        int outputs = shape.LayerOutputs(0);
        for (int i = 0; i < Observations; i++)
        {
            (float mean, float scale) = (block.NormaliserMean[i], block.NormaliserScale[i]);
            (float otherMean, float otherScale) = (mean + 0.4f - (0.3f * i), scale * (0.6f + (0.4f * i)));
            for (int j = 0; j < outputs; j++)
            {
                double weight = block.Parameters[(i * outputs) + j];
                block.Parameters[shape.BiasOffset(0) + j] += (float)(weight * (otherMean - mean) * scale);
                block.Parameters[(i * outputs) + j] = (float)(weight * scale / otherScale);
            }

            (block.NormaliserMean[i], block.NormaliserScale[i]) = (otherMean, otherScale);
        }
    }

    private static ILearner Make(string name, bool discrete, string backend)
    {
        string algorithm = name.Replace("-sde", "", StringComparison.Ordinal);
        LearnerOptions options = SmallLearners.Options(algorithm);
        (options.Backend, options.Device) = (backend, backend == "torch" ? "cpu" : options.Device);
        bool noise = algorithm != name;
        (
            options.Sac.StateDependentExploration,
            options.Ppo.Network.StateDependentExploration,
            options.A2c.Network.StateDependentExploration
        ) = (noise, noise, noise);
        return LearnerFactory.Create(options, Observations, SmallLearners.Actions(discrete), 3);
    }

    private static float[] Raw()
    {
        float[] probes = new float[Probes * Observations];
        new CounterRandom(11, RandomPurpose.Simulation).FillGaussian(probes);
        return probes;
    }

    private static float[] Act(PolicyBlock block)
    {
        using var policy = new PackedPolicy(block.Spec);
        policy.Pack(block);
        float[] actions = new float[Probes * block.Spec.ActionSize];
        policy.ActFrozenBatch(Raw(), actions);
        return actions;
    }

    /// <summary>
    /// Episodes of ten steps whose observations lie about <paramref name="shift"/>, with an update wherever one is possible.
    /// </summary>
    private static long Feed(ILearner learner, long sequence, int steps, float shift)
    {
        var block = new PolicyBlock(learner.Policy);
        using var policy = new PackedPolicy(learner.Policy);
        CounterRandom acting = new(3, RandomPurpose.Acting),
            world = new((ulong)sequence + 5, RandomPurpose.Simulation);
        float[] observation = new float[Observations],
            next = new float[Observations],
            action = new float[1],
            preSquash = new float[1];
        for (int t = 0; t < steps; t++)
        {
            learner.CopyPolicy(block);
            policy.Pack(block);
            world.FillGaussian(next);
            for (int i = 0; i < Observations; i++)
            {
                next[i] = (next[i] * (1 + shift)) + (shift * (i + 1));
            }

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
                    Reward = (0.3f * next[0]) - (action[0] * action[0]),
                    End = t % 10 == 9 ? EpisodeEnd.Terminated : EpisodeEnd.None,
                    Learnable = true,
                    PolicyVersion = block.Version,
                    Sequence = sequence + t,
                }
            );
            if (learner.CanUpdate)
            {
                learner.Update();
            }

            next.CopyTo(observation, 0);
        }

        return sequence + steps;
    }
}
