using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Torch;

namespace RobotRl.Algorithms.Tests.Sac;

public sealed class TorchSacLearnerTests
{
    private const int Observations = 3,
        Actions = 2;

    static TorchSacLearnerTests() => TorchThreads.Set(1);

    private static SacOptions Small() =>
        new()
        {
            HiddenWidth = 16,
            BatchSize = 8,
            LearningStarts = 20,
            ReplayCapacity = 64,
            ActorLearningRate = 1e-3,
            CriticLearningRate = 1e-3,
            TemperatureLearningRate = 1e-3,
        };

    [Fact]
    public void Update_SameSeedTwice_GivesSameBits()
    {
        Assert.True(Saved(Trained(Small(), 60)).SameAs(Saved(Trained(Small(), 60))));
        Assert.False(Saved(Trained(Small(), 60)).SameAs(Saved(Trained(Small(), 60, seed: 8))));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, true)]
    public void Load_HalfWayAndReplayRestored_ContinuesBitForBit(int steps, bool normalise)
    {
        SacOptions options = Small() with { StepsPerReturn = steps, NormaliseObservations = normalise };
        using TorchSacLearner whole = Trained(options, 150);
        using TorchSacLearner first = Trained(options, 90);
        var state = new MemoryState();
        first.Save(state);

        using var resumed = new TorchSacLearner(options, Observations, Actions, seed: 999);
        resumed.Load(state);
        Assert.Equal(64, resumed.RestoreLength);
        for (long i = 90 - resumed.RestoreLength; i < 90; i++)
        {
            Show(i, (in Transition t) => resumed.Restore(t));
        }

        Assert.True(state.SameAs(Saved(resumed)));
        Run(resumed, 90, 150);
        Assert.True(Saved(whole).SameAs(Saved(resumed)));
    }

    [Fact]
    public void Update_ProposedActionDiffers_LearnsFromTheExecutedOne()
    {
        using TorchSacLearner plain = Trained(Small(), 40),
            otherProposal = Trained(Small(), 40, proposed: 0.7f),
            otherExecution = Trained(Small(), 40, executed: 0.7f);
        Assert.True(Saved(plain).SameAs(Saved(otherProposal)));
        Assert.False(Saved(plain).SameAs(Saved(otherExecution)));
    }

    [Theory]
    [InlineData(EpisodeEnd.Terminated, 1.0, 1.0)]
    [InlineData(EpisodeEnd.Truncated, 2.0, 1.0)]
    [InlineData(EpisodeEnd.Fault, 2.0, 1.0)]
    [InlineData(EpisodeEnd.Takeover, 2.0, 3.0)]
    public void Update_RewardOneForEver_BootstrapsUnlessTerminated(EpisodeEnd end, double value, double rewardScale)
    {
        // With gamma = 1/2 and next = same state: Q = 1 where terminated, else 1 / (1 - gamma) = 2.
        SacOptions options = Small() with
        {
            Discount = 0.5,
            LearnTemperature = false,
            InitialTemperature = 1e-6,
            TargetRate = 0.05,
            CriticLearningRate = 3e-3,
            RewardScale = rewardScale,
        };
        using var learner = new TorchSacLearner(options, Observations, Actions, seed: 3);
        for (int i = 0; i < 20; i++)
        {
            learner.Observe(
                new()
                {
                    Observation = [0.1f, 0.2f, 0.3f],
                    Executed = [0.1f * (i % 10), -0.5f + (0.05f * i)],
                    NextObservation = [0.1f, 0.2f, 0.3f],
                    Reward = 1,
                    End = end,
                    Learnable = true,
                    Sequence = i,
                }
            );
        }

        for (int i = 0; i < 800; i++)
        {
            learner.Update();
        }

        float[] values = new float[1];
        learner.EstimateValues([0.1f, 0.2f, 0.3f], values);
        Assert.Equal(value, values[0], 0.1);
    }

    [Theory]
    [InlineData(float.NaN, 0f)]
    [InlineData(0f, float.PositiveInfinity)]
    public void Observe_NonFiniteNumber_IsCountedAndNeverLearnedFrom(float reward, float observation)
    {
        using TorchSacLearner learner = Trained(Small(), 60),
            bad = Trained(Small(), 60);
        for (int i = 0; i < 30; i++)
        {
            bad.Observe(
                new()
                {
                    Observation = [observation, 0, 0],
                    Executed = [0, 0],
                    NextObservation = [0, 0, 0],
                    Reward = reward,
                    Learnable = true,
                    Sequence = 60 + i,
                }
            );
        }

        Assert.Equal(30, bad.Metrics.ToArray().Single(m => m.Name == "replay/refused").Value);
        for (int i = 0; i < 50; i++)
        {
            bad.Update();
        }

        Assert.All(bad.Metrics.ToArray(), m => Assert.True(double.IsFinite(m.Value), m.Name));
    }

    [Fact]
    public void Update_BeforeLearningStarts_Throws()
    {
        using TorchSacLearner learner = Trained(Small(), 19);
        Assert.False(learner.CanUpdate);
        Assert.Throws<InvalidOperationException>(learner.Update);
    }

    [Fact]
    public void CopyPolicy_BeforeAndAfterFirstUpdate_SaysWhetherActionsAreUniform()
    {
        using TorchSacLearner learner = Trained(Small(), 19);
        var block = new PolicyBlock(learner.Policy);
        learner.CopyPolicy(block);
        Assert.True(block.UniformActions);
        Run(learner, 19, 21);
        learner.CopyPolicy(block);
        Assert.False(block.UniformActions);
        Assert.Equal(learner.Updates, block.Version);
    }

    [Fact]
    public void RevertPolicy_EarlierBlock_BringsItBackAndKeepsCritics()
    {
        using TorchSacLearner learner = Trained(Small(), 40);
        PolicyBlock early = new(learner.Policy),
            late = new(learner.Policy),
            reverted = new(learner.Policy);
        learner.CopyPolicy(early);
        Run(learner, 40, 80);
        learner.CopyPolicy(late);
        Assert.NotEqual(early.Parameters, late.Parameters);
        learner.RevertPolicy(early);
        learner.CopyPolicy(reverted);
        Assert.Equal(early.Parameters, reverted.Parameters);
        Run(learner, 80, 90);
    }

    [Fact]
    public void Load_OtherShape_ThrowsNamingTheState()
    {
        MemoryState state = Saved(Trained(Small(), 40));
        using var wider = new TorchSacLearner(Small() with { HiddenWidth = 17 }, Observations, Actions, 1);
        Assert.Equal("sac/policy/parameters", Assert.Throws<Checkpoints.StateMismatchException>(() => wider.Load(state)).Name);
    }

    [Fact]
    public void Update_ManyTimes_KeepsTensorsAndAllocationFlat()
    {
        using TorchSacLearner learner = Trained(Small(), 64);
        long tensors = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount,
            before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
        {
            learner.Update();
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 200, 0, 1024);
        Assert.Equal(tensors, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Metrics_Always_HaveTheSameNames()
    {
        using TorchSacLearner learner = Trained(Small(), 5);
        string[] before = [.. learner.Metrics.ToArray().Select(m => m.Name)];
        Run(learner, 5, 40);
        Assert.Equal(before, learner.Metrics.ToArray().Select(m => m.Name));
    }

    private delegate void Shown(in Transition transition);

    private static MemoryState Saved(TorchSacLearner learner)
    {
        var state = new MemoryState();
        learner.Save(state);
        return state;
    }

    private static TorchSacLearner Trained(SacOptions options, int steps, ulong seed = 7, float? proposed = null, float? executed = null)
    {
        var learner = new TorchSacLearner(options, Observations, Actions, seed);
        Run(learner, 0, steps, proposed, executed);
        return learner;
    }

    private static void Run(TorchSacLearner learner, long from, long to, float? proposed = null, float? executed = null)
    {
        for (long i = from; i < to; i++)
        {
            Show(i, (in Transition t) => learner.Observe(t), proposed, executed);
            if (learner.CanUpdate)
            {
                learner.Update();
            }
        }
    }

    private static void Show(long index, Shown shown, float? proposed = null, float? executed = null)
    {
        var random = new CounterRandom(77, (ulong)index);
        float[] observation = new float[Observations],
            next = new float[Observations],
            action = new float[Actions];
        random.FillGaussian(observation);
        random.FillGaussian(next);
        action[0] = MathF.Tanh(random.NextGaussian());
        action[1] = executed ?? 0.2f;
        shown(
            new()
            {
                Observation = observation,
                Proposed = [action[0], proposed ?? 0.2f],
                Executed = action,
                NextObservation = next,
                Reward = random.NextGaussian(),
                End =
                    index % 11 == 10 ? EpisodeEnd.Terminated
                    : index % 17 == 16 ? EpisodeEnd.Truncated
                    : EpisodeEnd.None,
                Learnable = index % 13 != 12,
                Sequence = index,
            }
        );
    }
}
