using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim;
using RobotRl.Sim.Robots.CartPoleSwingUp;

namespace RobotRl.Conformance.Sim;

public sealed class RealTimeCartPoleSwingUpConformanceTests : RealTimeConformance
{
    protected override bool IsSimulated => true;

    protected override TimeSpan ControlPeriod => CartPoleSwingUpRobot.RobotDescription.ControlPeriod;

    protected override IRobot Create(TimeProvider clock) => new RealTimeSimulation(new CartPoleSwingUpRobot(), clock);
}
