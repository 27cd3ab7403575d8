using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Control;

namespace RobotRl.Runtime.Tests.Control;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ControlServerTests : IAsyncLifetime
{
    private readonly string _run = Directory.CreateTempSubdirectory("robotrl-control-").FullName;
    private readonly FakeRunControl _control = new();
    private ControlServer? _server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.StopAsync(CancellationToken.None);
            _server.Dispose();
        }

        Directory.Delete(_run, recursive: true);
    }

    [Fact]
    public async Task Status_OfRunningSession_HasItsFigures()
    {
        await StartAsync(_run);

        ControlAnswer answer = await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Status), Cancel);

        Assert.True(answer.Ok);
        Assert.Equal(Environment.ProcessId, answer.ProcessId);
        Assert.Equal("pendulum", answer.Status!.Robot);
        Assert.Equal(5, answer.Status.Progress.Step);
        Assert.Equal(-123.5, answer.Status.Progress.LastReturn);
        Assert.True(double.IsNaN(answer.Status.Progress.MeanReturn));
        Assert.Equal("loss/critic", answer.Status.Progress.Metrics.Span[0].Name);
        Assert.Equal(TimeSpan.FromSeconds(2), answer.Status.Progress.Remaining);
        Assert.Equal(["SensorStale"], answer.Status.LatchedCauses);
    }

    [Fact]
    public async Task Arm_Granted_ThenPowered()
    {
        await StartAsync(_run);

        ControlAnswer answer = await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Arm), Cancel);

        Assert.True(answer.Ok);
        Assert.Equal(DeviceState.Powered, answer.Status!.State);
    }

    [Fact]
    public async Task Arm_Refused_SaysWhy()
    {
        _control.WhyNotArmed = "Joint pole moves at 3 rad/s; arming asks for rest.";
        await StartAsync(_run);

        ControlAnswer answer = await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Arm), Cancel);

        Assert.False(answer.Ok);
        Assert.Equal(_control.WhyNotArmed, answer.Error);
    }

    [Theory]
    [InlineData(ControlCommand.Stop, StopLevel.ControlledStop)]
    [InlineData(ControlCommand.PowerOff, StopLevel.PowerOff)]
    public async Task Stop_ReachesTheSession(ControlCommand command, StopLevel level)
    {
        await StartAsync(_run);

        Assert.True((await ControlClient.AskAsync(_run, new ControlRequest(command, "test"), Cancel)).Ok);

        Assert.Equal(level, _control.Stopped);
    }

    [Fact]
    public async Task Stop_Confirmed_SaysSo()
    {
        await StartAsync(_run);

        ControlAnswer answer = await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Stop), Cancel);

        Assert.True(answer.Ok && answer.Status!.StopConfirmed);
    }

    [Fact]
    public async Task Stop_NotConfirmedByReadBack_SaysSoAfterAWhile()
    {
        var time = new FakeTimeProvider();
        _control.ConfirmsStops = false;
        _server = new ControlServer(_run, _control, NullLogger<ControlServer>.Instance, time);
        await _server.StartAsync(Cancel);

        Task<ControlAnswer> asked = ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.PowerOff), Cancel);
        while (!asked.IsCompleted)
        {
            await Task.Yield();
            if (_control.Stopped == StopLevel.PowerOff)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
            }
        }

        ControlAnswer answer = await asked;
        Assert.Equal((false, false), (answer.Ok, answer.Status!.StopConfirmed));
        Assert.Contains("has NOT CONFIRMED it", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beat_ReachesTheSession()
    {
        await StartAsync(_run);

        Assert.True((await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Beat), Cancel)).Ok);

        Assert.Equal(1, _control.Beats);
    }

    [Fact]
    public async Task Socket_IsForItsOwnerOnly()
    {
        await StartAsync(_run);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_run, "control.sock")));
    }

    [Fact]
    public async Task Stopped_LeavesNoSocket_AndIsNotFound()
    {
        await StartAsync(_run);
        Assert.Equal([_run], (await ControlClient.FindRunningAsync(Path.GetDirectoryName(_run)!, Cancel)).Where(d => d == _run));

        await _server!.StopAsync(Cancel);

        Assert.Empty(Directory.GetFiles(_run));
        ControlException e = await Assert.ThrowsAsync<ControlException>(() =>
            ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Status), Cancel)
        );
        Assert.Contains("nothing runs there", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindRunning_RunWithALinkToIt_CountsOnce()
    {
        string run = Directory.CreateDirectory(Path.Combine(_run, "1")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(_run, "latest"), run);
        await StartAsync(run);

        Assert.Equal([run], await ControlClient.FindRunningAsync(_run, Cancel));
    }

    [Fact]
    public async Task Start_OverStaleSocket_ReplacesIt()
    {
        // A killed process leaves its socket file behind: bind, then close without deleting.
        string path = Path.Combine(_run, "control.sock");
        string aside = path + ".aside";
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path));
            File.Move(path, aside);
        }

        File.Move(aside, path);

        await StartAsync(_run);

        Assert.True((await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Status), Cancel)).Ok);
    }

    [Fact]
    public async Task Start_WhereAnotherAnswers_IsRefused()
    {
        await StartAsync(_run);
        using var second = new ControlServer(_run, _control, NullLogger<ControlServer>.Instance, TimeProvider.System);

        ControlException e = await Assert.ThrowsAsync<ControlException>(() => second.StartAsync(Cancel));

        Assert.Contains("another process runs here", e.Message, StringComparison.Ordinal);
        Assert.True((await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Status), Cancel)).Ok);
    }

    [Fact]
    public async Task Path_LongerThanASocketAllows_Works()
    {
        string deep = Directory.CreateDirectory(Path.Combine(_run, new string('a', 90), new string('b', 90))).FullName;
        await StartAsync(deep);

        Assert.True((await ControlClient.AskAsync(deep, new ControlRequest(ControlCommand.Status), Cancel)).Ok);
        Assert.True(File.Exists(Path.Combine(deep, "control.sock")));

        await _server!.StopAsync(Cancel);
        Assert.Empty(Directory.GetFiles(deep));
    }

    [Theory]
    [InlineData("nonsense\n")]
    [InlineData("{}\n")]
    [InlineData("{\"command\":\"dance\"}\n")]
    [InlineData("null\n")]
    public async Task Nonsense_IsRefused_AndTheServerLives(string line)
    {
        await StartAsync(_run);

        string answer = await SendAsync(line);

        Assert.Contains("\"ok\":false", answer, StringComparison.Ordinal);
        Assert.Contains("not understood", answer, StringComparison.Ordinal);
        Assert.Equal(StopLevel.None, _control.Stopped);
        Assert.True((await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Status), Cancel)).Ok);
    }

    [Fact]
    public async Task SilentPeers_HoldNobodyUp()
    {
        await StartAsync(_run);
        var silent = new List<Socket>();
        for (int i = 0; i < 5; i++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_run, "control.sock")), Cancel);
            silent.Add(socket);
        }

        Assert.True((await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Status), Cancel)).Ok);
        silent.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task SilentPeersInEverySlot_AStopGetsThroughAtOnce()
    {
        await StartAsync(_run);
        var silent = new List<Socket>();
        for (int i = 0; i < 8; i++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_run, "control.sock")), Cancel);
            silent.Add(socket);
        }

        long start = TimeProvider.System.GetTimestamp();
        await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.PowerOff), Cancel);
        Assert.True(
            TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(2),
            "A silent peer has 5 s only where it holds nobody up."
        );
        Assert.Equal(StopLevel.PowerOff, _control.Stopped);
        silent.ForEach(s => s.Dispose());
    }

    private async Task<string> SendAsync(string text)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_run, "control.sock")), Cancel);
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), SocketFlags.None, Cancel);
        using var reader = new StreamReader(new NetworkStream(socket));
        return await reader.ReadToEndAsync(Cancel);
    }

    private async Task StartAsync(string directory)
    {
        _server = new ControlServer(directory, _control, NullLogger<ControlServer>.Instance, TimeProvider.System);
        await _server.StartAsync(Cancel);
    }
}
