using RobotRl.Algorithms;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Tests.Admission;

namespace RobotRl.Runtime.Tests.Learning;

public sealed class LearnerLoopTests : IDisposable
{
    private static readonly FrameLayout s_layout = new(2, 1, 0);

    private readonly ScriptedLearner _learner = new(2);
    private readonly AdmissionGate _admission;
    private readonly PolicyMailbox _policies,
        _fallback;

    public LearnerLoopTests()
    {
        _admission = new AdmissionGate(_learner.Policy, new ContinuousActionSpace(1), null, new AdmissionOptions { RefusalsToRevert = 3 });
        (_policies, _fallback) = (new(_learner.Policy), new(_learner.Policy));
    }

    public void Dispose()
    {
        _admission.Dispose();
        _policies.Dispose();
        _fallback.Dispose();
    }

    [Fact]
    public void Offer_WeightsThatAreNoNumbers_AreNeverTaken_TheLastAdmittedGoesOn()
    {
        LearnerLoop loop = Make();
        _learner.Bias = 0.5f;
        Assert.True(loop.Offer().Admitted);
        Assert.True(_policies.TryTake());
        _learner.Bias = float.NaN;
        Assert.Equal(RefusalReason.NonFiniteWeights, loop.Offer().Reason);
        Assert.False(_policies.TryTake());
        Assert.Equal(MathF.Tanh(0.5f), Action(_policies), 1e-5f);
        Assert.Equal((1L, 1L, "NonFiniteWeights"), (loop.Status.Refused, loop.Status.RefusedInRow, loop.Status.LastRefusal));
    }

    [Fact]
    public void Offer_RefusedBeforeThereIsAChampion_LeavesTheLastAdmittedToFallBackOn()
    {
        LearnerLoop loop = Make();
        _learner.Bias = 0.5f;
        loop.Offer();
        Assert.False(_fallback.TryTake());
        _learner.Bias = float.NaN;
        loop.Offer();
        Assert.True(_fallback.TryTake());
        Assert.Equal(MathF.Tanh(0.5f), Action(_fallback), 1e-5f);
    }

    [Fact]
    public void Offer_RefusedInARow_PutsTheLearnerBack_AndAnAdmittedOneEndsTheRow()
    {
        LearnerLoop loop = Make();
        _learner.Bias = 0.25f;
        loop.Offer();
        _learner.Bias = float.NaN;
        loop.Offer();
        loop.Offer();
        Assert.Null(_learner.Reverted);
        loop.Offer();
        Assert.Equal((0.25f, 1L), (_learner.Reverted, loop.Status.Rollbacks));
        Assert.True(loop.Offer().Admitted);
        Assert.Equal((3L, 0L), (loop.Status.Refused, loop.Status.RefusedInRow));
    }

    [Fact]
    public void CopyFinalPolicy_LearnerWithoutFiniteNumbers_IsTheLastAdmitted()
    {
        LearnerLoop loop = Make();
        _learner.Bias = 0.25f;
        loop.Offer();
        _learner.Bias = float.PositiveInfinity;
        var block = new PolicyBlock(_learner.Policy);
        loop.CopyFinalPolicy(block);
        Assert.Equal(0.25f, block.Parameters[^1]);
    }

    [Fact]
    public void CopyFinalPolicy_RefusedAtTheGate_IsTheLastAdmitted()
    {
        LearnerLoop loop = Make();
        for (int i = 0; i < 600; i++)
        {
            Take(loop, i);
        }

        _learner.Bias = 0.25f;
        Assert.True(loop.Offer().Admitted);
        _learner.Bias = -5f;
        var block = new PolicyBlock(_learner.Policy);
        loop.CopyFinalPolicy(block);
        Assert.Equal(0.25f, block.Parameters[^1]);
        Assert.Equal(1, _admission.RefusedCount(RefusalReason.ActionJump));
    }

    [Fact]
    public void OfferAgain_NextOfferRefused_TheLastAdmittedActs()
    {
        LearnerLoop loop = Make();
        _learner.Bias = 0.25f;
        loop.Offer();
        Assert.True(_policies.TryTake());
        loop.OfferAgain();
        _learner.Bias = float.NaN;
        Assert.False(loop.Offer().Admitted);
        Assert.True(_policies.TryTake());
        Assert.Equal(MathF.Tanh(0.25f), Action(_policies), 1e-5f);
    }

    [Fact]
    public void Step_EveryFewUpdates_Offers()
    {
        LearnerLoop loop = Make(new LearnerOptions { OfferEveryUpdates = 3 });
        for (int i = 0; i < 7; i++)
        {
            Take(loop, i);
            while (loop.Step()) { }
        }

        Assert.Equal((7L, 2L), (_learner.Updates, _admission.AdmittedCount));
        Assert.True(_policies.TryTake());
        Assert.Equal(7, _policies.Front.Version);
    }

    [Fact]
    public void Take_RealTimeLearnerTooSlow_GivesUpAndCounts()
    {
        LearnerLoop loop = Make(new LearnerOptions { MaxBacklogSteps = 10 }, realTime: true);
        for (int i = 0; i < 100; i++)
        {
            Take(loop, i);
        }

        Assert.Equal(90, loop.Status.GivenUpUpdates);
        int done = 0;
        for (; loop.Step(); done++) { }

        Assert.Equal((10, 0.1, 100L), (done, loop.Status.AchievedUpdatesPerStep, _learner.Observed));
    }

