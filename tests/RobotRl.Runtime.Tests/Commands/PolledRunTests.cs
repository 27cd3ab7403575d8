using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using RobotRl.Runtime.Tests.Control;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>
/// Runs in real time that are asked by 32 clients in a loop while eight more say nothing: neither costs more than a little
/// memory, or a stop.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Collection(AloneGroup.Name)]
public sealed class PolledRunTests : IDisposable
{
    private const int Clients = 32,
        Silent = 8;

    private static readonly string[] RealTime =
    [
        "train",
        "--run",
        "run",
        "--steps",
        "0",
        "--set",
        "Loop:Clock=RealTime",
        "--set",
        "Learner:Algorithm=stream-actor-critic",
        "--set",
        "Loop:AllocationBudgetMiB=256",
        "--set",
        "Run:EvaluationEpisodes=0",
        "--set",
        "Failsafe:DeadlineMissed:Threshold=10000",
        "--set",
        "Failsafe:SensorStale:Threshold=10s",
        "--set",
        "Failsafe:ControlStalled:Threshold=10s",
        "--set",
        "Failsafe:RecorderStalled:Threshold=60s",
    ];

    private readonly ChildProcess _child = new();
    private readonly ChildProcess _other = new();

    public void Dispose()
    {
        _child.Dispose();
        _other.Dispose();
    }

    private string Run => Path.Combine(_child.Directory, "run");

    [Fact]
    public async Task PolledAllTheTime_TheBudgetStays_NothingIsCollected_AndStopIsConfirmed()
    {
        using Process process = _child.Start(RealTime);
        long before = await BudgetAsync(process);
        List<Socket> silent = [.. Enumerable.Range(0, Silent).Select(_ => RawPeer.Connect(Run))];
        using (RawPeer.Poll(Run, Clients))
        {
            long start = TimeProvider.System.GetTimestamp();
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
            long after = await BudgetAsync(process);
            double rate = (before - after) / 1048576.0 / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            Assert.True(rate < 2, FormattableString.Invariant($"{rate:F2} MiB a second were allocated"));

            start = TimeProvider.System.GetTimestamp();
            await _other.RunAsync("stop", Run);
            Assert.True(_other.ExitCode == 0, _other.Error + _other.Output);
            Assert.Contains("confirmed by read-back", _other.Output, StringComparison.Ordinal);
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(8), "stopping took too long");
        }

        await _child.FinishAsync(process);
        silent.ForEach(s => s.Dispose());
        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
        Assert.Contains("0 collections while the robot moved, 0 planned pauses", _child.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PolledAllTheTime_SignalStopsAtOnce()
    {
        using Process process = _child.Start(RealTime);
        await BudgetAsync(process);
        using (RawPeer.Poll(Run, Clients))
        {
            using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            long start = TimeProvider.System.GetTimestamp();
            await _child.FinishAsync(process);
            Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(8), "stopping took too long");
        }
    }

    [Fact]
    public async Task SocketsDeletedAndNoDescriptorLeft_StopIsConfirmedAllTheSame()
    {
        using Process process = _child.Start(RealTime);
        await BudgetAsync(process);
        int open = Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Length;
        using Process limit = Process.Start(
            "prlimit",
            ["--pid", process.Id.ToString(CultureInfo.InvariantCulture), FormattableString.Invariant($"--nofile={open}:")]
        );
        await limit.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, limit.ExitCode);
        List<Socket> silent = [.. Enumerable.Range(0, Silent).Select(_ => RawPeer.Connect(Run))];

        await _other.RunAsync("stop", Run);

        silent.ForEach(s => s.Dispose());
        Assert.True(_other.ExitCode == 0, _other.Error + _other.Output);
        await _child.FinishAsync(process);
        Assert.True(_child.ExitCode is 0 or 1, _child.Error + _child.Output);
        Assert.DoesNotContain("   at ", _child.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SocketsOutOfReach_StopSignalsTheProcessThatHoldsTheRun_AndSaysSo()
    {
        Directory.CreateDirectory(Run);
        var start = new ProcessStartInfo("/bin/bash", ["-c", "exec 9<>lock; flock -x 9; echo $$ > lock.owner; echo ready; exec sleep 60"])
        {
            WorkingDirectory = Run,
            RedirectStandardOutput = true,
        };
        using Process holder = Process.Start(start)!;
        Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        await _other.RunAsync("status", Run);
        Assert.Equal(1, _other.ExitCode);
        Assert.Contains($"process {holder.Id} holds the run and does not answer", _other.Error, StringComparison.Ordinal);
        Assert.False(holder.HasExited);

        await _other.RunAsync("stop", Run);
        Assert.Equal(1, _other.ExitCode);
        Assert.Contains(
            $"Process {holder.Id}, which has the run's lock file open, was sent SIGTERM and has ended.",
            _other.Error,
            StringComparison.Ordinal
        );
        await holder.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Stop_LockHeldByNobodyThatIsSeen_SaysThatPowerMustBeRemovedByHand()
    {
        Directory.CreateDirectory(Run);
        // Locked through a descriptor that may only read: that is not how a run holds its lock.
        var start = new ProcessStartInfo(
            "/bin/bash",
            ["-c", "touch lock; exec 9<lock; flock -x 9; echo $$ > lock.owner; echo ready; exec sleep 60"]
        )
        {
            WorkingDirectory = Run,
            RedirectStandardOutput = true,
        };
        using Process innocent = Process.Start(start)!;
        Assert.Equal("ready", await innocent.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        await _other.RunAsync("stop", "--now", Run);

        Assert.Equal(1, _other.ExitCode);
        Assert.Contains("none was signalled: remove the robot's power by hand", _other.Error, StringComparison.Ordinal);
        Assert.False(innocent.HasExited);
        innocent.Kill();
    }

    [Fact]
    public async Task Stop_DirectoryWasRenamed_NamesTheRunThatRuns()
    {
        using Process process = _child.Start(RealTime);
        await BudgetAsync(process);
        string renamed = Run + "-renamed";
        Directory.Move(Run, renamed);

        await _other.RunAsync("stop", Run);
        Assert.Equal(2, _other.ExitCode);
        Assert.Contains($"{renamed} (process {process.Id})", _other.Error, StringComparison.Ordinal);

        await _other.RunAsync("stop", renamed);
        Assert.True(_other.ExitCode == 0, _other.Error + _other.Output);
        await _child.FinishAsync(process);
    }

    /// <summary>Bytes left of the budget once the robot moves.</summary>
    private async Task<long> BudgetAsync(Process process)
    {
        while (!process.HasExited)
        {
            if (RawPeer.Progress(Run) is { } progress)
            {
                return (long)progress["allocationBudgetLeft"]!;
            }

            await Task.Yield();
        }

        await _child.FinishAsync(process);
        Assert.Fail(_child.Error + _child.Output);
        return 0;
    }
}
