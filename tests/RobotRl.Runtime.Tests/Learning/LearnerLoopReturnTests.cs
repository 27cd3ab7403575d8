using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Tests.Admission;

namespace RobotRl.Runtime.Tests.Learning;

/// <summary>Which returns the champion is judged by: those of whole episodes, by the policies that were let on, and no others.</summary>
public sealed class LearnerLoopReturnTests : IDisposable
{
    private const int Episodes = 4;
    private static readonly FrameLayout s_layout = new(2, 1, 0);

    private readonly ScriptedLearner _learner = new(2) { Bias = 0.25f };
    private readonly AdmissionGate _admission,
        _other;
    private readonly PolicyMailbox _policies,
        _fallback;
    private long _sequence,
        _episode;

    public LearnerLoopReturnTests()
    {
        var options = new AdmissionOptions { Champion = new() { Episodes = Episodes } };
        _admission = new AdmissionGate(_learner.Policy, new ContinuousActionSpace(1), null, options);
        _other = new AdmissionGate(_learner.Policy, new ContinuousActionSpace(1), null, options);
        (_policies, _fallback) = (new(_learner.Policy), new(_learner.Policy));
    }

    public void Dispose()
    {
        _admission.Dispose();
        _other.Dispose();
        _policies.Dispose();
        _fallback.Dispose();
    }

