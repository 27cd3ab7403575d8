using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tests.Admission;
using RobotRl.Sim;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>A joint that does not follow: what the loop learns from it, what the failsafe does, and what trips neither.</summary>
public sealed class FollowTests : IDisposable
{
    private LoopRig _rig = new(follow: true);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Tick_JointFollows_EveryTransitionIsLearnedFrom()
    {
        Supervisor supervisor = Begin();
        Follow(supervisor, 300);
        Assert.All(_rig.TakeAll(), f => Assert.Equal(1, f.Header.Learnable));
        Assert.Equal((0L, FailsafeAction.None), (_rig.Loop.Status.UnfollowedSteps, supervisor.Action));
    }

    [Fact]
    public void Tick_JointIsCut_NothingIsLearnedFromThen_AndTheRobotIsStoppedAfterASecond()
    {
        Supervisor supervisor = Begin();
        Follow(supervisor, 60);
        _rig.TakeAll();
        _rig.Policies.Offer(LoopRig.Block(-1.5f));
        int ticks = 0;
        while (supervisor.Action == FailsafeAction.None)
        {
            Assert.True(++ticks < 200, "nothing stopped it");
            Step(supervisor);
        }

        Assert.InRange(ticks * 0.01, 1.15, 1.3);
        Assert.Equal((FailsafeAction.ControlledStop, FailsafeCause.CommandNotFollowed), (supervisor.Action, supervisor.StoppedBy));
        Assert.Equal([StopLevel.ControlledStop], _rig.Robot.StopsAsked);
        List<LoopRig.Frame> frames = _rig.TakeAll();
        Assert.Equal(frames.Count(f => f.Header.Learnable == 0), _rig.Loop.Status.UnfollowedSteps);
        // Learned from is only what came before a joint as slow as may be would have been out of its tolerance.
        Assert.InRange(frames.Count(f => f.Header.Learnable == 1), 1, 25);
        Assert.True(frames.SkipWhile(f => f.Header.Learnable == 1).All(f => f.Header.Learnable == 0));

        string told = supervisor.History.Newest!.Text;
        Assert.Contains(
            "Failsafe ControlledStop by CommandNotFollowed: joint/position is commanded -0.905 rad, measured 0.462 rad "
                + "(allowed 0.15 rad for 1 s)",
            told,
            StringComparison.Ordinal
        );
        Assert.Contains("load not reported", told, StringComparison.Ordinal);
        Assert.StartsWith("CommandNotFollowed: joint/position", supervisor.StoppedText, StringComparison.Ordinal);

        // Armed again, with what was before forgotten, it goes on.
        Assert.Null(supervisor.TryArm(_rig.NowNs));
        Follow(supervisor, 200);
        Assert.Equal((FailsafeAction.None, true), (supervisor.Action, _rig.Loop.Status.Armed));
    }

    [Fact]
    public void Tick_JointIsBlocked_StopsNothing_IsReported_AndLearnedFrom()
    {
        _rig.Dispose();
        _rig = new LoopRig(follow: true, robot: WithLoad());
        Supervisor supervisor = Begin();
        Follow(supervisor, 60);
        _rig.TakeAll();
        _rig.Robot.Load = 0.8;
        _rig.Policies.Offer(LoopRig.Block(-1.5f));
        for (int i = 0; i < 500; i++)
        {
            Step(supervisor);
        }

        Assert.Equal((FailsafeAction.None, LoopStage.Running), (supervisor.Action, _rig.Loop.Status.Stage));
        Assert.Equal(
            "joint/position is commanded -0.905 rad, measured 0.462 rad (allowed 0.15 rad for 1 s), load 0.8 of full",
            Assert.Single(_rig.Loop.Follow!.Blocked())
        );
        Assert.All(_rig.TakeAll(), f => Assert.Equal(1, f.Header.Learnable));

        // What it pushed against gives way without being gone: now nothing pushes, and it is cut.
        _rig.Robot.Load = 0;
        for (int i = 0; i < 120; i++)
        {
            Step(supervisor);
        }

        Assert.Equal(FailsafeCause.CommandNotFollowed, supervisor.StoppedBy);
    }

