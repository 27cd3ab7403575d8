using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using RobotRl.Algorithms;
using RobotRl.Algorithms.Policies;
using RobotRl.Runtime.Checkpoints;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Loops;

/// <summary>What a run keeps on disk: journal, checkpoints, policy file. It saves them in the right order and brings them back.</summary>
/// <remarks>Journal: the recorder's thread. Checkpoints: the thread that owns the learner. In lockstep both are the only one.</remarks>
public sealed class RunStore : IDisposable
{
    private readonly SessionPlan _plan;
    private readonly RunDirectory _run;
    private readonly CheckpointStore _checkpoints;
    private readonly ILogger _log;
    private readonly string _optionsJson;
    private readonly PolicyBlock _admitted;
    private (long Version, double MeanReturn)? _champion;
    private readonly JournalOrigin _origin;
    private readonly SortedDictionary<string, string> _policyProblems = new(StringComparer.Ordinal);
    private string? _checkpointProblem;

    /// <summary>Opens the journal of <paramref name="run"/>, which this process has locked.</summary>
    /// <param name="plan">What is run.</param>
    /// <param name="run">Its directory.</param>
    /// <param name="robot">Name of the robot.</param>
    /// <param name="layout">What a frame looks like.</param>
    /// <param name="policy">What the policy looks like.</param>
    /// <param name="time">Clock of dates and syncs.</param>
    /// <param name="log">Log.</param>
    /// <exception cref="JournalException">The journal belongs to another run, or to another robot or task.</exception>
    public RunStore(SessionPlan plan, RunDirectory run, string robot, FrameLayout layout, PolicySpec policy, TimeProvider time, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(layout);
        (_plan, _run, _log) = (plan, run, log);
        _admitted = new PolicyBlock(policy);
        _optionsJson = OptionsWriter.ToJson(plan.Options);
        Id = (plan.Resume ? run.FindId() : null) ?? RunId.New();
        run.RequireOwnFigures(Id);
        _origin = new JournalOrigin(Id, robot);
        Journal = JournalWriter.Open(run.JournalPath, layout.Journal, _origin, plan.Options.Journal, time);
        foreach (JournalDamage damage in Journal.Recovery.Damage)
        {
            _log.LogWarning("Journal: {Damage}", damage);
        }

        _checkpoints = run.Checkpoints(time, Math.Max(2, plan.Options.Checkpoint.Keep), Id);
    }

    /// <summary>Identity of the run: the one that its files bear, or a new one.</summary>
    public RunId Id { get; }

    /// <summary>The journal.</summary>
    public JournalWriter Journal { get; }

    /// <summary>Sequence of the newest transition that the journal held when the run was resumed; -1 if it held none.</summary>
    /// <remarks>
    /// The loop's count, not the journal's: a resume in real time leaves a number out, and so does a transition that was dropped.
    /// </remarks>
    public long NewestSequence { get; private set; } = -1;

    /// <summary>Why the newest checkpoint could not be saved; null while all is well. Any thread.</summary>
    public string? CheckpointProblem => Volatile.Read(ref _checkpointProblem);

    /// <summary>Why something of the run does not reach the disk now; null while all is well. Any thread.</summary>
    public string? Problem => Journal.Problem ?? CheckpointProblem;

    /// <summary>Finds the newest whole checkpoint; names every newer one that is damaged. Null if none was ever saved.</summary>
    /// <exception cref="BadInputException">There are some, and none can be used.</exception>
    public Checkpoint? FindCheckpoint()
    {
        CheckpointSearch search = _checkpoints.LoadNewest();
        foreach (string damaged in search.Damaged)
        {
            _log.LogWarning("Checkpoint passed over: {Damaged}", damaged);
        }

        return search.Newest is null && search.Damaged.Count > 0
            ? throw new BadInputException($"{_run.Path}: nothing to resume: {string.Join(" ", search.Damaged)}")
            : search.Newest;
    }

