using RobotRl.Runtime.Checkpoints;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Commands.Inspect;

/// <summary>What a run directory holds. Reads only.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Id">The run's identity; null if it was made before runs had one.</param>
/// <param name="Process">Process that works on it now; null where none does.</param>
/// <param name="Policy">The newest admitted policy; null where there is none.</param>
/// <param name="Champion">The best admitted policy; null where there is none.</param>
/// <param name="Checkpoint">The newest good checkpoint; null where there is none.</param>
/// <param name="Journal">The journal.</param>
/// <param name="Damaged">Files that are damaged, each with the reason.</param>
internal sealed record RunInspection(
    string Path,
    string? Id,
    int? Process,
    PolicyInspection? Policy,
    PolicyInspection? Champion,
    CheckpointInspection? Checkpoint,
    JournalInspection Journal,
    IReadOnlyList<string> Damaged
)
{
    public static RunInspection Of(RunDirectory run)
    {
        var damaged = new List<string>();
        RunOptionsFile options = RunOptionsFile.Read(run.OptionsPath);
        if (options.Damage is { } problem)
        {
            damaged.Add($"{run.OptionsPath}: {problem}.");
        }

        RunId? id = Find(run);
        CheckpointSearch search = run.Checkpoints(TimeProvider.System, id: id).LoadNewest();
        damaged.AddRange(search.Damaged);
        CheckpointInspection? checkpoint = search.Newest is not { } newest
            ? null
            : new CheckpointInspection(
                newest.Path,
                newest.Header.Created,
                newest.Header.Step,
                newest.Header.Episode,
                newest.Header.JournalSequence,
                newest.Header.Counters,
                StateHash.Of(newest.File, "")
            );
        return new RunInspection(
            run.Path,
            id?.ToString(),
            RunLock.Holder(run.Path),
            Open(run.PolicyPath, id, damaged),
            Open(run.ChampionPath, id, damaged),
            checkpoint,
            Read(run.JournalPath, id, damaged),
            damaged
        );
    }

    private static RunId? Find(RunDirectory run)
    {
        try
        {
            return run.FindId();
        }
        catch (JournalException)
        {
            return null; // Read names it.
        }
    }

    private static PolicyInspection? Open(string path, RunId? id, List<string> damaged)
    {
        try
        {
            PolicyInspection? policy = File.Exists(path) ? PolicyInspection.Of(path) : null;
            if (id is not null && policy?.Manifest.Provenance.Run is { } from && from != id.ToString())
            {
                damaged.Add($"{path}: this policy was learned in run {from}; this is run {id}.");
            }

            return policy;
        }
        catch (PolicyFileException e)
        {
            damaged.Add(e.Message);
            return null;
        }
    }

    private static JournalInspection Read(string directory, RunId? id, List<string> damaged)
    {
        long bytes = Directory.Exists(directory) ? Directory.EnumerateFiles(directory).Sum(f => new FileInfo(f).Length) : 0;
        try
        {
            JournalReader reader = JournalReader.Open(directory);
            damaged.AddRange(
                reader
                    .Runs.Where(r => id is not null && r != id)
                    .Select(r => $"{directory}: a segment of the journal belongs to run {r}; this is run {id}.")
            );
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