    [Fact]
    public void Take_Lockstep_GivesNothingUp()
    {
        LearnerLoop loop = Make(new LearnerOptions { MaxBacklogSteps = 10 });
        for (int i = 0; i < 100; i++)
        {
            Take(loop, i);
        }

        Assert.Equal(0, loop.Status.GivenUpUpdates);
    }

    [Fact]
    public void Take_Frozen_IsObservedButAsksForNoUpdate()
    {
        LearnerLoop loop = Make();
        loop.Status.Frozen = true;
        for (int i = 0; i < 5; i++)
        {
            Take(loop, i);
            Assert.False(loop.Step());
        }

        Assert.Equal((5L, 0L, 4L), (_learner.Observed, _learner.Updates, loop.LastSequence));
        loop.Status.Frozen = false;
        Assert.False(loop.Step());
    }

    [Theory]
    [InlineData(SwapRule.RolloutEnd)]
    [InlineData(SwapRule.EpisodeEnd)]
    public void Take_OnPolicyStepOfAnOlderPolicy_IsShownButNotLearnedFrom_AndCounted(SwapRule rule)
    {
        // Policy 1 goes out; the robot makes two more steps with it after the update's policy 2 was offered.
        var learner = new ScriptedLearner(2) { SwapRule = rule };
        LearnerLoop loop = new(learner, s_layout, _admission, _policies, _fallback, new LearnerOptions(), realTime: false);
        loop.Offer();
        Take(loop, 0, version: 1);
        Take(loop, 1, version: 1);
        Assert.True(loop.Step());
        Assert.Equal(2, learner.Updates + 1);
        Take(loop, 2, version: 1);
        Take(loop, 3, version: 1);
        Take(loop, 4, version: 2);
        Assert.Equal((5L, 2L), (learner.Observed, loop.Status.StaleSteps));
        Assert.Equal([1L, 1L, 2L], learner.LearnableVersions);
    }

    [Fact]
    public void Take_OnPolicyAfterARefusedOffer_TheAdmittedPolicysStepsStillCount_AfterALoadToo()
    {
        var learner = new ScriptedLearner(2) { SwapRule = SwapRule.RolloutEnd };
        LearnerLoop loop = new(learner, s_layout, _admission, _policies, _fallback, new LearnerOptions(), realTime: false);
        loop.Offer();
        Take(loop, 0, version: 1);
        learner.Bias = float.NaN;
        Assert.True(loop.Step());
        Take(loop, 1, version: 1);
        Assert.Equal(0, loop.Status.StaleSteps);
        var state = new MemoryState();
        loop.Save(state);
        loop = new(learner, s_layout, _admission, _policies, _fallback, new LearnerOptions(), realTime: false);
        loop.Load(state);
        Take(loop, 2, version: 1);
        Take(loop, 3, version: 0);
        Assert.Equal([1L, 1L, 1L], learner.LearnableVersions);
        Assert.Equal(1, loop.Status.StaleSteps);
    }

    [Fact]
    public void Take_OffPolicyStepOfAnOlderPolicy_IsLearnedFrom()
    {
        LearnerLoop loop = Make();
        loop.Offer();
        Take(loop, 0, version: 7);
        Assert.Equal((1L, 0L), (_learner.Observed, loop.Status.StaleSteps));
    }

    [Fact]
    public void Load_CountersAndOffers_GoOn()
    {
        LearnerLoop loop = Make();
        _learner.Bias = float.NaN;
        loop.Offer();
        for (int i = 0; i < 3; i++)
        {
            Take(loop, i);
        }

        loop.Step();
        var state = new MemoryState();
        loop.Save(state);

        var other = new ScriptedLearner(2);
        using var admission = new AdmissionGate(
            other.Policy,
            new ContinuousActionSpace(1),
            null,
            new AdmissionOptions { RefusalsToRevert = 3 }
        );
        var loaded = new LearnerLoop(other, s_layout, admission, _policies, _fallback, new LearnerOptions(), realTime: false);
        loaded.Load(state);
        var again = new MemoryState();
        loaded.Save(again);
        Assert.Equal(state.Values.Keys, again.Values.Keys);
        Assert.All(state.Values, pair => Assert.Equal(pair.Value, again.Values[pair.Key]));
        Assert.Equal((1L, 2L, 2L), (loaded.Status.Updates, loaded.Status.Refused, loaded.LastSequence));
        Assert.True(loaded.IsDue);
    }

    private LearnerLoop Make(LearnerOptions? options = null, bool realTime = false) =>
        new(_learner, s_layout, _admission, _policies, _fallback, options ?? new LearnerOptions { OfferEveryUpdates = 1 }, realTime);

    private static void Take(LearnerLoop loop, long sequence, long version = 0)
    {
        byte[] frame = new byte[s_layout.Size];
        FrameLayout.MutableHeader(frame) = new FrameHeader
        {
            Sequence = sequence,
            Learnable = 1,
            PolicyVersion = version,
        };
        loop.Take(frame);
    }

    private static float Action(PolicyMailbox mailbox)
    {
        float[] action = [0f];
        mailbox.Front.ActFrozen([0f, 0f], action);
        return action[0];
    }
}
