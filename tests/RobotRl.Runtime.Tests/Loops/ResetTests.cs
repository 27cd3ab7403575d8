using RobotRl.Algorithms;
using RobotRl.Algorithms.Randomness;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>Resets of a robot that cannot be put anywhere.</summary>
public sealed class ResetTests : IDisposable
{
    private readonly LoopRig _rig = new();
    private readonly ControlLoop _loop;
    private readonly MoveToStartReset _reset;

    public ResetTests()
    {
        var options = new TaskOptions { Reset = ResetKind.MoveToStart, Start = { ["joint/position"] = 0.5 } };
        _loop = new ControlLoop(
            _rig.Robot,
            _rig.Task,
            _rig.Gate,
            _rig.Ring,
            _rig.Policies,
            _rig.Fallback,
            new CounterRandom(7, RandomPurpose.Acting),
            new ControlLoopSettings(1, SwapRule.AnyTick, Frozen: false)
            {
                Move = new StartMove(_rig.Robot.Description, options, ScriptedRobot.Period),
            }
        );
        _reset = new MoveToStartReset(_loop);
        _rig.Policies.Offer(LoopRig.Block(0.5f));
        _loop.Arm();
        Tick();
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void MoveToStart_RobotThatFollows_GoesThereThroughTheGate_ThenTheEpisodeBegins()
    {
        int ticks = 0;
        while (!_reset.TryReset())
        {
            Assert.True(++ticks < 400);
            Follow();
            Assert.True(_loop.Status.Stage is LoopStage.Moving or LoopStage.AwaitingStart);
            Assert.Equal(0, _rig.Ring.Count);
        }

        Assert.Equal(0.5, _rig.Robot.Position, 0.05);
        Assert.InRange(ticks, 150, 230);
        _loop.BeginEpisode();
        Tick();
        Assert.Equal((LoopStage.Running, false), (_loop.Status.Stage, _loop.AtStart));
    }

    [Fact]
    public void MoveToStart_HoldOnTheWay_HoldsAndSetsOutAnew()
    {
        _reset.TryReset();
        Follow(50);
        Assert.Equal(LoopStage.Moving, _loop.Status.Stage);
        _loop.Demanded = FailsafeAction.Hold;
        Follow();
        double held = _rig.Robot.LastWritten;
        Follow(20);
        Assert.Equal((LoopStage.Held, held), (_loop.Status.Stage, _rig.Robot.LastWritten));
        _loop.Demanded = FailsafeAction.None;
        Follow();
        Assert.Equal((LoopStage.AwaitingStart, false), (_loop.Status.Stage, _reset.TryReset()));
        Follow(300);
        Assert.True(_reset.TryReset());
    }

    [Fact]
    public void MoveToStart_StopOnTheWay_CommandsNothingMore()
    {
        _reset.TryReset();
        Follow(50);
        _loop.Demanded = FailsafeAction.ControlledStop;
        Follow();
        long writes = _rig.Robot.Writes;
        Follow(10);
        Assert.Equal((LoopStage.Stopped, writes), (_loop.Status.Stage, _rig.Robot.Writes));
    }

    [Fact]
    public void MoveToStart_Tick_AllocatesNothing()
    {
        _reset.TryReset();
        Follow(100);
        Assert.Equal(LoopStage.Moving, _loop.Status.Stage);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Follow(20);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void ResetTimedOut_RobotThatDoesNotCome_Stops()
    {
        var supervisor = new Supervisor(new Failsafe(new FailsafeOptions()), _loop, _rig.Gate, _rig.Robot, null, realTime: true);
        _reset.TryReset();
        Tick();
        supervisor.ReportReset(_rig.NowNs);
        FailsafeDecision decision = default;
        for (int i = 0; i < 5990; i++)
        {
            Tick();
            decision = supervisor.Step(_rig.NowNs);
        }

        Assert.Equal((FailsafeAction.None, LoopStage.Moving), (decision.Action, _loop.Status.Stage));
        for (int i = 0; i < 20; i++)
        {
            Tick();
            decision = supervisor.Step(_rig.NowNs);
        }

        Assert.Equal((FailsafeAction.ControlledStop, (FailsafeCause?)FailsafeCause.ResetTimedOut), (decision.Action, decision.Cause));
        Assert.StartsWith(
            "joint/position is commanded to 0.5 rad and measured at 0 rad; its start pose is 0.5 rad (tolerance 0.05).",
            supervisor.History.Newest!.Measured,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void AskOperator_WaitsForTheWordAndForRest_EachTimeAnew()
    {
        bool rest = false;
        var reset = new AskOperatorReset(() => rest);
        reset.ReportReady();
        Assert.Null(reset.Prompt);
        Assert.False(reset.TryReset());
        Assert.Contains("robotrl ready", reset.Prompt, StringComparison.Ordinal);
        rest = true;
        Assert.False(reset.TryReset());
        rest = false;
        reset.ReportReady();
        Assert.Null(reset.Prompt);
        Assert.False(reset.TryReset());
        rest = true;
        Assert.True(reset.TryReset());
        Assert.False(reset.TryReset());
    }

    [Fact]
    public void AskOperator_InterruptedAfterTheWord_AsksAgain()
    {
        var reset = new AskOperatorReset(() => true);
        reset.TryReset();
        reset.ReportReady();
        reset.Interrupt();
        Assert.False(reset.TryReset());
        Assert.NotNull(reset.Prompt);
        reset.ReportReady();
        Assert.True(reset.TryReset());
    }

    [Fact]
    public void Continue_IsReadyAtOnce() => Assert.True(new ContinueReset().TryReset());

    private void Tick()
    {
        _rig.Robot.Now += ScriptedRobot.Period;
        _loop.Tick(_rig.NowNs);
    }

    /// <summary>A robot that is at the next tick where it was sent.</summary>
    private void Follow(int ticks = 1)
    {
        for (int i = 0; i < ticks; i++)
        {
            Tick();
            _rig.Robot.Position = double.IsNaN(_rig.Robot.LastWritten) ? _rig.Robot.Position : _rig.Robot.LastWritten;
        }
    }
}
