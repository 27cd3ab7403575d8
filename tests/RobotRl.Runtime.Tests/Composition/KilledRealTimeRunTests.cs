using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
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
            "--set", "Loop:Clock=RealTime", "--set", "Journal:SyncInterval=00:05:00", "--set", "Run:EvaluationEpisodes=0", "--set", "Checkpoint:Every=00:10:00",
            "--set", "Learner:Sac:LearningStarts=100000",
        ];
        long done = 0;
        using (Process process = _child.Start(["train", "--run", "run", "--steps", "100000", .. options]))
        {
            for (int i = 0; done < 25 && i < 3000 && !process.HasExited; i++)
            {
                await Task.Delay(20, cancel);
                done = Counted(run) ?? 0;
            }

            Assert.False(process.HasExited, "it was over before it could be killed");
            process.Kill();
            await process.WaitForExitAsync(cancel);
        }

        done = Counted(run)!.Value;
        Assert.InRange(done, 25, 3000);
        long journalled = 0;
        for (JournalReader reader = JournalReader.Open(Path.Combine(run, "journal")); reader.TryRead(out _, out _);)
        {
            journalled++;
        }

        await _child.RunAsync(["train", "--run", "run", "--resume", "--steps", (journalled + 5).ToString(CultureInfo.InvariantCulture)]);

        Match told = Lost().Match(_child.Error);
        Assert.True(told.Success, _child.Error);
        Assert.Equal(done - journalled, long.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.Null(Counted(run)); // This one ended by itself.
        JsonNode[] events = [.. (await File.ReadAllLinesAsync(Path.Combine(run, "log.jsonl"), cancel)).Select(l => JsonNode.Parse(l)!)];
        Assert.Equal(2, events.Count(e => (string)e["kind"]! == "run" && (string?)e["end"] is null));
        Assert.Single(events, e => (string?)e["end"] is not null);
        Assert.Contains(events, e => Lost().IsMatch((string)e["message"]!));
    }

    /// <summary>What the run's counter shows; null where there is none.</summary>
    private static long? Counted(string run)
    {
        if (!Directory.Exists(run) || new RunDirectory(run).FindId() is not { } id || !File.Exists(Path.Combine(CrashCounter.SharedMemory, $"robotrl-{id}")))
        {
            return null;
        }

        using CrashCounter counter = CrashCounter.TryOpen(id.ToString())!;
        return counter.Left;
    }

    [GeneratedRegex(@"(\d+) transitions that it had done are not in the journal and are lost")]
    private static partial Regex Lost();
}
