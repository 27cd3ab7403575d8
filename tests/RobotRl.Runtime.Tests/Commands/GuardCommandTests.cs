namespace RobotRl.Runtime.Tests.Commands;

public sealed class GuardCommandTests : IDisposable
{
    private readonly ChildProcess _child = new();

    public void Dispose() => _child.Dispose();

    [Theory]
    [InlineData("--ids", "1,x", "--ids is \"1,x\"")]
    [InlineData("--ids", ",", "at least one")]
    [InlineData("--speed", "0", "--speed is 0")]
    [InlineData("--timeout-ms", "0", "--timeout-ms is 0")]
    [InlineData("--torque", "NaN", "--torque is NaN")]
    [InlineData("--torque-limits", "2000", "--torque-limits is \"2000\"")]
    [InlineData("--torque-limits", "1000,200", "one for each of the 1 servos")]
    public async Task Guard_BadArgument_SaysWhich(string option, string value, string expected)
    {
        string[] ids = option == "--ids" ? [] : ["--ids", "1"];
        await _child.RunAsync(["guard", "--port", "/dev/ttyNOWHERE", "--baud", "1000000", .. ids, option, value]);
        Assert.Equal(2, _child.ExitCode);
        Assert.Contains(expected, _child.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guard_NoSuchPort_SaysSoAndDoesNotWatch()
    {
        await _child.RunAsync("guard", "--port", "/dev/ttyNOWHERE", "--baud", "1000000", "--ids", "1");
        Assert.Equal(2, _child.ExitCode);
        Assert.Contains("/dev/ttyNOWHERE", _child.Error, StringComparison.Ordinal);
        Assert.Empty(_child.Output);
    }
}
