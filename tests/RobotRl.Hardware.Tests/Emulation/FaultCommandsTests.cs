using RobotRl.Hardware.Emulation;

namespace RobotRl.Hardware.Tests.Emulation;

public sealed class FaultCommandsTests
{
    private readonly FeetechHost _host = new(3);

    [Theory]
    [InlineData("fault lost 0.01", "lost 0.01")]
    [InlineData("fault late 0.5 30", "late 0.5")]
    [InlineData("fault corrupt 1", "corrupt 1")]
    [InlineData("fault dead 3", "dead 3")]
    [InlineData("fault hot 1", "hot 1")]
    [InlineData("  fault   encoder 2 ", "encoder 2")]
    [InlineData("fault twin 2", "twin 2")]
    [InlineData("fault voltage 5.2", "voltage 5.2")]
    public void TryApply_Fault_SwitchesItOnAndClearTakesItAway(string line, string expected)
    {
        Assert.True(Apply(line, out string answer));
        Assert.Equal($"Faults: {expected}.", answer);
        Assert.Equal(expected, _host.Bus.Faults.ToString());
        Assert.True(Apply($"clear {expected.Split(' ')[0]}", out answer));
        Assert.Equal("Faults: none.", answer);
    }

    [Fact]
    public void TryApply_Clear_TakesAllAway()
    {
        Apply("fault dead 1", out _);
        Apply("fault lost 0.5", out _);
        Apply("clear dead 1", out string answer);
        Assert.Equal("Faults: lost 0.5.", answer);
        Apply("clear", out answer);
        Assert.Equal("Faults: none.", answer);
    }

    [Theory]
    [InlineData("fault lost 1.5")]
    [InlineData("fault lost NaN")]
    [InlineData("fault lost")]
    [InlineData("fault dead 4")]
    [InlineData("fault dead")]
    [InlineData("fault late 0.1 0")]
    [InlineData("fault dead 3 3")]
    [InlineData("fault voltage -1")]
    [InlineData("clear nonsense")]
    [InlineData("make tea")]
    public void TryApply_Nonsense_SaysWhatThereIsAndChangesNothing(string line)
    {
        Assert.False(Apply(line, out string answer));
        Assert.Contains("fault lost RATE", answer, StringComparison.Ordinal);
        Assert.Contains("servos: 1, 2, 3", answer, StringComparison.Ordinal);
        Assert.Equal("none", _host.Bus.Faults.ToString());
    }

    [Fact]
    public void TryApply_Status_SaysWhatTheServosDo()
    {
        Assert.True(Apply("status", out string answer));
        Assert.Contains("servo 2: torque on, 0.000 rad, 0.00 rad/s, 0.000 N m, 25 C", answer, StringComparison.Ordinal);
    }

    private bool Apply(string line, out string answer) => FaultCommands.TryApply(_host.Bus.Faults, _host.Bus.Servos, line, out answer);
}
