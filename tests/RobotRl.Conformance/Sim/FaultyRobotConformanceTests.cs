using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Faults;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Conformance.Sim;

/// <summary>Without a fault, and under one that is not due for long, it is the robot that it wraps.</summary>
public sealed class FaultyRobotConformanceTests : LockstepConformance
{
    protected override bool IsSimulated => true;

    protected override IRobot Create() => new FaultyRobot(new PendulumRobot(), new RobotFault(RobotFaultKind.LinkLost, 1_000_000));
}
