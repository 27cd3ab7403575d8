using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Runtime.Commands.Emulate;

namespace RobotRl.Runtime.Tests.Commands.Emulate;

public sealed class MessageFaultConsoleTests : IDisposable
{
    private readonly FaultyMqttLink _link = new(
        new MqttLink(new MqttLinkOptions(), "never-opened", TimeProvider.System),
        TimeProvider.System,
        seed: 1
    );
    private readonly MessageFaultConsole _console;

    public MessageFaultConsoleTests() => _console = new(_link, () => "as it stands");

    public void Dispose() => _link.Dispose();

    [Fact]
    public void Obey_EachFault_SetsItAndNoneClearsAll()
    {
        foreach (string line in new[] { "lost 0.1", " late 0.2  0.5 ", "duplicated 0.3", "corrupted 1", "silent on" })
        {
            Assert.DoesNotContain("not understood", _console.Obey(line), StringComparison.Ordinal);
        }

        Assert.Equal(
            (0.1, 0.2, TimeSpan.FromSeconds(0.5), 0.3, 1.0, true),
            (_link.Lost, _link.Late, _link.Delay, _link.Duplicated, _link.Corrupted, _link.Silent)
        );
        _console.Obey("silent off");
        Assert.False(_link.Silent);
        _console.Obey("silent on");
        _console.Obey("none");
        Assert.Equal((0.0, 0.0, 0.0, 0.0, false), (_link.Lost, _link.Late, _link.Duplicated, _link.Corrupted, _link.Silent));
        Assert.Equal("as it stands", _console.Obey("status"));
        Assert.Null(_console.Obey("  "));
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("lost 1.1")]
    [InlineData("lost -1")]
    [InlineData("late 0.1 nan")]
    [InlineData("late 0.1 0")]
    [InlineData("silent maybe")]
    [InlineData("explode")]
    public void Obey_NotUnderstood_SaysWhatIsAndChangesNothing(string line)
    {
        Assert.Equal($"\"{line}\" is not understood; allowed: {MessageFaultConsole.Usage}.", _console.Obey(line));
        Assert.Equal((0.0, 0.0, false), (_link.Lost, _link.Late, _link.Silent));
    }

    [Fact]
    public async Task RunAsync_Quit_Ends()
    {
        var answers = new StringWriter();
        await _console.RunAsync(new StringReader("lost 0.5\nquit\n"), answers, TestContext.Current.CancellationToken);
        Assert.Equal("50 % of the messages are lost.", answers.ToString().Trim());
    }
}
