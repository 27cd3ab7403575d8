using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Conformance.Sim;

public sealed class RealTimePendulumConformanceTests : RealTimeConformance
{
    protected override bool IsSimulated => true;

    protected override TimeSpan ControlPeriod => PendulumRobot.RobotDescription.ControlPeriod;

    protected override IRobot Create(TimeProvider clock) => new RealTimeSimulation(new PendulumRobot(), clock);
}
