using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Tests.Learning;
using RobotRl.Runtime.Tests.Timing;
using RobotRl.Sim;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>What must not happen in real time whatever else does.</summary>
[Collection(NoCollectionGroup.Name)]
public sealed class RealTimeSessionFaultTests : IDisposable
{
    private readonly SessionRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Run_RecorderThrows_TheRobotIsStopped_TheRunFails()
    {
        ILockstepRobot robot = SimulatedRobots.Create("pendulum");
        bool thrown = false;
        using RunSession session = _rig.Open(SessionRig.RealTime(1000), "run", new ScriptedLearner(3), robot: () => robot);
        RunOutcome outcome = session.Run(
            new SessionRig.Told(p =>
            {
                if (p.Step > 3 && !thrown)
                {
                    thrown = true;
                    throw new InvalidOperationException("no more paper");
                }
            })
        );
        Assert.Equal(RunEnd.Failed, outcome.End);
        Assert.Contains("the recorder ended: no more paper", outcome.Message, StringComparison.Ordinal);
        Assert.True(robot.Stop.Confirmed && robot.Stop.Requested >= StopLevel.ControlledStop);
    }

    [Fact]
    public void Resume_TheTwoPartsAreNeverTakenForOne()
    {
        using (RunSession session = _rig.Open(SessionRig.RealTime(8), "run", new ScriptedLearner(3)))
        {
            session.Run(new SessionRig.Silent());
        }

        List<FrameHeader> before = [.. _rig.Headers("run")];
        using (RunSession session = _rig.Open(SessionRig.RealTime(before.Count + 5), "run", new ScriptedLearner(3), resume: true))
        {
            session.Run(new SessionRig.Silent());
        }

        FrameHeader last = before[^1],
            first = _rig.Headers("run")[before.Count];
        Assert.Equal((last.Sequence + 2, last.Episode + 1, 0), (first.Sequence, first.Episode, first.Step));
    }

    [Fact]
    public void Run_DeployedAndStopped_SaysHowToDeployAgain()
    {
        _rig.Run(SessionRig.RealTime(50, o => o.Loop.Clock = LoopClock.Lockstep), "run");
        string policy = RunDirectory.Open(_rig.In("run")).PolicyPath;
        using IRunSession session = _rig.Open(_rig.Plan(SessionRig.RealTime(0), "deployed", policy: policy));
        RunOutcome outcome = session.Run(
            new SessionRig.Told(p =>
            {
                if (p.Step > 2)
                {
                    session.RequestStop(StopLevel.ControlledStop, "seen");
                }
            })
        );
        Assert.Equal(RunEnd.Stopped, outcome.End);
        Assert.EndsWith($"Go on with: robotrl deploy {policy}", outcome.Message, StringComparison.Ordinal);
    }
}
