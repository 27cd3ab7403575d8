using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim;
using RobotRl.Sim.Robots.MountainCarContinuous;

namespace RobotRl.Conformance.Sim;

public sealed class RealTimeMountainCarContinuousConformanceTests : RealTimeConformance
{
    protected override bool IsSimulated => true;

    protected override TimeSpan ControlPeriod => MountainCarContinuousRobot.RobotDescription.ControlPeriod;

    protected override IRobot Create(TimeProvider clock) => new RealTimeSimulation(new MountainCarContinuousRobot(), clock);
}
