using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Conformance.Sim;

public sealed class PendulumConformanceTests : LockstepConformance
{
    protected override bool IsSimulated => true;

    protected override IRobot Create() => new PendulumRobot();
}
