using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Tests.Learning;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>A run has one identity, it stands in each of its files, and what bears another one is refused by name.</summary>
public sealed class RunIdentityTests : IDisposable
{
    private readonly SessionRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Resume_KeepsTheIdentity_ThatStandsInEveryFile()
    {
        _rig.Run(SessionRig.Stream(o => o.Run.Steps = 120), "run");
        RunDirectory run = RunDirectory.Open(_rig.In("run"));
        RunId id = RunOptionsFile.Read(run.OptionsPath).Run!.Value;
        _rig.Run(SessionRig.Stream(o => o.Run.Steps = 250), "run", resume: true);

        Assert.Equal(id, RunOptionsFile.Read(run.OptionsPath).Run);
        Assert.Equal(id, _rig.Newest("run").Header.Run);
        Assert.Equal([id], JournalReader.Open(run.JournalPath).Runs);
        Assert.Equal(id.ToString(), PolicyFile.Load(run.PolicyPath).Manifest.Provenance.Run);
        File.Delete(run.OptionsPath);
        Assert.Equal(id, run.FindId());
        Array.ForEach(_rig.Checkpoints("run"), File.Delete);
        Assert.Equal(id, run.FindId());

        _rig.Run(SessionRig.Stream(o => o.Run.Steps = 120), "other");
        Assert.NotEqual(id, RunDirectory.Open(_rig.In("other")).FindId());
    }

    [Fact]
    public void Resume_JournalSegmentOfAnotherRunWithTheSameRobot_IsRefusedByName_TouchesNothing()
    {
        RobotRlOptions options = SessionRig.Stream(o => o.Run.Steps = 120);
        _rig.Run(options, "run");
        _rig.Run(options, "other");
        (RunDirectory run, RunDirectory other) = (RunDirectory.Open(_rig.In("run")), RunDirectory.Open(_rig.In("other")));
        string segment = Directory.GetFiles(run.JournalPath).Single();
        File.Copy(Directory.GetFiles(other.JournalPath).Single(), segment, overwrite: true);
        byte[] before = File.ReadAllBytes(segment);

        string message = _rig.Refused(options, "run", resume: true);
        Assert.Equal(
            $"{segment}: this segment of the journal belongs to run {other.FindId()}; this is run {run.FindId()}. Move the "
                + $"file out of this directory.",
            message
        );
        Assert.Equal(before, File.ReadAllBytes(segment));
    }

    [Fact]
    public void Resume_FiguresOfAnotherRun_AreRefusedByName_TouchesNothing()
    {
        RobotRlOptions options = SessionRig.Stream(o => o.Run.Steps = 120);
        _rig.Run(options, "run");
        _rig.Run(options, "other");
        (RunDirectory run, RunDirectory other) = (RunDirectory.Open(_rig.In("run")), RunDirectory.Open(_rig.In("other")));
        File.Copy(other.MetricsPath, run.MetricsPath, overwrite: true);
        string message = _rig.Refused(options, "run", resume: true);
        Assert.StartsWith(
            $"{run.MetricsPath}: these figures belong to run {other.FindId()}; this is run {run.FindId()}.",
            message,
            StringComparison.Ordinal
        );
        Assert.Equal(File.ReadAllText(other.MetricsPath), File.ReadAllText(run.MetricsPath));
    }

    [Fact]
    public void Resume_CheckpointOfAnotherRun_IsNamed_AndTheRunsOwnServes()
    {
        RobotRlOptions options = SessionRig.Stream();
        _rig.Run(options, "whole");
        _rig.Abandon(options, "run", 350);
        string foreign = Path.Combine(RunDirectory.Open(_rig.In("run")).CheckpointsPath, "00000099-step450.safetensors");
        File.Copy(_rig.Checkpoints("whole")[^1], foreign);
        Assert.Equal(RunEnd.Done, _rig.Run(options, "run", resume: true).End);
        Assert.Contains(_rig.Log, line =>
            line.Contains(
                $"{foreign}: this checkpoint belongs to run {RunDirectory.Open(_rig.In("whole")).FindId()}; this is run ",
                StringComparison.Ordinal
            )
        );
        Assert.Equal(_rig.State("whole").Hash, StateHash.Of(_rig.Newest("run").File, ""));
    }

    [Fact]
    public void Resume_InRealTimeWithoutACheckpoint_ShowsTheLearnerWhatTheJournalHolds()
    {
        RobotRlOptions options = SessionRig.RealTime(25);
        using (RunSession session = _rig.Open(options, "run", new ScriptedLearner(3)))
        {
            Assert.Equal(RunEnd.Done, session.Run(new SessionRig.Silent()).End);
        }

        long frames = _rig.Headers("run").Count;
        Array.ForEach(_rig.Checkpoints("run"), File.Delete);
        var learner = new ScriptedLearner(3);
        options.Run.Steps = frames + 5;
        using (RunSession session = _rig.Open(options, "run", learner, resume: true))
        {
            Assert.Equal(frames, learner.Observed);
            Assert.Equal(RunEnd.Done, session.Run(new SessionRig.Silent()).End);
        }

        Assert.InRange(_rig.Headers("run").Count, frames + 5, frames + 60);
        Assert.NotEmpty(_rig.Checkpoints("run"));
    }
}
