using System.Text.Json.Nodes;
using RobotRl.Runtime.Policies;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>The champion's file: written by the run, taken by eval and deploy, shown by inspect.</summary>
public sealed class ChampionCommandTests : IDisposable
{
    private readonly ChildProcess _child = new();

    public void Dispose() => _child.Dispose();

    [Fact]
    public async Task Eval_RunWithAChampion_TakesItAndSaysSo_AndTheNewestWhereAskedFor()
    {
        await _child.RunAsync(
            "train",
            "--run",
            "run",
            "--steps",
            "900",
            "--set",
            "Robot:Name=cart-pole",
            "--set",
            "Learner:Algorithm=stream-actor-critic",
            "--set",
            "Run:EvaluationEpisodes=0",
            "--set",
            "Checkpoint:EverySteps=400",
            "--set",
            "Admission:Champion:Episodes=4",
            "--json"
        );
        Assert.Equal(0, _child.ExitCode);
        PolicyFile champion = PolicyFile.Load(Path.Combine(_child.Directory, "run", "champion.safetensors"));
        PolicyFile newest = PolicyFile.Load(Path.Combine(_child.Directory, "run", "policy.safetensors"));
        double mean = Assert.NotNull(champion.Manifest.Provenance.MeanReturn);
        Assert.InRange(mean, 8, 500);
        Assert.True(champion.Block.Version < newest.Block.Version);
        Assert.InRange(champion.Manifest.Provenance.Steps, 1, 899);
        Assert.DoesNotContain(_child.Files, f => f.EndsWith(".tmp", StringComparison.Ordinal));

        await _child.RunAsync("eval", "run", "--episodes", "5", "--json");
        Assert.EndsWith("champion.safetensors", (string)JsonNode.Parse(_child.Output)!["policy"]!, StringComparison.Ordinal);
        Assert.Contains(
            $"Policy: the champion of the run, version {champion.Block.Version}, whose episodes in training had a mean return of",
            _child.Error,
            StringComparison.Ordinal
        );

        await _child.RunAsync("eval", "run", "--episodes", "5", "--policy", "newest", "--json");
        Assert.EndsWith("policy.safetensors", (string)JsonNode.Parse(_child.Output)!["policy"]!, StringComparison.Ordinal);
        Assert.Contains($"Policy: the newest of the run, version {newest.Block.Version}", _child.Error, StringComparison.Ordinal);

        await _child.RunAsync("inspect", "run", "--json");
        Assert.Equal(champion.Block.Version, (long)JsonNode.Parse(_child.Output)!["champion"]!["version"]!);

        File.Delete(Path.Combine(_child.Directory, "run", "champion.safetensors"));
        await _child.RunAsync("eval", "run", "--policy", "champion");
        Assert.Equal(2, _child.ExitCode);
        Assert.Contains("the run has no champion yet", _child.Error, StringComparison.Ordinal);
    }
}