    /// <summary>
    /// Begins a run again that ended before its first checkpoint. In lockstep the journal is cut to nothing, for every step is made
    /// again bit for bit; in real time the learner is shown all that the journal holds.
    /// </summary>
    public void Begin(RunParts parts, ILearner learner, bool lockstep)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(learner);
        if (lockstep)
        {
            JournalCut cut = Journal.TruncateTo(0);
            _log.LogWarning(
                "No checkpoint was saved yet: the run begins again at its first step; {Removed} transitions of its journal are made again.",
                cut.Removed
            );
            return;
        }

        _log.LogWarning("No checkpoint was saved yet: the run begins again with what its journal holds.");
        parts.Learner!.Offer();
        Replay(parts, learner, lastSequence: -1, lockstep);
    }

    /// <summary>Makes the journal safe, then saves a checkpoint and the policy that acts.</summary>
    /// <param name="parts">The run.</param>
    /// <param name="nowNs">Its time.</param>
    /// <param name="learnerOnly">In real time: only what belongs to the learner; the open transition is dropped.</param>
    public bool SaveCheckpoint(RunParts parts, long nowNs, bool learnerOnly)
    {
        ArgumentNullException.ThrowIfNull(parts);
        LearnerLoop learner = parts.Learner ?? throw new InvalidOperationException("A frozen policy has no checkpoints.");
        if (!learnerOnly)
        {
            Journal.Sync();
        }

        var header = new CheckpointHeader
        {
            Step = parts.Loop.Status.Steps,
            Episode = parts.Loop.Status.Episodes,
            JournalSequence = Journal.NextSequence,
            Counters = new Dictionary<string, long>
            {
                ["learner/updates"] = learner.Status.Updates,
                ["learner/refused-policies"] = learner.Status.Refused,
                ["loop/gated-steps"] = parts.Loop.Status.GatedSteps,
            }.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Robot = parts.Robot.Description.Name,
            Task = parts.Task.Name,
            Algorithm = _plan.Options.Learner.Algorithm,
            OptionsJson = _optionsJson,
            ActingValues = parts.Task.ActingValues.ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
        CheckpointSave saved = _checkpoints.Save(header, writer =>
        {
            writer.Write("run/time", [nowNs, learnerOnly ? 1 : 0, learner.LastSequence]);
            if (learnerOnly)
            {
                learner.Save(writer);
            }
            else
            {
                parts.Save(writer);
            }
        });
        if (saved.Problem is not null && saved.Problem != CheckpointProblem)
        {
            _log.LogError("{Problem}", saved.Problem);
        }

        Volatile.Write(ref _checkpointProblem, saved.Problem);

        if (saved.Problem is null)
        {
            SaveChampion(parts);
        }

        // A killed run leaves a policy too: the one that acted when its newest checkpoint was taken.
        if (saved.Problem is null && learner.Status.Updates > 0 && learner.CopyAdmittedPolicy(_admitted))
        {
            SavePolicy(parts, _admitted, null);
        }

        return saved.Problem is null;
    }

    /// <summary>
    /// Continues from <paramref name="checkpoint"/>. In lockstep the journal is cut back to it and everything goes on bit for bit;
    /// in real time the tail of the journal is shown to the learner and the open transition is gone. Answers the run's time.
    /// </summary>
    /// <exception cref="BadInputException">The checkpoint is of another robot, task or algorithm, or the options changed its
    /// shapes.</exception>
    public long Resume(Checkpoint checkpoint, RunParts parts, ILearner learner, bool lockstep)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(learner);
        CheckSame(checkpoint, parts);
        long[] time = new long[3];
        try
        {
            checkpoint.State.Read("run/time", time);
            bool whole = time[1] == 0;
            if (lockstep && !whole)
            {
                throw new BadInputException(
                    $"{checkpoint.Path}: saved in real time, so it cannot go on in lockstep. Set Loop:Clock=RealTime."
                );
            }

            if (lockstep)
            {
                parts.Load(checkpoint.State);
                JournalCut cut = Journal.TruncateTo(checkpoint.Header.JournalSequence);
                if (cut.Missing > 0)
                {
                    _log.LogWarning(
                        "Journal: {Missing} transitions before the checkpoint are missing; the resumed run will differ from "
                            + "an uninterrupted one.",
                        cut.Missing
                    );
                }
            }
            else
            {
                parts.Learner!.Load(checkpoint.State);
            }
        }
        catch (Algorithms.Checkpoints.StateMismatchException exception)
        {
            throw new BadInputException(
                $"{exception.Message}{Changed(checkpoint)} Resume with the options that the run was made with ({_run.OptionsPath}).",
                exception
            );
        }

        Replay(parts, learner, time[2], lockstep);
        return time[0];
    }

    /// <summary>
    /// The learner's options that are no longer what they were, in a sentence that begins with a space; nothing where none is.
    /// </summary>
    private string Changed(Checkpoint checkpoint)
    {
        IReadOnlyList<string> changes = OptionsWriter.Changes(_plan.Options, checkpoint.Header.OptionsJson, "Learner");
        return changes.Count == 0 ? "" : $" Changed since: {string.Join(", ", changes)}.";
    }

    /// <summary>Writes the policy file: the newest policy that was let on the robot.</summary>
    public void SavePolicy(RunParts parts, PolicyBlock policy, double? meanReturn)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(policy);
        Save(_run.PolicyPath, parts, policy, meanReturn, parts.Loop.Status.Steps, parts.Learner?.Status.Updates ?? 0);
    }

    /// <summary>Writes the champion's file where there is a champion that it does not hold yet. The learner's thread only.</summary>
    public void SaveChampion(RunParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (
            parts.Learner?.Champion is { Exists: true } champion
            && (champion.Block.Version, champion.MeanReturn) != _champion
            && double.IsFinite(champion.MeanReturn)
            && Save(_run.ChampionPath, parts, champion.Block, champion.MeanReturn, champion.CrownedAt, champion.Block.Version)
        )
        {
            _champion = (champion.Block.Version, champion.MeanReturn);
        }
    }

    private bool Save(string path, RunParts parts, PolicyBlock policy, double? meanReturn, long steps, long updates)
    {
        var provenance = new PolicyProvenance(
            _plan.Options.Learner.Algorithm,
            _plan.Options.Run.Seed,
            steps,
            updates,
            meanReturn,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_optionsJson))),
            CheckpointStore.ProgramVersion
        )
        {
            Run = Id.ToString(),
        };
        PolicyManifest manifest = PolicyManifest.Of(
            parts.Robot.Description,
            parts.Task,
            parts.Period,
            _plan.Options.Loop.PolicyDivisor,
            policy.Spec,
            provenance
        );
        try
        {
            PolicyFile.Save(path, manifest, policy);
            _policyProblems.Remove(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or PolicyFileException)
        {
            _policyProblems[path] = $"{path}: the policy was not written: {exception.Message}";
            _log.LogError("{Problem}", _policyProblems[path]);
            return false;
        }
    }

    /// <summary>
    /// What of the run is not on the disk now that it ends, each in one sentence; empty if all is. Writes what can still be written.
    /// </summary>
    public IReadOnlyList<string> Losses(RunParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        Journal.Sync();
        var losses = new List<string>();
        long missing = Journal.CountMissing() + parts.Ring.Dropped + parts.Ring.Count;
        if (missing > 0)
        {
            losses.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{missing} transitions are not on the disk. {Journal.Problem ?? "The journal could not take them when they came."}"
                )
            );
        }

        losses.AddRange(((string?[])[CheckpointProblem, .. _policyProblems.Values]).OfType<string>());
        return losses;
    }

    private void Replay(RunParts parts, ILearner learner, long lastSequence, bool lockstep)
    {
        JournalReader reader = JournalReader.Open(_run.JournalPath, parts.Layout.Journal, _origin);
        long from = Math.Max(reader.OldestSequence, Journal.NextSequence - learner.RestoreLength - (lockstep ? 0 : JournalTailFrames));
        long passedOver = CountUpTo(lastSequence, from, parts) - learner.RestoreLength;
        reader.Seek(from);
        long restored = 0,
            taken = 0,
            newest = lastSequence,
            episodes = 0;
        NewestSequence = -1;
        while (reader.TryRead(out _, out ReadOnlySpan<byte> frame))
        {
            ref readonly FrameHeader header = ref FrameLayout.Header(frame);
            (episodes, NewestSequence) = (header.Episode + 1, header.Sequence);
            if (header.Sequence <= lastSequence)
            {
                if (passedOver-- > 0)
                {
                    continue;
                }

                parts.Learner!.Restore(frame);
                restored++;
            }
            else
            {
                parts.Learner!.Take(frame);
                (taken, newest) = (taken + 1, header.Sequence);
            }
        }

        foreach (JournalDamage damage in reader.Damage)
        {
            _log.LogWarning("Journal: {Damage}", damage);
        }

        if (!lockstep && newest >= 0)
        {
            // A number is left out for the open transition that is gone: no return reaches from one part of the run into the next.
            parts.Loop.ContinueFrom(newest + 2, newest + 1, episodes);
            parts.Learner!.OfferAgain();
        }

        _log.LogInformation(
            "Resumed: {Restored} transitions brought back from the journal, {Taken} newer than the checkpoint.",
            restored,
            taken
        );
    }

    /// <summary>
    /// Frames of the journal from <paramref name="from"/> on up to <paramref name="lastSequence"/>. They may be more than the
    /// learner's memory
    /// holds: in real time it is not known where in the journal a checkpoint stands, for the learner's inbox may have dropped some.
    /// </summary>
    private long CountUpTo(long lastSequence, long from, RunParts parts)
    {
        JournalReader reader = JournalReader.Open(_run.JournalPath, parts.Layout.Journal, _origin);
        reader.Seek(from);
        long count = 0;
        while (reader.TryRead(out _, out ReadOnlySpan<byte> frame) && FrameLayout.Header(frame).Sequence <= lastSequence)
        {
            count++;
        }

        return count;
    }

    // Frames that may lie between a real-time checkpoint and the crash, beyond what the learner's memory holds.
    private const int JournalTailFrames = 1_000_000;

    /// <summary>Refuses a checkpoint of another robot, task or algorithm.</summary>
    /// <exception cref="BadInputException">It is one; the message names the key.</exception>
    public void CheckSame(Checkpoint checkpoint, RunParts parts)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(parts);
        CheckSame(checkpoint, "Robot:Name", checkpoint.Header.Robot, parts.Robot.Description.Name);
        CheckSame(checkpoint, "Task:Name", checkpoint.Header.Task, parts.Task.Name);
        CheckSame(checkpoint, "Learner:Algorithm", checkpoint.Header.Algorithm, _plan.Options.Learner.Algorithm);
        CheckpointHeader header = checkpoint.Header;
        foreach (
            (string key, double value) in ((string, double)[])
                [("Loop:RateHz", _plan.Options.Loop.RateHz), ("Loop:PolicyDivisor", _plan.Options.Loop.PolicyDivisor)]
        )
        {
            // What was learned is what an action does in one policy step.
            if (SavedOptions.Number(header.OptionsJson, key) is { } saved)
            {
                CheckSame(checkpoint, key, CheckpointHeader.Text(saved), CheckpointHeader.Text(value));
            }
        }

        foreach (string key in parts.Task.ActingValues.Keys.Union(header.ActingValues?.Keys ?? []).Order(StringComparer.Ordinal))
        {
            // A checkpoint of before has a task's settings among its options only.
            double? saved = header.ActingValues is { } values
                ? values.TryGetValue(key, out double found)
                    ? found
                    : null
                : SavedOptions.Number(header.OptionsJson, key);
            double? now = parts.Task.ActingValues.TryGetValue(key, out double present) ? present : null;
            if (saved is not null || header.ActingValues is not null)
            {
                CheckSame(checkpoint, key, CheckpointHeader.Text(saved), CheckpointHeader.Text(now));
            }
        }

        if (SavedOptions.Seed(checkpoint.Header.OptionsJson) is { } seed)
        {
            // The generators go on where they stood: another seed would only be a wrong word in the policy's provenance.
            CheckSame(checkpoint, "Run:Seed", seed, _plan.Options.Run.Seed.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void CheckSame(Checkpoint checkpoint, string key, string saved, string now)
    {
        if (saved != now)
        {
            throw new BadInputException(
                $"{checkpoint.Path}: {key} was {saved} and is now {now}. Resume with {key}={saved}, or start a new run."
            );
        }
    }

    /// <summary>Syncs and closes the journal.</summary>
    public void Dispose() => Journal.Dispose();
}
