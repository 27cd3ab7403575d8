using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim;
using RobotRl.Sim.Robots.CartPole;

namespace RobotRl.Conformance.Sim;

public sealed class RealTimeCartPoleConformanceTests : RealTimeConformance
{
    protected override bool IsSimulated => true;

    protected override TimeSpan ControlPeriod => CartPoleRobot.RobotDescription.ControlPeriod;

    protected override IRobot Create(TimeProvider clock) => new RealTimeSimulation(new CartPoleRobot(), clock);
}
