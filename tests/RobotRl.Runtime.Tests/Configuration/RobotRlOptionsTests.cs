using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Mcu;
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
            options.Validate(robot.Description)
        );
        options.Loop.Clock = LoopClock.RealTime;
        Assert.Empty(options.Validate(robot.Description));
    }

    [Fact]
    public void Validate_LoopSlowerThanTheDriverBears_IsRefused_ForItWouldHoldBetweenTwoCommands()
    {
        var options = new RobotRlOptions { Robot = { Name = "mcu" } };
        RobotDescription rig = new McuOptions().Describe();
        foreach (double quick in (double[])[0, 21, 50, 200])
        {
            options.Loop.RateHz = quick;
            Assert.Empty(options.Validate(rig));
        }

        options.Loop.RateHz = 10;
        string problem = Assert.Single(options.Validate(rig));
        Assert.StartsWith(
            $"Loop:RateHz is 10 Hz; allowed for robot {rig.Name}: above 20 Hz, for its driver holds in the place of a command "
                + $"older than 00:00:00.0500000 (Robot:Mcu:Driver:MaxCommandAge).",
            problem,
            StringComparison.Ordinal
        );
        options.Robot.Mcu = new() { Driver = new() { MaxCommandAge = TimeSpan.FromSeconds(0.2) } };
        Assert.Empty(options.Validate(rig));
    }
}
