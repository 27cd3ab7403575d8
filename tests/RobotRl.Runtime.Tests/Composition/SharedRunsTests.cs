using System.Diagnostics;
using System.Text.Json.Nodes;
using RobotRl.Runtime.Tests.Commands;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>Several runs, each with a robot and a process of its own, that learn on one block of A3C's parameters.</summary>
public sealed class SharedRunsTests : IDisposable
{
    private readonly ChildProcess _first = new(),
        _second = new();

    private string Block => Path.Combine(_first.Directory, "block");

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task Train_TwoRobotsInRealTime_OneKilled_TheOtherGoesOn_AndTheKilledOneComesBackToWhatWasLearned()
    {
        using Process killed = _first.Start(Arguments("one", steps: 1_000_000)),
            goesOn = _second.Start(Arguments("two", steps: 300));
        string checkpoints = Path.Combine(_first.Directory, "one", "checkpoints");
        while (!killed.HasExited && !(Directory.Exists(checkpoints) && Directory.GetFiles(checkpoints, "*.safetensors").Length >= 2))
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.False(killed.HasExited, "it ended by itself");
        killed.Kill();
        await _second.FinishAsync(goesOn);
        Assert.True(_second.ExitCode == 0, _second.Error);
        long own = (long)(await InspectAsync(_second, "two"))["policy"]!["version"]!,
            all = Updates();
        Assert.True(own > 5, $"{own} updates of its own");
        Assert.True(all > own, $"{all} updates of both, {own} of one");

        using Process again = _first.Start("train", "--run", "one", "--resume", "--steps", "500");
        await _first.FinishAsync(again);
        Assert.True(_first.ExitCode == 0, _first.Error);
        Assert.True(Updates() > all, "the one that came back adds to the same block");
    }

    [Fact]
    public async Task Train_OnABlockOfAnotherTask_EndsWith2_AndLeavesNoRun()
    {
        await _first.RunAsync(
            "train",
            "--run",
            "one",
            "--steps",
            "60",
            "--set",
            "Robot:Name=cart-pole",
            "--set",
            "Learner:Algorithm=a3c",
            "--set",
            $"Learner:A3c:SharedFile={Block}"
        );
        Assert.True(_first.ExitCode == 0, _first.Error);
        await _second.RunAsync(
            "train",
            "--run",
            "two",
            "--steps",
            "60",
            "--set",
            "Robot:Name=pendulum",
            "--set",
            "Learner:Algorithm=a3c",
            "--set",
            $"Learner:A3c:SharedFile={Block}"
        );
        Assert.Equal(2, _second.ExitCode);
        Assert.Contains(
            $"Learner:A3c:SharedFile is \"{Block}\", which holds parameters for task cart-pole",
            _second.Error,
            StringComparison.Ordinal
        );
        Assert.Empty(_second.Files);
    }

    private string[] Arguments(string run, int steps) =>
        [
            "train",
            "--run",
            run,
            "--steps",
            $"{steps}",
            "--set",
            "Robot:Name=cart-pole",
            "--set",
            "Loop:Clock=RealTime",
            "--set",
            "Learner:Algorithm=a3c",
            "--set",
            $"Learner:A3c:SharedFile={Block}",
            "--set",
            "Checkpoint:Every=2s",
            "--set",
            "Run:EvaluationEpisodes=0",
            "--set",
            "Failsafe:DeadlineMissed:Threshold=1000",
            "--set",
            "Failsafe:SensorStale:Threshold=5s",
            "--set",
            "Failsafe:ControlStalled:Threshold=5s",
        ];

    /// <summary>The counter in the block's header.</summary>
    private long Updates()
    {
        using FileStream stream = File.OpenRead(Block);
        byte[] header = new byte[16];
        stream.ReadExactly(header);
        return BitConverter.ToInt64(header, 8);
    }

    private static async Task<JsonNode> InspectAsync(ChildProcess child, string run)
    {
        await child.RunAsync("inspect", run, "--json");
        return JsonNode.Parse(child.Output)!;
    }
}
