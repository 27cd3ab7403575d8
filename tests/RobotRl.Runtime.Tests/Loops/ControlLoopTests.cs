using RobotRl.Algorithms.Experience;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>What a transition holds, and who sees which numbers.</summary>
public sealed class ControlLoopTests
{
    private static readonly long s_periodNs = (long)ScriptedRobot.Period.TotalNanoseconds;

    [Fact]
    public void Tick_ActionWithinLimits_TransitionHoldsWhatWasSeenAndDone()
    {
        using var rig = new LoopRig();
        rig.Robot.Position = 0.25;
        rig.Begin(bias: 0.5f);
        long acted = rig.NowNs;
        rig.Robot.Position = 0.75;
        rig.Tick();

        LoopRig.Frame frame = rig.Take();
        float action = MathF.Tanh(0.5f);
        Assert.Equal(0.25f, frame.Transition.Observation[0]);
        Assert.Equal(0.75f, frame.Transition.NextObservation[0]);
        Assert.Equal(action, frame.Transition.Proposed[0], 1e-6f);
        Assert.Equal(frame.Transition.Proposed[0], frame.Transition.Executed[0]);
        Assert.Equal(frame.Transition.Executed[0], frame.Transition.NextObservation[1]);
        Assert.Equal(0.75f, frame.Transition.Reward);
        Assert.True(frame.Transition.Learnable);
        Assert.False(frame.Transition.Gated);
        Assert.Equal(GateReasons.None, frame.Header.Reasons);
        Assert.Equal(EpisodeEnd.None, frame.Header.End);
        Assert.Equal(s_periodNs, frame.Header.PeriodNs);
        Assert.Equal(acted - 2_000_000, frame.Header.ReadingNs);
        Assert.Equal(acted + s_periodNs - 2_000_000, frame.Header.NextReadingNs);
        Assert.Equal((0L, 0L, 0, 1L), (frame.Header.Sequence, frame.Header.Episode, frame.Header.Step, frame.Header.PolicyVersion));
    }

    [Fact]
    public void Tick_LateTick_MeasuresThePeriodThatItTook()
    {
        using LoopRig rig = new LoopRig().Begin();
        rig.Robot.Now += 3 * ScriptedRobot.Period;
        rig.Tick();
        Assert.Equal(4 * s_periodNs, rig.Take().Header.PeriodNs);
    }

    [Fact]
    public void Tick_GateLimits_TransitionHoldsBothActionsAndWhy()
    {
        var safety = new SafetyOptions
        {
            Joints =
            {
                ["joint/position"] = new JointLimits { MaxPosition = 0.2, MinPosition = -0.2 },
            },
        };
        using LoopRig rig = new LoopRig(safety: safety).Begin(bias: 0.5f);
        rig.Tick();

        LoopRig.Frame frame = rig.Take();
        Assert.Equal(MathF.Tanh(0.5f), frame.Transition.Proposed[0], 1e-6f);
        Assert.Equal(0.2f, frame.Transition.Executed[0]);
        Assert.True(frame.Transition.Gated);
        Assert.Equal(GateReasons.Position, frame.Header.Reasons);
        Assert.True(frame.Transition.Learnable);
        Assert.Equal(0.2, rig.Robot.LastWritten);
        Assert.Equal(1, rig.Loop.Status.GatedSteps);
    }

    [Theory]
    [InlineData(FailsafeAction.None)]
    [InlineData(FailsafeAction.Hold)]
    [InlineData(FailsafeAction.ControlledStop)]
    public void Tick_TerminatedAndAnythingElse_TerminationWins(FailsafeAction demanded)
    {
        using var rig = new LoopRig();
        rig.Task.MaxEpisodeSteps = 1;
        rig.Begin();
        rig.Robot.Position = 3.5;
        rig.Loop.Demanded = demanded;
        rig.Tick();
        Assert.Equal(EpisodeEnd.Terminated, rig.Take().Header.End);
    }

    [Theory]
    [InlineData(FailsafeAction.Hold)]
    [InlineData(FailsafeAction.ControlledStop)]
    [InlineData(FailsafeAction.PowerOff)]
    public void Tick_FaultAtTheTimeLimit_IsAFault(FailsafeAction demanded)
    {
        using var rig = new LoopRig();
        rig.Task.MaxEpisodeSteps = 1;
        rig.Begin();
        rig.Loop.Demanded = demanded;
        rig.Tick();
        Assert.Equal(EpisodeEnd.Fault, rig.Take().Header.End);
    }

    [Fact]
    public void Tick_TimeLimit_TruncatesAndAwaitsAStart()
    {
        using var rig = new LoopRig();
        rig.Task.MaxEpisodeSteps = 3;
        rig.Begin().Tick(10);
        Assert.Equal([EpisodeEnd.None, EpisodeEnd.None, EpisodeEnd.Truncated], rig.TakeAll().Select(f => f.Header.End));
        Assert.Equal(LoopStage.AwaitingStart, rig.Loop.Status.Stage);
        Assert.Equal((3L, 1L), (rig.Loop.Status.Steps, rig.Loop.Status.Episodes));
    }

    [Fact]
    public void EndEpisode_WhileRunning_TruncatesOnce()
    {
        using LoopRig rig = new LoopRig().Begin();
        rig.Tick();
        rig.Loop.EndEpisode();
        rig.Tick();
        rig.Loop.BeginEpisode();
        rig.Tick(2);
        Assert.Equal([EpisodeEnd.None, EpisodeEnd.Truncated, EpisodeEnd.None], rig.TakeAll().Select(f => f.Header.End));
    }

