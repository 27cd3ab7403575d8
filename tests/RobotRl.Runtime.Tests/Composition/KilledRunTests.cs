using System.Diagnostics;
using System.Text.Json.Nodes;
using RobotRl.Algorithms.Randomness;
using RobotRl.Runtime.Telemetry;
using RobotRl.Runtime.Tests.Commands;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>A run whose process is killed at once (SIGKILL), as a power cut or the kernel would.</summary>
public sealed class KilledRunTests : IDisposable
{
    private static readonly string[] s_options =
    [
        "--steps",
        "30000",
        "--set",
        "Robot:Name=cart-pole",
        "--set",
        "Learner:Algorithm=stream-actor-critic",
        "--set",
        "Learner:StreamActorCritic:HiddenWidth=16",
        "--set",
        "Checkpoint:EverySteps=300",
        "--set",
        "Run:EvaluationEpisodes=0",
    ];

    private readonly ChildProcess _child = new();

    public void Dispose() => _child.Dispose();

    [Theory]
    [InlineData(11)]
    public async Task Resume_AfterSigkill_EndsInTheStateOfAnUninterruptedRun(ulong seed)
    {
        string whole = await TrainAsync("whole");
        var random = new CounterRandom(seed, RandomPurpose.Reset);
        using (Process process = _child.Start(["train", "--run", "cut", .. s_options]))
        {
            // From the third checkpoint on (the first is of step 0, before any policy), at a moment of chance.
            string checkpoints = Path.Combine(_child.Directory, "cut", "checkpoints");
            while (!process.HasExited && !(Directory.Exists(checkpoints) && Directory.GetFiles(checkpoints, "*.safetensors").Length >= 3))
            {
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }

            await Task.Delay(random.NextInt32(100), TestContext.Current.CancellationToken);
            Assert.False(process.HasExited, "it was over before it could be killed");
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(137, process.ExitCode);
        }

        JsonNode killed = await InspectAsync("cut");
        Assert.InRange((long)killed["checkpoint"]!["step"]!, 300, 29_999);
        Assert.NotNull(killed["policy"]);
        await _child.RunAsync("train", "--run", "cut", "--resume");
        Assert.True(_child.ExitCode == 0, _child.Error);
        Assert.Equal(whole, Hash(await InspectAsync("cut")));

        // Neither is an episode missing that waited in memory, nor is one there twice.
        (CurveSeries expected, CurveSeries found) = (Returns("whole"), Returns("cut"));
        Assert.True(expected.Steps.Length > 100);
        Assert.Equal(expected.Steps, found.Steps);
        Assert.Equal(expected.Values, found.Values);
    }

    private CurveSeries Returns(string run) => MetricsLog.Read(Path.Combine(_child.Directory, run, "metrics.jsonl"), "episode/return");

    private async Task<string> TrainAsync(string run)
    {
        await _child.RunAsync(["train", "--run", run, .. s_options]);
        Assert.True(_child.ExitCode == 0, _child.Error);
        return Hash(await InspectAsync(run));
    }

    private async Task<JsonNode> InspectAsync(string run)
    {
        await _child.RunAsync("inspect", run, "--json");
        return JsonNode.Parse(_child.Output)!;
    }

    private static string Hash(JsonNode inspected) => (string)inspected["checkpoint"]!["learnerSha256"]!;
}
