using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Mcu;

namespace RobotRl.Hardware.Tests.Devices.Mcu;

public sealed class McuOptionsTests
{
    [Fact]
    public void Validate_Defaults_AreThePendulumRig()
    {
        var options = new McuOptions();
        Assert.Empty(options.Validate("Robot:Mcu"));
        RobotDescription robot = options.Describe();
        Assert.Equal(["pole/position", "pole/velocity", "motor/current", "motor/voltage"], robot.States.Select(s => s.Name));
        CommandInterface effort = Assert.Single(robot.Commands);
        Assert.Equal(
            ("pole/effort", InterfaceKind.Effort, "V", -3.0, 3.0, 0.0),
            (effort.Name, effort.Kind, effort.Unit, effort.Minimum, effort.Maximum, effort.SafeValue)
        );
        Assert.True(robot.HasDamping);
    }

    [Fact]
    public void Validate_EverythingWrong_YieldsEachProblemAsOneSentence()
    {
        var options = new McuOptions
        {
            DeviceName = "a name that is too long",
            DeviceKind = 70_000,
            FirmwareMajor = 256,
            ClockDriftPpm = double.NaN,
            ReplyTimeout = TimeSpan.FromMilliseconds(20),
            CommandTimeout = TimeSpan.FromMilliseconds(29.5),
            ConnectTimeout = TimeSpan.Zero,
            SettleTime = TimeSpan.FromHours(1),
            States = new()
            {
                ["pole/position"] = new()
                {
                    Unit = "",
                    Minimum = 1,
                    Maximum = 1,
                },
                ["a/name/that/is/too/long"] = new(),
            },
            Commands = new()
            {
                ["pole/effort"] = new()
                {
                    Kind = InterfaceKind.Current,
                    VelocityState = "pole/speed",
                    Minimum = 1,
                    Maximum = 2,
                },
                ["pole/other"] = new()
                {
                    Unit = " ",
                    Minimum = 2,
                    Maximum = double.PositiveInfinity,
                },
            },
        };
        string[] problems = [.. options.Validate("Robot:Mcu")];
        string[] keys =
        [
            "DeviceName",
            "DeviceKind",
            "FirmwareMajor",
            "ClockDriftPpm",
            "ReplyTimeout",
            "CommandTimeout",
            "CommandTimeout",
            "ConnectTimeout",
            "SettleTime",
            "States:a/name/that/is/too/long has",
            "States:pole/position:Unit",
            "States:pole/position:Minimum",
            "Commands:pole/effort:Kind",
            "Commands:pole/effort: Minimum",
            "Commands:pole/effort:VelocityState",
            "Commands:pole/other:Unit",
            "Commands:pole/other: Minimum",
        ];
        Assert.Equal(keys.Length, problems.Length);
        Assert.All(keys.Zip(problems), p => Assert.StartsWith($"Robot:Mcu:{p.First}", p.Second, StringComparison.Ordinal));
        Assert.All(problems, p => Assert.Contains("; allowed: ", p, StringComparison.Ordinal));
        Assert.Contains(
            "Robot:Mcu:CommandTimeout is 00:00:00.0295000; allowed: above one and a half control periods (00:00:00.0300000), "
                + "or a late command removes power. Set it to three periods.",
            problems
        );
    }
}
