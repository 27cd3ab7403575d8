using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Robots.MountainCarContinuous;

namespace RobotRl.Conformance.Sim;

public sealed class MountainCarContinuousConformanceTests : LockstepConformance
{
    protected override IRobot Create() => new MountainCarContinuousRobot();
}
