using RobotRl.Algorithms;
using RobotRl.Algorithms.Experience;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>Numbers that are none, stops, arming, and which policy acts.</summary>
public sealed class ControlLoopFaultTests
{
    [Fact]
    public void Tick_DeviceTakesNoCommand_ThatTransitionIsNotLearnedFrom()
    {
        using LoopRig rig = new LoopRig().Begin();
        rig.Tick(1);
        rig.Robot.WriteStatus = IoStatus.Refused;
        rig.Tick(1);
        rig.Robot.WriteStatus = IoStatus.Ok;
        rig.Tick(2);

        // The command that was refused is of the transition that the next tick completes.
        Assert.Equal([true, true, false, true], rig.TakeAll().Select(f => f.Transition.Learnable));
    }

    [Fact]
    public void Tick_NaNReading_WritesTheHoldCommandAndCounts()
    {
        using LoopRig rig = new LoopRig().Begin();
        double held = rig.Robot.LastWritten;
        rig.Robot.Position = double.NaN;
        rig.Tick(3);
        Assert.Equal((held, false, 3L), (rig.Robot.LastWritten, rig.Robot.WroteNonFinite, rig.Loop.Status.NonFiniteInRow));
        rig.Robot.Position = 0;
        rig.Tick(2);
        Assert.Equal(0, rig.Loop.Status.NonFiniteInRow);
        Assert.Equal([false, false, false, false, true], rig.TakeAll().Select(f => f.Transition.Learnable));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Tick_PolicyWeightsNotFinite_WritesTheHoldCommandAndCounts(float weight)
    {
        using LoopRig rig = new LoopRig().Begin();
        double held = rig.Robot.LastWritten;
        var broken = LoopRig.Block(0.9f, version: 2);
        broken.Parameters[0] = weight;
        rig.Policies.Offer(broken);
        rig.Tick(2);
        Assert.Equal((held, false, 2L), (rig.Robot.LastWritten, rig.Robot.WroteNonFinite, rig.Loop.Status.NonFiniteInRow));
        LoopRig.Frame frame = rig.TakeAll()[1];
        Assert.False(frame.Transition.Learnable);
        Assert.Equal(GateReasons.NonFiniteAction, frame.Header.Reasons & GateReasons.NonFiniteAction);
        Assert.Equal(held, frame.Transition.Executed[0], 1e-6);
    }

    [Fact]
    public void Tick_NoPolicyYet_Holds()
    {
        using LoopRig rig = new LoopRig().BeginWithOffer();
        rig.Tick(2);
        Assert.Equal((0.0, false), (rig.Robot.LastWritten, rig.Robot.WroteNonFinite));
        Assert.Equal(3, rig.Loop.Status.NonFiniteInRow);
    }

    [Fact]
    public void Tick_HoldDemanded_WritesTheHoldCommandInTheSameTick()
    {
        using LoopRig rig = new LoopRig().Begin();
        double held = rig.Robot.LastWritten;
        long writes = rig.Robot.Writes;
        rig.Policies.Offer(LoopRig.Block(-0.5f));
        rig.Loop.Demanded = FailsafeAction.Hold;
        rig.Tick();
        Assert.Equal((LoopStage.Held, held, writes + 1), (rig.Loop.Status.Stage, rig.Robot.LastWritten, rig.Robot.Writes));
        Assert.Equal(EpisodeEnd.Fault, rig.Take().Header.End);

        rig.Loop.Demanded = FailsafeAction.None;
        rig.Tick(3);
        Assert.Equal((LoopStage.AwaitingStart, held, 0), (rig.Loop.Status.Stage, rig.Robot.LastWritten, rig.Ring.Count));
    }

    [Fact]
    public void Tick_HoldDemandedBeforeAStart_AsksForTheResetAgain()
    {
        using var rig = new LoopRig();
        rig.Policies.Offer(LoopRig.Block(0.5f));
        rig.Loop.Arm();
        rig.Tick();
        rig.Robot.ReadStatus = IoStatus.NotFresh;
        rig.Loop.BeginEpisode();
        rig.Loop.Demanded = FailsafeAction.Hold;
        rig.Tick();
        rig.Loop.Demanded = FailsafeAction.None;
        rig.Robot.ReadStatus = IoStatus.Ok;
        rig.Tick(2);
        Assert.Equal((LoopStage.AwaitingStart, false), (rig.Loop.Status.Stage, rig.Loop.StartPending));
    }

    [Theory]
    [InlineData(FailsafeAction.ControlledStop)]
    [InlineData(FailsafeAction.PowerOff)]
    public void Tick_StopDemanded_CommandsNothingFromTheSameTickOn(FailsafeAction demanded)
    {
        using LoopRig rig = new LoopRig().Begin();
        long writes = rig.Robot.Writes;
        rig.Loop.Demanded = demanded;
        rig.Tick();
        Assert.Equal((LoopStage.Stopped, writes), (rig.Loop.Status.Stage, rig.Robot.Writes));
        Assert.Equal(EpisodeEnd.Fault, rig.Take().Header.End);

        rig.Loop.Demanded = FailsafeAction.None;
        rig.Loop.BeginEpisode();
        rig.Tick(5);
        Assert.Equal((LoopStage.Stopped, writes, 0), (rig.Loop.Status.Stage, rig.Robot.Writes, rig.Ring.Count));
    }

    [Fact]
    public void Arm_AfterAStop_StartsFromTheMeasuredPose()
    {
        using LoopRig rig = new LoopRig().Begin();
        rig.Loop.Demanded = FailsafeAction.ControlledStop;
        rig.Tick();
        rig.Robot.Position = -1.25;
        rig.Loop.Demanded = FailsafeAction.None;
        rig.Loop.Arm();
        rig.Tick();
        Assert.Equal((LoopStage.AwaitingStart, -1.25), (rig.Loop.Status.Stage, rig.Robot.LastWritten));
    }

    [Fact]
    public void Arm_PoseThatIsNoNumber_WaitsForOneThatIs()
    {
        using LoopRig rig = new LoopRig().Begin();
        rig.Loop.Demanded = FailsafeAction.ControlledStop;
        rig.Tick();
        rig.Loop.Demanded = FailsafeAction.None;
        long writes = rig.Robot.Writes;
        rig.Robot.Position = double.NaN;
        rig.Loop.Arm();
        rig.Tick(2);
        Assert.Equal((LoopStage.Stopped, writes), (rig.Loop.Status.Stage, rig.Robot.Writes));
        rig.Robot.Position = 1.5;
        rig.Tick();
        Assert.Equal((LoopStage.AwaitingStart, 1.5), (rig.Loop.Status.Stage, rig.Robot.LastWritten));
    }

    [Theory]
    [InlineData(SwapRule.AnyTick, 2)]
    [InlineData(SwapRule.EpisodeEnd, 1)]
    [InlineData(SwapRule.RolloutEnd, 2)]
    public void Tick_OfferInMidEpisode_IsTakenWhereTheRuleAllows(SwapRule rule, long acting)
    {
        using LoopRig rig = new LoopRig(swapRule: rule).Begin();
        rig.Policies.Offer(LoopRig.Block(0.1f, version: 2));
        rig.Tick(2);
        Assert.Equal(acting, rig.TakeAll()[^1].Header.PolicyVersion);
        rig.Loop.EndEpisode();
        rig.Tick();
        rig.Loop.BeginEpisode();
        rig.Tick(2);
        Assert.Equal(2, rig.TakeAll()[^1].Header.PolicyVersion);
    }

    [Fact]
    public void Tick_OfferBetweenTwoPolicySteps_WaitsForTheNext()
    {
        using LoopRig rig = new LoopRig(divisor: 3).Begin(bias: 0.5f);
        rig.Policies.Offer(LoopRig.Block(-0.5f, version: 2));
        rig.Tick(2);
        Assert.Equal(Math.Tanh(0.5), rig.Robot.LastWritten, 1e-6);
        rig.Tick();
        Assert.Equal(Math.Tanh(-0.5), rig.Robot.LastWritten, 1e-6);
    }

    [Fact]
    public void Tick_FallbackDemanded_TheChampionActs_EvenOneOfferedInMidEpisode()
    {
        using LoopRig rig = new LoopRig().Begin(bias: 0.5f);
        rig.Fallback.Offer(LoopRig.Block(-0.25f, version: 77));
        rig.Loop.Demanded = FailsafeAction.FallbackPolicy;
        rig.Tick();
        Assert.Equal(Math.Tanh(-0.25), rig.Robot.LastWritten, 1e-6);
        rig.Loop.Demanded = FailsafeAction.None;
        rig.Tick();
        Assert.Equal(Math.Tanh(0.5), rig.Robot.LastWritten, 1e-6);
        Assert.Equal([1L, 77L], rig.TakeAll().Select(f => f.Header.PolicyVersion));
    }

    [Fact]
    public void Tick_FallbackDemandedWithoutAChampion_ThePresentPolicyGoesOn()
    {
        using LoopRig rig = new LoopRig().Begin(bias: 0.5f);
        rig.Loop.Demanded = FailsafeAction.FallbackPolicy;
        rig.Tick();
        Assert.Equal(Math.Tanh(0.5), rig.Robot.LastWritten, 1e-6);
    }
}
