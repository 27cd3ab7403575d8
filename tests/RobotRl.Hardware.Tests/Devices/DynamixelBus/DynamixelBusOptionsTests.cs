using RobotRl.Hardware.Devices.DynamixelBus;

namespace RobotRl.Hardware.Tests.Devices.DynamixelBus;

public sealed class DynamixelBusOptionsTests
{
    [Fact]
    public void Validate_OneServo_HasNoProblem() => Assert.Empty(DynamixelRig.Of(1).Validate("B"));

    [Fact]
    public void Validate_NoServos_SaysWhatToWrite() =>
        Assert.Equal(
            ["B:Servos is empty; allowed: one entry for each joint, such as \"elbow\": { \"Id\": 3 }. Name the joints."],
            new DynamixelBusOptions().Validate("B")
        );

    [Fact]
    public void Validate_SameIdTwice_NamesBothJoints() =>
        Assert.Equal(
            ["B:Servos: j1 and j2 have the same Id 7; allowed: one servo each. Correct the ids."],
            DynamixelRig.Of(2, s => s.Id = 7).Validate("B")
        );

    [Fact]
    public void Validate_CurrentModeWithoutCurrentControl_IsRefused() =>
        Assert.Contains(
            "it has no current control",
            Assert.Single(new DynamixelServoOptions { Model = "XL430-W250", Mode = DynamixelCommandMode.Current }.Validate("S")),
            StringComparison.Ordinal
        );

    [Fact]
    public void Validate_EverythingWrong_SaysEach()
    {
        DynamixelBusOptions options = DynamixelRig.Of(1, s =>
            (s.Id, s.Model, s.MaxVelocity, s.MaxCurrent, s.TorqueConstant) = (253, "mx-28", 0, double.NaN, -1)
        );
        options.Serial.BaudRate = 1;
        options.ReplyTimeout = DynamixelRig.Period;
        options.BusWatchdog = TimeSpan.FromMilliseconds(19);
        options.Driver.Lead = -1;
        options.Servos["a/b"] = new() { Id = 3 };
        options.Servos["none"] = null!;
        Assert.Equal(11, options.Validate("B").Count());
    }
}
