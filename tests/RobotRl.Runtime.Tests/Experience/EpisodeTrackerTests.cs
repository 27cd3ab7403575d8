using RobotRl.Algorithms.Experience;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Tests.Admission;

namespace RobotRl.Runtime.Tests.Experience;

public sealed class EpisodeTrackerTests
{
    private static readonly FrameLayout s_layout = new(1, 1, 0);

    [Fact]
    public void Add_WholeEpisode_SumsItUp()
    {
        var tracker = new EpisodeTracker();
        Assert.False(Add(tracker, 5, 0, 1, policy: 3, out _));
        Assert.False(Add(tracker, 6, 1, 2, policy: 4, out _, gated: true));
        Assert.True(Add(tracker, 7, 2, 4, policy: 9, out EpisodeResult result, EpisodeEnd.Terminated));
        Assert.Equal(new EpisodeResult(1, 7, 7, 3, 1, EpisodeEnd.Terminated, 3, 9, true) { ByNewestPolicies = true }, result);
    }

    [Fact]
    public void Add_GapInTheSequence_IsNotWhole_TheNextOneIs()
    {
        var tracker = new EpisodeTracker();
        Add(tracker, 0, 0, 1, 1, out _);
        Assert.True(Add(tracker, 2, 2, 1, 1, out EpisodeResult torn, EpisodeEnd.Truncated));
        Assert.False(torn.Whole);
        Assert.True(Add(tracker, 3, 0, 8, 1, out EpisodeResult next, EpisodeEnd.Truncated));
        Assert.Equal((true, 8.0), (next.Whole, next.Return));
    }

    [Fact]
    public void Add_FirstFrameLost_IsNotWhole()
    {
        var tracker = new EpisodeTracker();
        Add(tracker, 0, 0, 1, 1, out _, EpisodeEnd.Terminated);
        Assert.True(Add(tracker, 2, 1, 1, 1, out EpisodeResult result, EpisodeEnd.Truncated));
        Assert.False(result.Whole);
    }

    [Fact]
    public void Add_AnotherEpisodeBeginsBeforeTheLastOneEnded_ItsReturnIsItsOwn()
    {
        var tracker = new EpisodeTracker();
        Add(tracker, 0, 0, 91, 1, out _);
        Assert.True(Add(tracker, 2, 0, 8, 1, out EpisodeResult result, EpisodeEnd.Truncated));
        Assert.Equal((8.0, 1, true), (result.Return, result.Length, result.Counts));
    }

    [Fact]
    public void Add_SpoiltOrFaulted_DoesNotCount()
    {
        var tracker = new EpisodeTracker();
        Add(tracker, 0, 0, 1, 1, out _);
        tracker.Spoil();
        Assert.True(Add(tracker, 1, 1, 1, 1, out EpisodeResult spoilt, EpisodeEnd.Truncated));
        Assert.True(Add(tracker, 2, 0, 1, 1, out EpisodeResult faulted, EpisodeEnd.Fault));
        Assert.Equal((false, true, false), (spoilt.Counts, faulted.Whole, faulted.Counts));
    }

    [Fact]
    public void Load_InMidEpisode_GoesOn()
    {
        EpisodeTracker saved = new(),
            loaded = new();
        Add(saved, 0, 0, 1.5f, 2, out _, gated: true);
        Add(saved, 1, 1, 1.5f, 2, out _);
        var state = new MemoryState();
        saved.Save("e", state);
        loaded.Load("e", state);
        Assert.True(Add(loaded, 2, 2, 1, 5, out EpisodeResult result, EpisodeEnd.Truncated));
        Assert.Equal(
            (4.0, 3, 1, 2L, 5L, true),
            (result.Return, result.Length, result.GatedSteps, result.FirstPolicy, result.LastPolicy, result.Whole)
        );
    }

    private static bool Add(
        EpisodeTracker tracker,
        long sequence,
        int step,
        float reward,
        long policy,
        out EpisodeResult result,
        EpisodeEnd end = EpisodeEnd.None,
        bool gated = false
    )
    {
        byte[] frame = new byte[s_layout.Size];
        FrameLayout.MutableHeader(frame) = new FrameHeader
        {
            Sequence = sequence,
            Episode = 1,
            Step = step,
            Reward = reward,
            PolicyVersion = policy,
            End = end,
            Gated = gated ? (byte)1 : (byte)0,
        };
        return tracker.Add(frame, out result);
    }
}
