using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Tests.Commands;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>A run in real time whose process is killed at once (SIGKILL): what it cost is counted.</summary>
[Collection(AloneGroup.Name)]
public sealed partial class KilledRealTimeRunTests : IDisposable
{
    private readonly ChildProcess _child = new();

    public void Dispose() => _child.Dispose();

    [Fact]
    public async Task Resume_AfterSigkill_SaysHowManyTransitionsAreLost()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string run = Path.Combine(_child.Directory, "run");
        string[] options =
        [
            "--set",
            "Loop:Clock=RealTime",
            "--set",
            "Journal:SyncInterval=00:00:00.4",
            "--set",
            "Run:EvaluationEpisodes=0",
            "--set",
            "Checkpoint:Every=00:10:00",
            "--set",
            "Learner:Sac:LearningStarts=100000",
        ];
        long first = await KillAsync(run, 0, ["train", "--run", "run", "--steps", "100000", .. options]);

        // Each resume in real time leaves a number out of the count; what is told must not drift with it.
        long done = await KillAsync(run, first, ["train", "--run", "run", "--resume"]);
        long journalled = 0,
            newest = -1;
        for (JournalReader reader = JournalReader.Open(Path.Combine(run, "journal")); reader.TryRead(out _, out ReadOnlySpan<byte> frame); )
        {
            (journalled, newest) = (journalled + 1, FrameLayout.Header(frame).Sequence);
        }

        await _child.RunAsync(["train", "--run", "run", "--resume", "--steps", (journalled + 5).ToString(CultureInfo.InvariantCulture)]);

        // Up to 0.4 s of transitions at 20 Hz; none if the kill came right after a sync.
        Match told = Lost().Match(_child.Error);
        Assert.InRange(newest, 20, done - 1);
        Assert.Equal(done - newest - 1, told.Success ? long.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture) : 0);
        Assert.Null(Counted(run)); // This one ended by itself.
        JsonNode[] events = [.. (await File.ReadAllLinesAsync(Path.Combine(run, "log.jsonl"), cancel)).Select(l => JsonNode.Parse(l)!)];
        Assert.Equal(3, events.Count(e => (string)e["kind"]! == "run" && (string?)e["end"] is null));
        Assert.Single(events, e => (string?)e["end"] is not null);
        Assert.Equal(told.Success, events.Any(e => told.Success && ((string)e["message"]!).Contains(told.Value, StringComparison.Ordinal)));
    }

    /// <summary>
    /// Starts the run, kills it once it has done 25 transitions more than <paramref name="before"/>, and returns how many it had
    /// done.
    /// </summary>
    private async Task<long> KillAsync(string run, long before, string[] arguments)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using Process process = _child.Start(arguments);
        long done = 0;
        for (int i = 0; done < before + 25 && i < 3000 && !process.HasExited; i++)
        {
            await Task.Delay(20, cancel);
            done = Counted(run) ?? 0;
        }

        Assert.False(process.HasExited, "it was over before it could be killed");
        process.Kill();
        await process.WaitForExitAsync(cancel);
        return Counted(run)!.Value;
    }

    /// <summary>What the run's counter shows; null where there is none.</summary>
    private static long? Counted(string run)
    {
        if (
            !Directory.Exists(run)
            || new RunDirectory(run).FindId() is not { } id
            || !File.Exists(Path.Combine(CrashCounter.SharedMemory, $"robotrl-{id}"))
        )
        {
            return null;
        }

        using CrashCounter counter = CrashCounter.TryOpen(id.ToString())!;
        return counter.Left;
    }

    [GeneratedRegex(@"(\d+) transitions that it had done are not in the journal and are lost")]
    private static partial Regex Lost();
}
