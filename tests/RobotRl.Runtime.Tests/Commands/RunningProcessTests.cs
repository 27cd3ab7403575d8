using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>A run as a process of its own: asked, stopped by command and by signal, refused to a second process, resumed.</summary>
public sealed class RunningProcessTests : IDisposable
{
    private static readonly string[] Endless =
    [
        "train",
        "--run",
        "run",
        "--steps",
        "0",
        "--set",
        "Learner:Algorithm=stream-actor-critic",
        "--set",
        "Run:EvaluationEpisodes=0",
    ];

    private readonly ChildProcess _child = new();
    private readonly ChildProcess _other = new();

    public void Dispose()
    {
        _child.Dispose();
        _other.Dispose();
    }

    private string Run => Path.Combine(_child.Directory, "run");

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Signal_IsAControlledStopWithACheckpoint(string signal)
    {
        Assert.SkipWhen(
            signal == "INT" && IgnoresInterrupts(),
            "SIGINT is ignored here, and so in every child: a shell started this in the background"
        );
        using Process process = _child.Start(Endless);
        await WaitUntilTrainingAsync(process);
        using (Process kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await _child.FinishAsync(process);

        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
        Assert.Contains("controlled stop", _child.Error, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(Run, "checkpoints"), "*.safetensors"));
        Assert.False(File.Exists(Path.Combine(Run, "control.sock")));
    }

    private static bool IgnoresInterrupts()
    {
        const string Field = "SigIgn:";
        const ulong Interrupt = 1 << 1;
        string mask = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Field, StringComparison.Ordinal))[Field.Length..];
        return (ulong.Parse(mask.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & Interrupt) != 0;
    }

    [Fact]
    public async Task RunningRun_AnswersItsOwner_RefusesASecondProcess_StopsAndResumes()
    {
        using Process process = _child.Start(Endless);
        await WaitUntilTrainingAsync(process);

        await _other.RunAsync("train", "--run", Run, "--resume");
        Assert.Equal(2, _other.ExitCode);
        Assert.Contains("is working on this run", _other.Error, StringComparison.Ordinal);

        await _other.RunAsync("stop", Run);
        Assert.Equal(0, _other.ExitCode);
        await _child.FinishAsync(process);
        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);

        await _child.RunAsync("inspect", "run", "--json");
        long step = (long)JsonNode.Parse(_child.Output)!["checkpoint"]!["step"]!;
        Assert.True(step > 0);

        await _child.RunAsync("train", "--run", "run", "--resume", "--steps", (step + 300).ToString(CultureInfo.InvariantCulture));
        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
        await _child.RunAsync("inspect", "run", "--json");
        Assert.Equal(step + 300, (long)JsonNode.Parse(_child.Output)!["checkpoint"]!["step"]!);
    }

    [Fact]
    public async Task Train_DirectoryThatCannotBeWritten_IsBadInput()
    {
        await _child.RunAsync("train", "--steps", "10", "--run", "/proc/robotrl", "--set", "Learner:Algorithm=stream-actor-critic");

        Assert.Equal(2, _child.ExitCode);
        Assert.Contains("/proc/robotrl: cannot be written", _child.Error, StringComparison.Ordinal);
        Assert.Empty(_child.Files);
    }

    private async Task WaitUntilTrainingAsync(Process process)
    {
        while (!process.HasExited)
        {
            await _other.RunAsync("status", Run, "--json");
            if (_other.ExitCode == 0 && (long)JsonNode.Parse(_other.Output)!["progress"]!["step"]! > 0)
            {
                return;
            }
        }

        await _child.FinishAsync(process);
        Assert.Fail(_child.Error + _child.Output);
    }
}
