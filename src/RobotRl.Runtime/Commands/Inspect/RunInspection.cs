using RobotRl.Runtime.Checkpoints;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Commands.Inspect;

/// <summary>What a run directory holds. Reads only.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Process">Process that works on it now; null where none does.</param>
/// <param name="Policy">The newest admitted policy; null where there is none.</param>
/// <param name="Champion">The best admitted policy; null where there is none.</param>
/// <param name="Checkpoint">The newest good checkpoint; null where there is none.</param>
/// <param name="Journal">The journal.</param>
/// <param name="Damaged">Files that are damaged, each with the reason.</param>
internal sealed record RunInspection(
    string Path, int? Process, PolicyInspection? Policy, PolicyInspection? Champion, CheckpointInspection? Checkpoint, JournalInspection Journal,
    IReadOnlyList<string> Damaged)
{
    public static RunInspection Of(RunDirectory run)
    {
        var damaged = new List<string>();
        CheckpointSearch search = run.Checkpoints(TimeProvider.System).LoadNewest();
        damaged.AddRange(search.Damaged);
        CheckpointInspection? checkpoint = search.Newest is not { } newest ? null : new CheckpointInspection(
            newest.Path, newest.Header.Created, newest.Header.Step, newest.Header.Episode, newest.Header.JournalSequence, newest.Header.Counters,
            StateHash.Of(newest.File, ""));
        return new RunInspection(
            run.Path, RunLock.Holder(run.Path), Open(run.PolicyPath, damaged), Open(run.ChampionPath, damaged), checkpoint, Read(run.JournalPath, damaged), damaged);
    }

    private static PolicyInspection? Open(string path, List<string> damaged)
    {
        try
        {
            return File.Exists(path) ? PolicyInspection.Of(path) : null;
        }
        catch (PolicyFileException e)
        {
            damaged.Add(e.Message);
            return null;
        }
    }

    private static JournalInspection Read(string directory, List<string> damaged)
    {
        long bytes = Directory.Exists(directory) ? Directory.EnumerateFiles(directory).Sum(f => new FileInfo(f).Length) : 0;
        try
        {
            JournalReader reader = JournalReader.Open(directory);
            long frames = 0;
            while (reader.TryRead(out _, out _))
            {
                frames++;
            }

            return new JournalInspection(reader.OldestSequence, frames, bytes, [.. reader.Damage.Select(d => d.ToString())]);
        }
        catch (JournalException e)
        {
            damaged.Add(e.Message);
            return new JournalInspection(0, 0, bytes, []);
        }
    }
}
