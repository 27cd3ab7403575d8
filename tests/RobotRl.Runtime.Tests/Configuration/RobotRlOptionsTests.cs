using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;
using RobotRl.Sim;

namespace RobotRl.Runtime.Tests.Configuration;

public sealed class RobotRlOptionsTests
{
    [Fact]
    public void Validate_RateOfItsOwnInLockstep_IsRefused_InRealTimeAllowed()
    {
        using ILockstepRobot robot = SimulatedRobots.Create("pendulum");
        var options = new RobotRlOptions();
        Assert.Empty(options.Validate(robot.Description));
        options.Loop.RateHz = 20;
        Assert.Empty(options.Validate(robot.Description));
        options.Loop.RateHz = 50;
        Assert.Equal(
            ["Loop:RateHz is 50 Hz; allowed in lockstep: 0 or the 20 Hz of pendulum. Set 0, or use Loop:PolicyDivisor to act less often."],
            options.Validate(robot.Description));
        options.Loop.Clock = LoopClock.RealTime;
        Assert.Empty(options.Validate(robot.Description));
    }
}
