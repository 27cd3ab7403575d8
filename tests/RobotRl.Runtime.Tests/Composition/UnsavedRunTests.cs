using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Tests.Learning;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>Whatever of a run is not on the disk at its end is counted and said, and the run counts as failed.</summary>
public sealed class UnsavedRunTests : IDisposable
{
    private readonly SessionRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Run_DirectoryRemovedInRealTime_EndsFailed_WithTheNumberOfTransitions()
    {
        RobotRlOptions options = SessionRig.RealTime(25, o => o.Journal.SyncInterval = TimeSpan.FromMilliseconds(20));
        string? told = null,
            cause = null;
        bool gone = false;
        using RunSession session = _rig.Open(options, "run", new ScriptedLearner(3));
        RunOutcome outcome = session.Run(
            new SessionRig.Told(p =>
            {
                if (p.Step > 5 && !gone)
                {
                    gone = true;
                    Directory.Delete(_rig.In("run"), recursive: true);
                }

                (told, cause) = (told ?? p.StorageProblem, cause ?? p.FailsafeCause);
            })
        );
        Assert.Equal((RunEnd.Failed, ExitCode.Failed), (outcome.End, ExitCode.Of(outcome.End)));
        Assert.Matches($"{outcome.Steps} transitions are not on the disk", outcome.Message);
        Assert.Contains("was removed or renamed", outcome.Message, StringComparison.Ordinal);
        Assert.Contains("was removed or renamed", told, StringComparison.Ordinal);
        Assert.Equal("DiskFull", cause);
        Assert.False(Directory.Exists(_rig.In("run")));
    }

    [Fact]
    public void Run_StoppedWhileTheJournalCannotBeWritten_CountsWhatWaits()
    {
        RobotRlOptions options = SessionRig.Stream(o => o.Journal.SyncInterval = TimeSpan.FromMilliseconds(1));
        using IRunSession session = _rig.Open(_rig.Plan(options, "run"));
        Directory.Move(RunDirectory.Open(_rig.In("run")).JournalPath, _rig.In("moved"));
        RunOutcome outcome = session.Run(
            new SessionRig.Told(p =>
            {
                if (p.StorageProblem is not null)
                {
                    session.RequestStop(StopLevel.ControlledStop, "seen");
                }
            })
        );
        Assert.Equal(RunEnd.Failed, outcome.End);
        Assert.InRange(outcome.Steps, 1, 449);
        Assert.Contains($": {outcome.Steps} transitions are not on the disk.", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_CheckpointsCannotBeSaved_IsToldMeanwhile_AndEndsFailed()
    {
        using IRunSession session = _rig.Open(_rig.Plan(SessionRig.Stream(), "run"));
        string checkpoints = RunDirectory.Open(_rig.In("run")).CheckpointsPath;
        Directory.Delete(checkpoints);
        File.WriteAllText(checkpoints, "");
        string? told = null;
        RunOutcome outcome = session.Run(new SessionRig.Told(p => told ??= p.StorageProblem));
        Assert.Equal(RunEnd.Failed, outcome.End);
        Assert.Contains($"{checkpoints}: no checkpoint was saved at step 450", outcome.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{checkpoints}: no checkpoint was saved at step", told, StringComparison.Ordinal);
        Assert.Contains(_rig.Log, line =>
            line.StartsWith($"Error: {checkpoints}: no checkpoint was saved at step 0", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Run_PolicyCannotBeWritten_EndsFailed()
    {
        using IRunSession session = _rig.Open(_rig.Plan(SessionRig.Stream(), "run"));
        string policy = RunDirectory.Open(_rig.In("run")).PolicyPath;
        Directory.CreateDirectory(policy);
        RunOutcome outcome = session.Run(new SessionRig.Silent());
        Assert.Equal(RunEnd.Failed, outcome.End);
        Assert.Contains($"{policy}: the policy was not written", outcome.Message, StringComparison.Ordinal);
    }
}
