using RobotRl.Algorithms.Experience;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>What a frame says of its episode: whether it was cut short, who acted, whether the goal is reached.</summary>
public sealed class FrameMarksTests
{
    [Fact]
    public void EndEpisode_BeforeTheTimeLimit_IsCut_TheTimeLimitIsNot()
    {
        using LoopRig rig = new LoopRig();
        rig.Task.MaxEpisodeSteps = 3;
        rig.Begin();
        rig.Loop.EndEpisode();
        rig.Tick();
        rig.Loop.BeginEpisode();
        rig.Tick(4);
        List<LoopRig.Frame> frames = rig.TakeAll();
        Assert.Equal((EpisodeEnd.Truncated, 1), (frames[0].Header.End, frames[0].Header.Cut));
        Assert.Equal([0, 0, 0], frames.Skip(1).Select(f => (int)f.Header.Cut));
        Assert.Equal(EpisodeEnd.Truncated, frames[3].Header.End);
    }

    [Fact]
    public void Disarm_InAnEpisode_IsCut()
    {
        using LoopRig rig = new LoopRig().Begin();
        rig.Loop.Disarm();
        rig.Tick();
        LoopRig.Frame frame = rig.TakeAll()[^1];
        Assert.Equal((EpisodeEnd.Truncated, (byte)1), (frame.Header.End, frame.Header.Cut));
    }

    [Fact]
    public void EndEpisode_AtTheStepThatTheTaskTerminates_IsTheTasksEnd()
    {
        using LoopRig rig = new LoopRig().Begin();
        rig.Loop.EndEpisode();
        rig.Robot.Position = 10;
        rig.Tick();
        LoopRig.Frame frame = rig.TakeAll()[^1];
        Assert.Equal((EpisodeEnd.Terminated, (byte)0), (frame.Header.End, frame.Header.Cut));
    }

    [Fact]
    public void Act_WhileTheChampionStandsIn_SaysSo()
    {
        using LoopRig rig = new LoopRig().Begin(bias: 0.5f);
        rig.Fallback.Offer(LoopRig.Block(-0.25f));
        rig.Tick();
        rig.Loop.Demanded = FailsafeAction.FallbackPolicy;
        rig.Tick(2);
        List<LoopRig.Frame> frames = rig.TakeAll();
        Assert.Equal(0, frames[0].Header.Fallback);
        Assert.Equal(1, frames[^1].Header.Fallback);
    }

    [Fact]
    public void Complete_TaskWithAGoal_SaysWhetherItIsReached_AndOneWithoutSaysNothing()
    {
        using LoopRig rig = new LoopRig().Begin();
        rig.Tick();
        Assert.Equal(0, rig.Take().Header.Goal);

        using LoopRig aiming = new LoopRig(goal: 0.5).Begin();
        aiming.Robot.Position = 0.4;
        aiming.Tick();
        aiming.Robot.Position = 0.6;
        aiming.Tick();
        Assert.Equal([1, 2], aiming.TakeAll().Select(f => (int)f.Header.Goal));
    }
}
