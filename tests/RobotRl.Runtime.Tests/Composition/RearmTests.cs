using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tests.Learning;
using RobotRl.Sim;
using RobotRl.Sim.Faults;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>A session in real time that a fault stops, that waits, and that goes on when it is armed again.</summary>
public sealed class RearmTests : IDisposable
{
    private readonly SessionRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void LinkLost_WithoutAutoArm_WaitsUnpowered_AndLearnsOnAfterArming()
    {
        var learner = new ScriptedLearner(3);
        RobotRlOptions options = SessionRig.RealTime(60, o => o.Loop.AutoArm = false);
        using RunSession session = _rig.Open(options, "run", learner, robot: () =>
            new FaultyRobot(SimulatedRobots.Create("pendulum"), new RobotFault(RobotFaultKind.LinkLost, 60, 30))
        );
        bool lost = false;
        var refusals = new HashSet<string>();
        long stepsAtStop = -1,
            observedAtStop = -1;
        RunOutcome outcome = session.Run(
            new SessionRig.Told(_ =>
            {
                RunStatus status = session.Status();
                if (
                    status.Failsafe is
                    { Cause: FailsafeCause.LinkLost or FailsafeCause.StopUnconfirmed, Action: >= FailsafeAction.ControlledStop }
                )
                {
                    lost = true;
                    (stepsAtStop, observedAtStop) =
                        stepsAtStop < 0 ? (status.Progress.Step, learner.Observed) : (stepsAtStop, observedAtStop);
                }

                if (!status.Armed && session.TryArm() is { } refusal)
                {
                    refusals.Add(refusal);
                }
            })
        );

        Assert.True(outcome.End == RunEnd.Done, outcome.Message);
        Assert.True(lost);
        Assert.Contains(refusals, r => r.Contains("LinkLost is present", StringComparison.Ordinal));
        Assert.True(
            stepsAtStop < 60 && learner.Observed > observedAtStop,
            $"{stepsAtStop} steps at the stop, {observedAtStop} observed; {learner.Observed} in the end"
        );
        Assert.Contains(_rig.Log, l => l.StartsWith("Error: Failsafe ControlledStop by LinkLost: ", StringComparison.Ordinal));
        Assert.Contains(_rig.Log, l => l.StartsWith("Information: Failsafe: all clear", StringComparison.Ordinal));
    }

    [Fact]
    public void RequestStop_WhileAFaultHasStoppedIt_EndsByTheFailsafe()
    {
        RobotRlOptions options = SessionRig.RealTime(0, o => o.Loop.AutoArm = false);
        using RunSession session = _rig.Open(options, "run", new ScriptedLearner(3), robot: () =>
            new FaultyRobot(SimulatedRobots.Create("pendulum"), new RobotFault(RobotFaultKind.DeviceError, 40, 1000))
        );
        RunOutcome outcome = session.Run(
            new SessionRig.Told(_ =>
            {
                RunStatus status = session.Status();
                if (status.Failsafe is { Cause: FailsafeCause.DeviceError })
                {
                    session.RequestStop(StopLevel.ControlledStop, "enough");
                }
                else if (!status.Armed)
                {
                    session.TryArm();
                }
            })
        );
        Assert.Equal(RunEnd.Failsafe, outcome.End);
        Assert.Contains(nameof(FailsafeCause.DeviceError), outcome.Message, StringComparison.Ordinal);
    }
}
