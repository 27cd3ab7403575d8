using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;

namespace RobotRl.Hardware.Tests.Safety;

public sealed class SafetyOptionsTests
{
    [Fact]
    public void Validate_Defaults_HaveNoProblem() =>
        Assert.Empty(new SafetyOptions().Validate("Safety", GateRobots.OneJoint(InterfaceKind.Position)));

    [Fact]
    public void Validate_WrongNumbers_SaysAllAtOnce()
    {
        var options = new SafetyOptions
        {
            MaxSensorAge = TimeSpan.Zero,
            RestVelocity = -1,
            Joints =
            {
                ["elbow/command"] = new()
                {
                    MaxVelocity = 0,
                    MaxJerk = double.NaN,
                    MinPosition = 2,
                    MaxPosition = 1,
                },
            },
        };
        Assert.Equal(
            [
                "S:MaxSensorAge is 00:00:00; allowed: above 00:00:00. Set it to a few control periods, or remove it.",
                "S:RestVelocity is -1; allowed: finite and above 0. Set null to arm without rest.",
                "S:Joints:elbow/command:MaxVelocity is 0; allowed: finite and above 0. Remove the key to leave the joint unlimited.",
                "S:Joints:elbow/command:MaxJerk is NaN; allowed: finite and above 0. Remove the key to leave the joint unlimited.",
                "S:Joints:elbow/command:MinPosition is 2 and MaxPosition 1; allowed: MinPosition below MaxPosition. Swap or correct them.",
            ],
            options.Validate("S", GateRobots.OneJoint(InterfaceKind.Position))
        );
    }

    [Fact]
    public void Validate_UnknownJoint_ListsThoseThereAre() =>
        Assert.Equal(
            ["S:Joints:elbow/comand names no command of robot arm; allowed: elbow/command. Correct the name."],
            new SafetyOptions { Joints = { ["elbow/comand"] = new() } }.Validate("S", GateRobots.OneJoint(InterfaceKind.Effort))
        );

    [Fact]
    public void Validate_NullJoint_SaysWhatToWrite() =>
        Assert.Equal(
            ["S:Joints:elbow/command is null; allowed: limits such as { \"MaxVelocity\": 1 }. Fill it in or remove it."],
            new SafetyOptions { Joints = { ["elbow/command"] = null! } }.Validate("S", GateRobots.OneJoint(InterfaceKind.Effort))
        );

    [Theory]
    [InlineData(InterfaceKind.Position, "MaxEffort is set, but elbow/command is a Position command")]
    [InlineData(InterfaceKind.Velocity, "need BrakingDeceleration or MaxAcceleration, to know when to slow down. Set one.")]
    [InlineData(InterfaceKind.Effort, "need BrakingDeceleration and MaxAcceleration, to know when to brake. Set both.")]
    public void Validate_LimitsThatDoNotFitTheKind_AreRefused(InterfaceKind kind, string expected)
    {
        var limits = new JointLimits
        {
            MinPosition = -1,
            MaxPosition = 1,
            MaxEffort = kind == InterfaceKind.Velocity ? null : 1,
        };
        string problem = Assert.Single(limits.Validate("S", GateRobots.OneJoint(kind).Commands[0]));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_BrakingHarderThanAccelerating_IsRefusedWhereTheGateDoesBoth()
    {
        var limits = new JointLimits { MaxAcceleration = 2, BrakingDeceleration = 3 };
        Assert.Equal(
            ["S:BrakingDeceleration is 3 and MaxAcceleration 2; allowed: at most MaxAcceleration. Lower it."],
            limits.Validate("S", GateRobots.OneJoint(InterfaceKind.Velocity).Commands[0])
        );
        Assert.Empty(limits.Validate("S", GateRobots.OneJoint(InterfaceKind.Effort).Commands[0]));
    }

    [Fact]
    public void Validate_RobotThatCannotBeGuarded_SaysWhatTheDriverMustChange()
    {
        RobotDescription robot = GateRobots.OneJoint(InterfaceKind.Position);
        robot = robot with
        {
            Commands =
            [
                robot.Commands[0] with
                {
                    PositionState = null,
                    VelocityState = "knee/velocity",
                    SafeValue = double.NaN,
                    Minimum = 1,
                    Maximum = -1,
                },
            ],
        };
        Assert.Equal(
            [
                "Robot arm: command elbow/command accepts 1 to -1; allowed: a minimum not above the maximum. Correct the driver.",
                "Robot arm: command elbow/command has the safe value NaN; allowed: a finite number. Correct the driver.",
                "Robot arm: position command elbow/command has no position state, so arming could not start from the "
                    + "measured pose. Name its PositionState in the driver.",
                "Robot arm: command elbow/command refers to state knee/velocity, which it does not report; it has "
                    + "elbow/position, elbow/velocity. Correct the driver.",
            ],
            new SafetyOptions().Validate("S", robot)
        );
    }

    [Fact]
    public void Validate_Ranges_NamesWhatDoesNotFit()
    {
        var robot = new RobotDescription(
            "arm",
            [
                new("elbow/position", InterfaceKind.Position, "rad", -3, 3),
                new("elbow/temperature", InterfaceKind.Temperature, "°C", -40, 150) { AllowedMaximum = 70 },
            ],
            [],
            TimeSpan.FromMilliseconds(10)
        );
        var options = new SafetyOptions
        {
            Ranges =
            {
                ["elbow/position"] = new StateRange { Maximum = 1 },
                ["elbow/temperature"] = new StateRange { Minimum = 80 },
            },
        };
        Assert.Equal(
            [
                "Safety:Ranges:elbow/position names no temperature, voltage or current of robot arm; allowed: "
                    + "elbow/temperature. Correct the name.",
                "Safety:Ranges:elbow/temperature is 80 to 70 °C; allowed: a Minimum below the Maximum. Correct them, or "
                    + "remove them for the device's own.",
            ],
            options.Validate("Safety", robot)
        );
        options.Ranges["elbow/temperature"].Maximum = 90;
        options.Ranges.Remove("elbow/position");
        Assert.Empty(options.Validate("Safety", robot));
    }
}
