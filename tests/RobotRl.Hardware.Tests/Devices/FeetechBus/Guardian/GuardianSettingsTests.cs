using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Devices.FeetechBus.Guardian;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus.Guardian;

public sealed class GuardianSettingsTests
{
    [Theory]
    [InlineData("--ids", "1,2", true)]
    [InlineData("--velocity-ids", "1,2", false)]
    public void ToArguments_ServosOfOneKindOnly_HasNoEmptyArgument(string name, string ids, bool position)
    {
        IReadOnlyList<byte> servos = [1, 2];
        IReadOnlyList<string> arguments = new GuardianSettings(
            "/dev/ttyX",
            1_000_000,
            position ? servos : [],
            position ? [] : servos,
            TimeSpan.FromMilliseconds(100),
            GuardianManner.LowerTorque,
            0.3,
            6
        ).ToArguments();
        Assert.DoesNotContain("", arguments);
        Assert.Equal(ids, arguments[arguments.ToList().IndexOf(name) + 1]);
        Assert.Equal("guard", arguments[0]);
    }
}
