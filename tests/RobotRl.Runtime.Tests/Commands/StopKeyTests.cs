using System.Diagnostics;
using System.Text.Json.Nodes;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>The stop keys of a run on a terminal, which `script` plays.</summary>
[Collection(AloneGroup.Name)]
public sealed class StopKeyTests : IDisposable
{
    private readonly ChildProcess _run = new();
    private readonly ChildProcess _other = new();

    public void Dispose()
    {
        _run.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData(' ', 3, "emergency stop by key")]
    [InlineData('s', 0, "stop by key")]
    public async Task Key_StopsTheRobot_AndSaysWhoAsked(char key, int exitCode, string reason)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script (Debian: bsdutils) is missing: there is no terminal to press a key on");
        string command =
            $"{Path.Combine(AppContext.BaseDirectory, "robotrl")} train --run run --steps 0 --set Loop:Clock=RealTime --set "
            + $"Learner:Algorithm=stream-actor-critic --set Loop:AllocationBudgetMiB=0 --set "
            + $"Failsafe:DeadlineMissed:Threshold=10000 --set Failsafe:SensorStale:Threshold=10s --set "
            + $"Failsafe:ControlStalled:Threshold=10s";
        var start = new ProcessStartInfo("/usr/bin/script", ["-qfec", command, "/dev/null"])
        {
            WorkingDirectory = _run.Directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm";
        using Process terminal = Process.Start(start)!;
        Task<string> output = terminal.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            do
            {
                Assert.False(terminal.HasExited, "the run ended early");
                await _other.RunAsync("status", Path.Combine(_run.Directory, "run"), "--json");
            } while (_other.ExitCode != 0 || (long)JsonNode.Parse(_other.Output)!["progress"]!["step"]! == 0);

            await terminal.StandardInput.WriteAsync(key);
            await terminal.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            await terminal.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(terminal.ExitCode == exitCode, $"exit code {terminal.ExitCode}: {await output}");
            Assert.Contains(reason, await output, StringComparison.Ordinal);
        }
        finally
        {
            if (!terminal.HasExited)
            {
                terminal.Kill(entireProcessTree: true);
            }
        }
    }
}
