using System.Diagnostics;
using System.Text.Json.Nodes;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>With <c>--json</c> a session's command prints one document on standard output and all its lines on standard error.</summary>
public sealed class JsonDocumentTests : IDisposable
{
    private static readonly string[] Learner = ["--set", "Learner:Algorithm=stream-actor-critic"];

    private readonly ChildProcess _child = new();
    private readonly ChildProcess _other = new();

    public void Dispose()
    {
        _child.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task TrainThenDeploy_EachPrintsOneDocument()
    {
        await _child.RunAsync(["train", "--run", "run", "--steps", "400", "--set", "Run:EvaluationEpisodes=2", "--json", .. Learner]);
        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
        JsonNode trained = JsonNode.Parse(_child.Output)!;
        Assert.Equal("Done", (string)trained["end"]!);
        Assert.Equal(400, (long)trained["steps"]!);
        Assert.Equal(2, (long)trained["episodes"]!);
        Assert.True((long)trained["updates"]! > 0);
        // Less than 200 steps of the greatest cost, 16.3, and never above 0.
        Assert.InRange((double)trained["meanReturn"]!, -200 * 16.3, 0);
        Assert.NotEmpty(trained["report"]!.AsArray());
        Assert.True(File.Exists(Path.Combine((string)trained["run"]!, "policy.safetensors")));
        Assert.Contains("The run lies in run", _child.Error, StringComparison.Ordinal);

        await _child.RunAsync(
            "deploy",
            "run",
            "--set",
            "Run:Steps=3",
            "--set",
            "Loop:AutoArm=true",
            "--set",
            "Loop:Clock=RealTime",
            "--json"
        );
        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
        JsonNode deployed = JsonNode.Parse(_child.Output)!;
        Assert.Equal("Done", (string)deployed["end"]!);
        // In real time the end is seen a tick or more after the step that it asks for.
        Assert.InRange((long)deployed["steps"]!, 3, 60);
        Assert.Equal(0, (long)deployed["updates"]!);
        Assert.Null(deployed["meanReturn"]);
        Assert.NotEqual((string)trained["run"]!, (string)deployed["run"]!);
    }

    [Fact]
    public async Task ArmAndStop_RunningRun_AnswerWithOneDocument()
    {
        using Process process = _child.Start([
            "train",
            "--run",
            "run",
            "--steps",
            "0",
            "--set",
            "Loop:Clock=RealTime",
            "--set",
            "Loop:AutoArm=false",
            "--json",
            .. Learner,
        ]);
        string run = Path.Combine(_child.Directory, "run");
        do
        {
            Assert.False(process.HasExited);
            await _other.RunAsync("arm", run, "--json");
        } while (_other.ExitCode != 0);
        JsonNode armed = JsonNode.Parse(_other.Output)!;
        Assert.True((bool)armed["ok"]!);
        Assert.Null(armed["error"]);

        await _other.RunAsync("stop", run, "--json");
        Assert.Equal(0, _other.ExitCode);
        Assert.True((bool)JsonNode.Parse(_other.Output)!["ok"]!);

        await _child.FinishAsync(process);
        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
        JsonNode stopped = JsonNode.Parse(_child.Output)!;
        Assert.Equal("Stopped", (string)stopped["end"]!);
        Assert.Null(stopped["meanReturn"]);
    }

    [Theory]
    [InlineData("arm")]
    [InlineData("stop")]
    public async Task NothingRuns_SaysWhyInTheDocument(string command)
    {
        await _child.RunAsync(command, "none", "--json");

        Assert.Equal(2, _child.ExitCode);
        JsonNode document = JsonNode.Parse(_child.Output)!;
        Assert.False((bool)document["ok"]!);
        Assert.Contains("there is no such run directory", (string)document["error"]!, StringComparison.Ordinal);
        Assert.Contains("there is no such run directory", _child.Error, StringComparison.Ordinal);
    }
}
