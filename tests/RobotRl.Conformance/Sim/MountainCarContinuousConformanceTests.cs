using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Robots.MountainCarContinuous;

namespace RobotRl.Conformance.Sim;

public sealed class MountainCarContinuousConformanceTests : LockstepConformance
{
    protected override bool IsSimulated => true;

    protected override IRobot Create() => new MountainCarContinuousRobot();
}
