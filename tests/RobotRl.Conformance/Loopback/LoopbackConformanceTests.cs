using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Conformance.Loopback;

public sealed class LoopbackConformanceTests : LockstepConformance
{
    protected override IRobot Create() => new LoopbackRobot(LoopbackDefect.None);
}
