using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Robots.CartPole;

namespace RobotRl.Conformance.Sim;

public sealed class CartPoleConformanceTests : LockstepConformance
{
    protected override bool IsSimulated => true;

    protected override IRobot Create() => new CartPoleRobot();
}