    [Fact]
    public void Take_TwoHalvesBeforeAndAfterAResume_AreNoEpisode()
    {
        LearnerLoop loop = Make(_admission);
        Run(loop, Episodes - 1, 100);

        // Killed in the middle of an episode; resumed with the number of the open transition left out, in another episode.
        Part(loop, 0, 5, 91);
        (_sequence, _episode) = (_sequence + 1, _episode + 1);
        Part(loop, 0, 5, 91, EpisodeEnd.Truncated);
        Assert.True(loop.Champion.Exists);
        Assert.Equal((300 + 91) / 4.0, loop.Champion.MeanReturn, 1e-5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(9)]
    public void Take_FramesLost_TheirEpisodeDoesNotCount(int lost)
    {
        LearnerLoop loop = Make(_admission);
        Run(loop, Episodes - 1, 100);
        for (int step = 0; step < 10; step++)
        {
            if (step != lost)
            {
                Frame(loop, step, 100, step == 9 ? EpisodeEnd.Truncated : EpisodeEnd.None);
            }

            _sequence++;
        }

        _episode++;
        Assert.False(loop.Champion.Exists);
        Run(loop, 1, 100);
        Assert.Equal(100, loop.Champion.MeanReturn, 1e-5);
    }

    [Fact]
    public void Take_EpisodeCutShortByAPause_DoesNotCount()
    {
        LearnerLoop loop = Make(_admission);
        Run(loop, Episodes - 1, -100);
        Part(loop, 0, 2, -2, EpisodeEnd.Truncated, cut: true);
        _episode++;
        Assert.False(loop.Champion.Exists);
        Run(loop, 1, -100);
        Assert.Equal(-100, loop.Champion.MeanReturn, 1e-5);
    }

    [Fact]
    public void Take_EpisodeInWhichTheChampionTookOver_DoesNotCount()
    {
        LearnerLoop loop = Make(_admission);
        Run(loop, Episodes - 1, 100);
        Part(loop, 0, 5, 500);
        Part(loop, 5, 5, 500, EpisodeEnd.Truncated, fallback: true);
        _episode++;
        Assert.False(loop.Champion.Exists);
        Run(loop, 1, 100);
        Assert.Equal(100, loop.Champion.MeanReturn, 1e-5);
    }

    [Theory]
    [InlineData(EpisodeEnd.Fault)]
    [InlineData(EpisodeEnd.Takeover)]
    public void Take_EpisodeEndedByAFault_DoesNotCount(EpisodeEnd end)
    {
        LearnerLoop loop = Make(_admission);
        Run(loop, Episodes - 1, 100);
        Part(loop, 0, 10, 500, end);
        _episode++;
        Assert.False(loop.Champion.Exists);
        Run(loop, 1, 100);
        Assert.Equal(100, loop.Champion.MeanReturn, 1e-5);
    }

    [Fact]
    public void Load_InTheMiddleOfAnEpisodeThatTheJournalCompletes_Counts()
    {
        LearnerLoop loop = Make(_admission),
            resumed = Make(_other);
        Run(loop, Episodes - 1, 100);
        Part(loop, 0, 5, 60);
        var state = new MemoryState();
        loop.Save(state);
        resumed.Load(state);
        Part(resumed, 5, 5, 60, EpisodeEnd.Truncated);
        Assert.Equal((300 + 120) / 4.0, resumed.Champion.MeanReturn, 1e-5);
    }

    [Fact]
    public void Take_AfterARollback_OldFramesOnTheirWayDoNotCountForTheChampion()
    {
        LearnerLoop loop = Make(_admission);
        Run(loop, Episodes, 100);
        Assert.Equal(100, loop.Champion.MeanReturn, 1e-5);
        Assert.True(_admission.Rollback(_learner, new(_learner.Policy)));
        for (int i = 0; i < Episodes; i++)
        {
            Part(loop, 0, 10, 900, EpisodeEnd.Truncated, version: 50);
            _episode++;
        }

        Assert.Equal(100, loop.Champion.MeanReturn, 1e-5);
    }

    [Fact]
    public void Step_UpdatesRefused_AreCountedAndShown_AndForgottenOnceWhenArmed()
    {
        LearnerLoop loop = Make(_admission);
        _learner.Refuses = true;
        Run(loop, 1, 1);
        for (int i = 0; i < 5; i++)
        {
            Assert.True(loop.Step());
        }

        Assert.Equal((5L, 5L, 0.5), (loop.Status.RefusedUpdates, loop.Status.TriedUpdates, loop.Status.RefusedUpdateShare));
        Assert.Contains("each of 5 updates was refused", LearningReport.NothingLearned(loop.Status), StringComparison.Ordinal);
        loop.Status.ForgetRefusedUpdates();
        Assert.Equal(0, loop.Status.RefusedUpdateShare);
        _learner.Refuses = false;
        loop.Step();
        Assert.Equal((5L, 6L, 0.0), (loop.Status.RefusedUpdates, loop.Status.TriedUpdates, loop.Status.RefusedUpdateShare));
        Assert.Null(LearningReport.NothingLearned(loop.Status));
        Assert.Contains("Updates refused: 5 of 6", Assert.Single(LearningReport.Lines(loop.Status)), StringComparison.Ordinal);
    }

    [Fact]
    public void Take_TransitionBrokenOffByAStop_IsNoRefusedOne_AndAFewRefusedOnesAreNoVerdict()
    {
        LearnerLoop loop = Make(_admission);
        Frame(loop, 0, 1, EpisodeEnd.Fault, learnable: false);
        Assert.Equal((0L, 0L), (loop.Status.Steps, loop.Status.RefusedSteps));
        Assert.Empty(LearningReport.Lines(loop.Status));
        for (int i = 1; i <= 20; i++)
        {
            Assert.Null(LearningReport.NothingLearned(loop.Status));
            _sequence++;
            Frame(loop, i, float.NaN, EpisodeEnd.None, learnable: false);
        }

        Assert.Contains("none of 20 transitions", LearningReport.NothingLearned(loop.Status), StringComparison.Ordinal);
    }

    [Fact]
    public void Take_OnlyTheLastTransitionsOfEpisodesRefused_TheirShareIsSeen()
    {
        LearnerLoop loop = Make(_admission);
        for (int i = 0; i < 10; i++)
        {
            Part(loop, 0, 50, 1);
            Frame(loop, 50, float.NaN, EpisodeEnd.Terminated, learnable: false);
            (_sequence, _episode) = (_sequence + 1, _episode + 1);
        }

        Assert.Equal(0.5, loop.Status.RefusedStepShare);
        Assert.Equal((10L, 510L, 10L, 10L), (loop.Status.RefusedSteps, loop.Status.Steps, loop.Status.RefusedEnds, loop.Status.Ends));
        Assert.Contains(
            "10 of 510 transitions, 10 of 10 ends of episodes",
            Assert.Single(LearningReport.Lines(loop.Status)),
            StringComparison.Ordinal
        );
    }

    private LearnerLoop Make(AdmissionGate admission)
    {
        var loop = new LearnerLoop(
            _learner,
            s_layout,
            admission,
            _policies,
            _fallback,
            new LearnerOptions { OfferEveryUpdates = 1000 },
            realTime: false
        );
        Assert.True(loop.Offer().Admitted);
        return loop;
    }

    /// <summary>Whole episodes of ten steps.</summary>
    private void Run(LearnerLoop loop, int episodes, float totalReward)
    {
        for (int i = 0; i < episodes; i++)
        {
            Part(loop, 0, 10, totalReward, EpisodeEnd.Truncated);
            _episode++;
        }
    }

    private void Part(
        LearnerLoop loop,
        int from,
        int steps,
        float totalReward,
        EpisodeEnd end = EpisodeEnd.None,
        bool cut = false,
        bool fallback = false,
        long version = 0
    )
    {
        for (int i = 0; i < steps; i++)
        {
            Frame(loop, from + i, totalReward / steps, i == steps - 1 ? end : EpisodeEnd.None, cut && i == steps - 1, fallback, version);
            _sequence++;
        }
    }

    private void Frame(
        LearnerLoop loop,
        int step,
        float reward,
        EpisodeEnd end,
        bool cut = false,
        bool fallback = false,
        long version = 0,
        bool learnable = true
    )
    {
        byte[] frame = new byte[s_layout.Size];
        FrameLayout.MutableHeader(frame) = new FrameHeader
        {
            Sequence = _sequence,
            Episode = _episode,
            Step = step,
            Reward = reward,
            End = end,
            Learnable = learnable ? (byte)1 : (byte)0,
            Cut = cut ? (byte)1 : (byte)0,
            Fallback = fallback ? (byte)1 : (byte)0,
            PolicyVersion = version,
        };
        loop.Take(frame);
    }
}
