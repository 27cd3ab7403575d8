using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RobotRl.Algorithms.Randomness;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Control;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Tests.Commands;

namespace RobotRl.Runtime.Tests.Control;

/// <summary>
/// Clients that ask all the time, say nothing, talk nonsense or delete the socket: none may hold an order to stop up, or cost
/// memory.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Collection(AloneGroup.Name)]
public sealed class ControlLoadTests : IAsyncLifetime
{
    private readonly string _run = Directory.CreateTempSubdirectory("robotrl-load-").FullName;
    private readonly CountingControl _control = new();
    private readonly FakeTimeProvider _time = new();
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

        if (Directory.Exists(_run))
        {
            Directory.Delete(_run, recursive: true);
        }
    }

    [Fact]
    public async Task Status_ThirtyTwoClientsInALoop_IsMadeTwentyTimesASecond_AndNothingElseAllocates()
    {
        await StartAsync(TimeProvider.System);
        long start = TimeProvider.System.GetTimestamp();
        using (RawPeer.Poll(_run, 32))
        {
            Assert.True(SpinWait.SpinUntil(() => _control.Looks >= 12, TimeSpan.FromSeconds(30)), "no answers");
        }

        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Assert.InRange(_control.Looks, 12, (seconds / ControlAnswers.StatusInterval.TotalSeconds) + 2);
        // The serving thread's own allocation from one status to the next: that status, and not one byte for each of 32 connections.
        Assert.InRange(_control.BytesBetweenLooks, 1, 16 * 1024);
    }

    [Fact]
    public async Task Beat_InALoop_AllocatesNothing()
    {
        await StartAsync(TimeProvider.System);
        for (int i = 0; i < 200; i++)
        {
            Assert.Contains("\"ok\":true", RawPeer.Ask(_run, "{\"command\":\"beat\"}\n"u8), StringComparison.Ordinal);
        }

        // What comes once (code made faster) is no matter; the smallest thing for each would be 4,320.
        Assert.InRange(_control.BytesOfBeats, 0, 2400);
    }

    [Fact]
    public async Task Arm_InALoop_IsDoneTenTimesASecond()
    {
        await StartAsync(TimeProvider.System);
        long start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Arm), Cancel))
        );
        Assert.Equal(8, _control.Armings);
        Assert.True(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(0.65), "eight armings, 0.1 s apart");
    }

    [Fact]
    public async Task Arm_TakesLong_AStopIsTakenMeanwhile()
    {
        using var release = new ManualResetEventSlim();
        _control.InArm = release.Wait;
        await StartAsync(TimeProvider.System);
        Task<ControlAnswer> arming = ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Arm), Cancel);
        Assert.True(SpinWait.SpinUntil(() => _control.Armings == 1, TimeSpan.FromSeconds(10)));
        ControlAnswer stopped = await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.PowerOff), Cancel);
        Assert.Equal((true, StopLevel.PowerOff, false), (stopped.Ok, _control.Stopped, arming.IsCompleted));
        release.Set();
        Assert.True((await arming).Ok);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(200)]
    public async Task SilentPeers_HowManyEver_StopsAndQuestionsGetThroughAtOnce(int peers)
    {
        await StartAsync(TimeProvider.System);
        List<Socket> silent = [.. Enumerable.Range(0, peers).Select(_ => RawPeer.Connect(_run))];
        Assert.True((await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Status), Cancel)).Ok);
        await StopWithinAsync(TimeSpan.FromSeconds(0.2));
        silent.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task SilentPeer_IsGivenUpAfterFiveSeconds()
    {
        await StartAsync(_time);
        using Socket silent = RawPeer.Connect(_run),
            trickling = RawPeer.Connect(_run);
        Assert.True((await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Beat), Cancel)).Ok);
        trickling.Send("{\"command\""u8);
        _time.Advance(TimeSpan.FromSeconds(5.1));
        Assert.Equal(0, silent.Receive(new byte[1]));
        Assert.Equal(0, trickling.Receive(new byte[1]));
    }

    [Theory]
    [InlineData("{\"command\":\"stop\",\"reason\":\"lunch\"}", StopLevel.ControlledStop)]
    [InlineData("{\"command\":\"powerOff\"}", StopLevel.PowerOff)]
    [InlineData("{\"command\":\"status\"}", StopLevel.PowerOff)]
    [InlineData("help", StopLevel.PowerOff)]
    [InlineData("", StopLevel.PowerOff)]
    public async Task StopSocket_WhateverArrives_Stops(string message, StopLevel level)
    {
        await StartAsync(TimeProvider.System);
        Assert.True(UnixSocket.TrySendTo(Path.Combine(_run, "stop.sock"), Encoding.UTF8.GetBytes(message), TimeSpan.FromSeconds(1)));
        Assert.True(SpinWait.SpinUntil(() => _control.Stopped == level, TimeSpan.FromSeconds(10)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_run, "stop.sock")));
    }

    [Fact]
    public async Task Sockets_Deleted_AreMadeAnew()
    {
        await StartAsync(_time);
        File.Delete(Path.Combine(_run, "control.sock"));
        File.Delete(Path.Combine(_run, "stop.sock"));
        bool stopped = SpinWait.SpinUntil(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1.1));
                return File.Exists(Path.Combine(_run, "control.sock"))
                    && UnixSocket.TrySendTo(Path.Combine(_run, "stop.sock"), "now"u8, TimeSpan.FromSeconds(1));
            },
            TimeSpan.FromSeconds(10)
        );
        Assert.True(stopped);
        Assert.True(SpinWait.SpinUntil(() => _control.Stopped == StopLevel.PowerOff, TimeSpan.FromSeconds(10)));
        Assert.True((await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Beat), Cancel)).Ok);
    }

    [Fact]
    public async Task Directory_Renamed_IsReachedThere_AndLeftClean()
    {
        await StartAsync(TimeProvider.System);
        string renamed = _run + "-renamed";
        Directory.Move(_run, renamed);
        try
        {
            Assert.True((await ControlClient.AskAsync(renamed, new ControlRequest(ControlCommand.Stop), Cancel)).Ok);
            await _server!.StopAsync(Cancel);
            Assert.Empty(Directory.GetFiles(renamed));
        }
        finally
        {
            Directory.Delete(renamed, recursive: true);
        }
    }

    [Fact]
    public async Task Directory_Deleted_TheServerEndsAllTheSame()
    {
        await StartAsync(TimeProvider.System);
        Directory.Delete(_run, recursive: true);
        await _server!.StopAsync(Cancel);
    }

    [Fact]
    public async Task MalformedRequests_FromManyConnections_NoneIsTakenForAnOrder_AndAStopGetsThrough()
    {
        const ulong Seed = 20261201;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        await StartAsync(TimeProvider.System);
        int refused = 0,
            asked = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            var random = new CounterRandom(Seed, (ulong)worker);
            for (int i = 0; i < 250; i++)
            {
                string? answer = RawPeer.Ask(_run, MalformedRequest.Next(random));
                Interlocked.Increment(ref asked);
                Interlocked.Add(ref refused, answer?.Contains("\"ok\":false", StringComparison.Ordinal) == true ? 1 : 0);
            }
        });

        Assert.Equal(2000, asked);
        // The others were cut: nothing was sent, or much more than a request may have.
        Assert.True(refused > 1500, $"{refused} of 2000 refused");
        Assert.Equal((StopLevel.None, 0, 0, 0), (_control.Stopped, _control.Armings, _control.Beats, _control.Looks));
        await StopWithinAsync(TimeSpan.FromSeconds(0.2));
        Assert.True((await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.Status), Cancel)).Ok);
    }

    [Fact]
    public void Reader_HundredThousandRequests_NeverThrows_AndTakesNoneForAnOrder()
    {
        const ulong Seed = 4711;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        var random = new CounterRandom(Seed, 0ul);
        for (int i = 0; i < 100_000; i++)
        {
            byte[] request = MalformedRequest.Next(random);
            ReadOnlySpan<byte> line = request.AsSpan(0, Math.Min(request.Length, ControlPeer.LongestRequest));
            Assert.False(ControlRequestReader.TryRead(line, out _, out ReadOnlySpan<byte> reason), Encoding.Latin1.GetString(line));
            ControlRequestReader.Text(reason);
            ControlRequestReader.Text(line);
        }
    }

    /// <summary>
    /// Orders a stop as `robotrl stop` does, on a machine that may be busy: the order itself is what is timed, three tries.
    /// </summary>
    private async Task StopWithinAsync(TimeSpan limit)
    {
        long start = TimeProvider.System.GetTimestamp();
        Assert.True(UnixSocket.TrySendTo(Path.Combine(_run, "stop.sock"), "{\"command\":\"stop\"}"u8, TimeSpan.FromSeconds(1)));
        Assert.True(SpinWait.SpinUntil(() => _control.Stopped != StopLevel.None, TimeSpan.FromSeconds(5)));
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, limit);
        Assert.True((await ControlClient.AskAsync(_run, new ControlRequest(ControlCommand.PowerOff), Cancel)).Ok);
    }

    private async Task StartAsync(TimeProvider time)
    {
        _server = new ControlServer(_run, _control, NullLogger<ControlServer>.Instance, time);
        await _server.StartAsync(Cancel);
        _control.Forget();
    }

    /// <summary>Counts what is asked, and what the asking thread allocates from one time to the next.</summary>
    private sealed class CountingControl : IRunControl
    {
        private readonly FakeRunControl _inner = new();
        private long _lookBytes = -1,
            _beatBytes;
        private int _armings;

        public Action InArm { get; set; } = () => { };

        public int Looks { get; private set; }

        public int Beats { get; private set; }

        public int Armings => _armings;

        public long BytesBetweenLooks { get; private set; }

        public long BytesOfBeats { get; private set; }

        public StopLevel Stopped => _inner.Stopped;

        public bool StopConfirmed => _inner.Stopped != StopLevel.None;

        public void Forget() => (Looks, _lookBytes) = (0, -1);

        public RunStatus Status()
        {
            (BytesBetweenLooks, _lookBytes) = Since(_lookBytes, BytesBetweenLooks, Looks);
            Looks++;
            return _inner.Status();
        }

        public string? TryArm()
        {
            Interlocked.Increment(ref _armings);
            InArm();
            return null;
        }

        public void ReportOperator()
        {
            long now = GC.GetAllocatedBytesForCurrentThread();
            BytesOfBeats += Beats >= 20 ? now - _beatBytes : 0;
            _beatBytes = now;
            Beats++;
        }

        public string? ReportReady() => null;

        public void RequestStop(StopLevel level, string reason) => _inner.RequestStop(level, reason);

        /// <summary>The most that lay between two calls, without the first ones, in which code is made ready.</summary>
        private static (long Most, long Now) Since(long before, long most, int calls)
        {
            long now = GC.GetAllocatedBytesForCurrentThread();
            return (before >= 0 && calls > 3 ? Math.Max(most, now - before) : most, now);
        }
    }
}