    [Fact]
    public void Tick_Divisor_GateAndWritesAtFullRate_OneTransitionOfTheMeanPerPolicyStep()
    {
        // At 10 rad/s and 100 Hz the command rises by 0.1 a tick.
        var safety = new SafetyOptions { Joints = { ["joint/position"] = new JointLimits { MaxCommandRate = 10 } } };
        using var rig = new LoopRig(divisor: 4, safety: safety);
        rig.Policies.Offer(LoopRig.Block(10));
        rig.Loop.Arm();
        rig.Tick();
        long writes = rig.Robot.Writes;
        rig.Loop.BeginEpisode();
        rig.Tick();
        Assert.Equal(0.1, rig.Robot.LastWritten, 1e-9);
        rig.Tick(3);
        Assert.Equal(0.4, rig.Robot.LastWritten, 1e-9);
        Assert.Equal(0, rig.Ring.Count);
        rig.Tick();

        LoopRig.Frame frame = rig.Take();
        Assert.Equal(writes + 5, rig.Robot.Writes);
        Assert.Equal(0.25f, frame.Transition.Executed[0], 1e-6f);
        Assert.Equal(0.4f, frame.Transition.NextObservation[1], 1e-6f);
        Assert.Equal(GateReasons.CommandRate, frame.Header.Reasons);
        Assert.Equal(4 * s_periodNs, frame.Header.PeriodNs);
        rig.Tick(3);
        Assert.Equal(0, rig.Ring.Count);
        Assert.Equal(1, rig.Loop.Status.Steps);
        rig.Tick();
        Assert.Equal(frame.Transition.NextObservation[1], rig.Take().Transition.Observation[1]);
    }

    [Theory]
    [InlineData(double.PositiveInfinity, 0.1, 1f)]
    [InlineData(5, 0.05, 0.5f)]
    public void Tick_IncrementalTask_MovesOnAtEveryTick_ExecutedIsTheMeanStep(double maxRate, double step, float executed)
    {
        var safety = new SafetyOptions
        {
            Joints = { ["joint/position"] = new JointLimits { MaxCommandRate = double.IsFinite(maxRate) ? maxRate : null } },
        };
        using LoopRig rig = new LoopRig(divisor: 4, safety: safety, incremental: true).Begin(bias: 20);
        for (int tick = 1; tick <= 4; tick++)
        {
            Assert.Equal(tick * step, rig.Robot.LastWritten, 1e-6);
            rig.Tick();
        }

        LoopRig.Frame frame = rig.Take();
        Assert.Equal(executed, frame.Transition.Executed[0], 1e-5f);
        Assert.Equal(1f, frame.Transition.Proposed[0], 1e-6f);
        Assert.Equal((float)(4 * step), frame.Transition.NextObservation[1], 1e-6f);
        Assert.Equal(5 * step, rig.Robot.LastWritten, 1e-6);
    }

    [Fact]
    public void Tick_DividedStepCutByAStop_IsTheMeanOfWhatWasWritten()
    {
        var safety = new SafetyOptions { Joints = { ["joint/position"] = new JointLimits { MaxCommandRate = 10 } } };
        using LoopRig rig = new LoopRig(divisor: 4, safety: safety).Begin(bias: 10);
        rig.Tick();
        rig.Loop.Demanded = FailsafeAction.ControlledStop;
        rig.Tick();

        LoopRig.Frame frame = rig.Take();
        Assert.Equal(0.15f, frame.Transition.Executed[0], 1e-6f);
        Assert.Equal((EpisodeEnd.Fault, 2 * s_periodNs), (frame.Header.End, frame.Header.PeriodNs));
    }

    [Fact]
    public void Tick_StaleNextReading_IsRecordedButNotLearnable()
    {
        using LoopRig rig = new LoopRig().Begin();
        rig.Robot.ReadStatus = IoStatus.NotFresh;
        rig.Tick();
        rig.Robot.ReadStatus = IoStatus.LinkLost;
        rig.Tick();
        rig.Robot.ReadStatus = IoStatus.Ok;
        rig.Tick().Tick();
        Assert.Equal([false, false, true, true], rig.TakeAll().Select(f => f.Transition.Learnable));
    }

    [Fact]
    public void Tick_FullRing_CountsWhatItDrops_SequenceShowsTheGap()
    {
        using LoopRig rig = new LoopRig(ring: 2).Begin();
        rig.Tick(5);
        Assert.Equal([0L, 1L], rig.TakeAll().Select(f => f.Header.Sequence));
        Assert.Equal(3, rig.Ring.Dropped);
        rig.Tick();
        Assert.Equal(5, rig.Take().Header.Sequence);
    }

    [Fact]
    public void Disarm_OpenEpisode_ClosesItAndCommandsNothing()
    {
        using LoopRig rig = new LoopRig().Begin();
        rig.Loop.Disarm();
        long writes = rig.Robot.Writes;
        rig.Tick(3);
        Assert.Equal(EpisodeEnd.Truncated, rig.Take().Header.End);
        Assert.Equal((LoopStage.Disarmed, writes), (rig.Loop.Status.Stage, rig.Robot.Writes));
    }
}