    [Fact]
    public void Tick_HeldJointPushedByHand_IsBlocked_OneThatFalls_IsStopped()
    {
        _rig.Dispose();
        _rig = new LoopRig(follow: true, robot: WithLoad());
        Supervisor supervisor = Begin();
        _rig.Loop.Demanded = FailsafeAction.Hold;
        Follow(supervisor, 50);
        (_rig.Robot.Position, _rig.Robot.Load) = (_rig.Robot.LastWritten + 0.4, 0.6);
        for (int i = 0; i < 300; i++)
        {
            Step(supervisor);
        }

        Assert.Equal((FailsafeAction.None, 1), (supervisor.Action, _rig.Loop.Follow!.BlockedCount));
        _rig.Robot.Load = 0;
        for (int i = 0; i < 120; i++)
        {
            Step(supervisor);
        }

        Assert.Equal(FailsafeCause.CommandNotFollowed, supervisor.StoppedBy);
    }

    [Fact]
    public void Tick_ArmedAnywhereAndHeld_NothingIsSuspected()
    {
        foreach (double pose in (double[])[-1.9, 0.7, 1.9])
        {
            _rig.Dispose();
            _rig = new LoopRig(follow: true);
            _rig.Robot.Position = pose;
            Supervisor supervisor = Make();
            _rig.Tick(5);
            Assert.Null(supervisor.TryArm(_rig.NowNs));
            for (int i = 0; i < 300; i++)
            {
                Step(supervisor);
            }

            Assert.Equal((FailsafeAction.None, false), (supervisor.Action, _rig.Loop.Follow!.IsSuspect));
        }
    }

    [Fact]
    public void Save_Load_GoesOnWithWhatIsKnown()
    {
        Supervisor supervisor = Begin();
        Follow(supervisor, 60);
        _rig.Policies.Offer(LoopRig.Block(-1.5f));
        for (int i = 0; i < 60; i++)
        {
            Step(supervisor);
        }

        var saved = new MemoryState();
        _rig.Loop.Save(saved);
        using var other = new LoopRig(follow: true);
        other.Loop.Load(saved);
        double[] before = new double[_rig.Loop.Follow!.StateSize],
            after = new double[before.Length];
        _rig.Loop.Follow.CopyState(before);
        other.Loop.Follow!.CopyState(after);
        Assert.Equal(before, after);
        Assert.True(other.Loop.Follow.IsSuspect);
    }

    [Fact]
    public void SimulatedRobotsAndTheRig_AreCommandedInEffort_WhichIsNotWatched()
    {
        foreach (string name in SimulatedRobots.Names)
        {
            using ILockstepRobot robot = SimulatedRobots.Create(name);
            var watch = new FollowWatch(robot.Description, new SafetyOptions(), robot.Description.ControlPeriod);
            Assert.Equal(
                robot.Description.Commands.Where(c => c.Kind is not (InterfaceKind.Position or InterfaceKind.Velocity)).Select(c => c.Name),
                watch.Unwatched
            );
        }

        Assert.All(new Hardware.Devices.Mcu.McuOptions().Describe().Commands, c => Assert.Equal(InterfaceKind.Effort, c.Kind));
    }

    private static ScriptedRobot WithLoad()
    {
        RobotDescription plain = new ScriptedRobot().Description;
        return new()
        {
            Description = plain with
            {
                States = [.. plain.States, new("joint/load", InterfaceKind.Effort, "1", -1, 1)],
                Commands = [plain.Commands[0] with { LoadState = "joint/load", FullLoad = 1 }],
            },
        };
    }

    private Supervisor Begin()
    {
        _rig.Begin();
        return Make();
    }

    private Supervisor Make() => new(new Failsafe(new FailsafeOptions()), _rig.Loop, _rig.Gate, _rig.Robot, null, realTime: false);

    private void Follow(Supervisor supervisor, int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            // A tick behind.
            _rig.Robot.Position = double.IsNaN(_rig.Robot.LastWritten) ? _rig.Robot.Position : _rig.Robot.LastWritten;
            Step(supervisor);
        }
    }

    private void Step(Supervisor supervisor)
    {
        _rig.Tick();
        supervisor.Step(_rig.NowNs);
    }
}
