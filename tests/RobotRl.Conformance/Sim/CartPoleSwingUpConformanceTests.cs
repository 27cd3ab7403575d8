using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Robots.CartPoleSwingUp;

namespace RobotRl.Conformance.Sim;

public sealed class CartPoleSwingUpConformanceTests : LockstepConformance
{
    protected override bool IsSimulated => true;

    protected override IRobot Create() => new CartPoleSwingUpRobot();
}
