using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;
using RobotRl.Sim;
using RobotRl.Sim.Faults;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>A simulator that keeps more than its physical state: a killed run goes on bit for bit all the same.</summary>
public sealed class DelayedRobotResumeTests : IDisposable
{
    private readonly SessionRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(120)]
    [InlineData(237)]
    [InlineData(401)]
    public void Resume_ReadingsOnTheirWay_EndsAsUninterrupted(int at)
    {
        RobotRlOptions options = SessionRig.Stream();
        _rig.Run(options, "whole", robot: Delayed);
        using (IRunSession session = _rig.Open(_rig.Plan(options, "torn", abandonAt: at, robot: Delayed)))
        {
            Assert.Throws<AbandonedException>(() => session.Run(new SessionRig.Silent()));
        }

        _rig.Run(options, "torn", resume: true, robot: Delayed);
        Assert.Equal(_rig.State("whole"), _rig.State("torn"));
    }

    private static FaultyRobot Delayed() =>
        new(
            (ILockstepRobot)SimulatedRobots.Create("cart-pole"),
            new RobotFault(RobotFaultKind.DelayedReadings, FromStep: 20, DelaySteps: 3)
        );
}
