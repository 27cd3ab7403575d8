using System.Diagnostics;
using System.Globalization;
using RobotRl.Runtime.Tests.Control;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>
/// A system that takes the process's output, descriptors or file sizes away: the run goes on, or one sentence says why not.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Collection(AloneGroup.Name)]
public sealed class HostileSystemTests : IDisposable
{
    private const string Train = "train --run run --steps 300 --set Learner:Algorithm=stream-actor-critic --set Run:EvaluationEpisodes=0";

    private readonly ChildProcess _child = new();

    public void Dispose() => _child.Dispose();

    private string Run => Path.Combine(_child.Directory, "run");

    [Theory]
    [InlineData(">out 2>&-")]
    [InlineData(">&- 2>&-")]
    [InlineData(">out 2</dev/null")]
    [InlineData("2>err 1</dev/null")]
    [InlineData(">/dev/full 2>/dev/full")]
    public async Task Train_OutputClosedReadOnlyOrFull_GoesOnToItsEnd(string streams)
    {
        int code = await ShellAsync($"$ROBOTRL {Train} {streams}");

        Assert.Equal(0, code);
        Assert.True(File.Exists(Path.Combine(Run, "policy.safetensors")));
    }

    [Theory]
    [InlineData("schema >/dev/full", 1, "No space left on device")]
    [InlineData("schema 1</dev/null", 1, "Standard output did not take all that was written to it")]
    [InlineData("inspect nothing 2</dev/null", 2, "")]
    public async Task Command_ResultIsNotTaken_FailsAndSaysWhy(string command, int expected, string said)
    {
        int code = await ShellAsync($"$ROBOTRL {command}");

        Assert.Equal(expected, code);
        Assert.Contains(said, _child.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", _child.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public async Task Train_FewDescriptors_OneSentenceAndNothingTouched(int files)
    {
        int code = await ShellAsync($"ulimit -n {files}; $ROBOTRL {Train}");

        Assert.True(code == 2, _child.Error);
        Assert.Contains($"may have {files} files open at a time", _child.Error, StringComparison.Ordinal);
        Assert.Single(_child.Error.Trim().Split('\n'));
        Assert.Empty(_child.Files);
    }

    [Fact]
    public async Task FileSizeLimitWhileRunning_TheProcessIsNotKilled_AndStopsConfirmed()
    {
        using Process process = _child.Start(
            "train",
            "--run",
            "run",
            "--steps",
            "0",
            "--set",
            "Learner:Algorithm=stream-actor-critic",
            "--set",
            "Run:EvaluationEpisodes=0",
            "--set",
            "Loop:Clock=RealTime",
            "--set",
            "Failsafe:SensorStale:Threshold=10s",
            "--set",
            "Failsafe:ControlStalled:Threshold=10s",
            "--set",
            "Failsafe:DeadlineMissed:Threshold=10000"
        );
        while (!process.HasExited && RawPeer.Progress(Run) is null)
        {
            await Task.Yield();
        }

        using Process limit = Process.Start("prlimit", ["--pid", process.Id.ToString(CultureInfo.InvariantCulture), "--fsize=1000:"]);
        await limit.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1.5), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(process.HasExited, "killed by SIGXFSZ");

        using var other = new ChildProcess();
        await other.RunAsync("stop", Run);
        await _child.FinishAsync(process);
        Assert.True(other.ExitCode == 0, other.Error + other.Output);
        Assert.True(_child.ExitCode is 0 or 1, _child.Error);
    }

    private async Task<int> ShellAsync(string command)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-c", command])
        {
            WorkingDirectory = _child.Directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ROBOTRL"] = Path.Combine(AppContext.BaseDirectory, "robotrl");
        using Process shell = Process.Start(start)!;
        await _child.FinishAsync(shell);
        return _child.ExitCode;
    }
}
