using System.Collections.Immutable;
using System.Runtime.InteropServices;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>What resuming promises in lockstep: the end is bit for bit that of a run that nothing interrupted.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly SessionRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(20)] // Before the first checkpoint that is due.
    [InlineData(55)] // Before learning starts, with a checkpoint of its own.
    [InlineData(101)] // The first step after a checkpoint.
    [InlineData(200)] // The reward of the step that ends an episode and is to be checkpointed.
    [InlineData(330)]
    public void Resume_SacAbandonedAnywhere_EndsAsUninterrupted(int at)
    {
        RobotRlOptions options = SessionRig.Sac(o => o.Checkpoint.EverySteps = 50);
        _rig.Run(options, "whole");
        _rig.Abandon(options, "cut", at);
        Assert.Equal(at - 1 - ((at - 1) % 50), _rig.State("cut").Step);
        Assert.Equal(RunEnd.Done, _rig.Run(options, "cut", resume: true).End);
        Assert.Equal(_rig.State("whole"), _rig.State("cut"));
    }

    [Theory]
    [InlineData(120)]
    [InlineData(399)]
    public void Resume_StreamAbandonedTwice_EndsAsUninterrupted(int at)
    {
        RobotRlOptions options = SessionRig.Stream(o => o.Checkpoint.EverySteps = 37);
        _rig.Run(options, "whole");
        _rig.Abandon(options, "cut", at);
        _rig.Abandon(options, "cut", 40, resume: true);
        _rig.Run(options, "cut", resume: true);
        Assert.Equal(_rig.State("whole"), _rig.State("cut"));
    }

    [Fact]
    public void Resume_StateDependentExplorationAbandonedBetweenDraws_EndsAsUninterrupted()
    {
        RobotRlOptions options = SessionRig.Sac(o =>
        {
            (o.Learner.Sac.StateDependentExploration, o.Learner.Sac.SdeSampleFrequency, o.Checkpoint.EverySteps) = (true, 16, 50);
            o.Learner.Backend = "managed";
        });
        _rig.Run(options, "whole");
        _rig.Abandon(options, "cut", 330);
        Assert.Equal(RunEnd.Done, _rig.Run(options, "cut", resume: true).End);
        Assert.Equal(_rig.State("whole"), _rig.State("cut"));
    }

    [Theory]
    [InlineData("ppo")]
    [InlineData("a2c")]
    [InlineData("a3c")]
    [InlineData("trpo")]
    [InlineData("reinforce")]
    [InlineData("batch-actor-critic")]
    public void Resume_OnPolicyAbandonedInARollout_EndsAsUninterrupted_AndActsByEachUpdate(string algorithm)
    {
        RobotRlOptions options = SessionRig.Stream(o =>
        {
            o.Learner.Algorithm = algorithm;
            (o.Learner.Ppo.StepsPerUpdate, o.Learner.A2c.StepsPerUpdate, o.Learner.Npg.StepsPerUpdate, o.Learner.Trpo.StepsPerUpdate) = (
                60,
                60,
                60,
                60
            );
            (o.Learner.Reinforce.StepsPerUpdate, o.Learner.BatchActorCritic.StepsPerUpdate) = (60, 60);
            o.Learner.A3c.StepsPerUpdate = 60;
            o.Checkpoint.EverySteps = 37;
        });
        _rig.Run(options, "whole");
        _rig.Abandon(options, "cut", 301);
        _rig.Run(options, "cut", resume: true);
        Assert.Equal(_rig.State("whole"), _rig.State("cut"));

        // Each update's policy acts next, whatever OfferEveryUpdates says: the versions have no gap.
        long[] versions = [.. _rig.Headers("whole").Select(h => h.PolicyVersion).Distinct()];
        Assert.True(versions.Length > 2, string.Join(", ", versions));
        Assert.Equal(Enumerable.Range(0, versions.Length).Select(v => (long)v), versions);
    }

    [Fact]
    public void Resume_ThreeWorkersOfA3c_EndAsUninterrupted_AndEachAddsToTheOneBlock()
    {
        RobotRlOptions options = SessionRig.Stream(o =>
        {
            o.Learner.Algorithm = "a3c";
            (o.Learner.A3c.Workers, o.Learner.A3c.StepsPerUpdate) = (3, 30);
            o.Checkpoint.EverySteps = 37;
        });
        _rig.Run(options, "whole");
        _rig.Abandon(options, "cut", 301);
        _rig.Run(options, "cut", resume: true);
        Assert.Equal(_rig.State("whole"), _rig.State("cut"));
        options.Learner.A3c.Workers = 1;
        _rig.Run(options, "alone");
        Assert.NotEqual(_rig.State("whole"), _rig.State("alone"));
    }

    [Fact]
    public void Create_SeveralWorkersInRealTime_SaysWhatToChange()
    {
        RobotRlOptions options = SessionRig.Stream(o =>
        {
            (o.Learner.Algorithm, o.Learner.A3c.Workers) = ("a3c", 3);
            o.Loop.Clock = LoopClock.RealTime;
        });
        string message = _rig.Refused(options, "refused");
        Assert.Contains("Learner:A3c:Workers is 3; allowed with Loop:Clock=RealTime: 1.", message, StringComparison.Ordinal);
        Assert.Contains("start a run for each robot with the same Learner:A3c:SharedFile", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_rig.In("refused")));
    }

    [Fact]
    public void Resume_DividedPolicyAndLimits_EndsAsUninterrupted()
    {
        RobotRlOptions options = SessionRig.Sac(o =>
        {
            o.Loop.PolicyDivisor = 3;
            o.Safety.Joints["pole/effort"] = new Hardware.Safety.JointLimits { MaxCommandRate = 30, MaxEffort = 1.5 };
            o.Learner.Sac.StepsPerReturn = 3;
            o.Learner.Sac.ReplayCapacity = 150;
            o.Learner.Sac.NormaliseObservations = true;
        });
        _rig.Run(options, "whole");
        _rig.Abandon(options, "cut", 333);
        _rig.Run(options, "cut", resume: true);
        Assert.Equal(_rig.State("whole"), _rig.State("cut"));
    }

    [Fact]
    public void Resume_ToMoreSteps_IsARunOfSoMany()
    {
        _rig.Run(SessionRig.Stream(o => o.Run.Steps = 400), "whole");
        _rig.Run(SessionRig.Stream(o => o.Run.Steps = 250), "cut");
        _rig.Run(SessionRig.Stream(o => o.Run.Steps = 400), "cut", resume: true);
        Assert.Equal(_rig.State("whole"), _rig.State("cut"));
    }

    [Fact]
    public void Resume_NewestCheckpointDamaged_IsNamed_TheOneBeforeServes_EndsAsUninterrupted()
    {
        RobotRlOptions options = SessionRig.Sac();
        _rig.Run(options, "whole");
        _rig.Abandon(options, "cut", 350);
        string newest = _rig.Checkpoints("cut")[^1];
        Flip(newest, 0.6);
        _rig.Run(options, "cut", resume: true);
        Assert.Contains(_rig.Log, line =>
            line.Contains("Checkpoint passed over", StringComparison.Ordinal) && line.Contains(newest, StringComparison.Ordinal)
        );
        Assert.Equal(_rig.State("whole"), _rig.State("cut"));
    }

    [Fact]
    public void Resume_NewestCheckpointTruncated_TheOneBeforeServes()
    {
        RobotRlOptions options = SessionRig.Stream();
        _rig.Run(options, "whole");
        _rig.Abandon(options, "cut", 350);
        string newest = _rig.Checkpoints("cut")[^1];
        File.WriteAllBytes(newest, File.ReadAllBytes(newest)[..100]);
        _rig.Run(options, "cut", resume: true);
        Assert.Equal(_rig.State("whole"), _rig.State("cut"));
    }

    [Fact]
    public void Resume_WithAnotherDivisor_IsRefused_ForAnActionMeansAnother()
    {
        _rig.Abandon(SessionRig.Stream(), "run", 250);
        string message = _rig.Refused(SessionRig.Stream(o => o.Loop.PolicyDivisor = 4), "run", resume: true);
        Assert.Contains("Loop:PolicyDivisor was 1 and is now 4. Resume with Loop:PolicyDivisor=1", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Resume_WithAnotherSettingOfTheTask_IsRefused_ForAnActionMeansAnother(bool kept)
    {
        SessionPlan At(double speed, bool resume)
        {
            SessionPlan plan = _rig.Plan(SessionRig.Stream(o => (o.Run.Steps, o.Task.Reach.Speed) = (60, speed)), "run", resume);
            var values = ImmutableDictionary<string, double>.Empty.Add("Task:Reach:Speed", speed);
            return plan with { Task = new AbandoningTask(plan.Task, at: 0) { ActingValues = values } };
        }

        using (IRunSession first = _rig.Open(At(0.5, resume: false)))
        {
            Assert.Equal(RunEnd.Done, first.Run(new Progress<RunProgress>()).End);
        }

        if (!kept)
        {
            // As the programs before wrote it: among the options only.
            SafetensorsFile newest = _rig.Newest("run").File;
            var writer = new SafetensorsWriter();
            foreach (SafetensorsTensor tensor in newest.Tensors.Where(t => t.Name != SafetensorsFile.IntegrityName))
            {
                ReadOnlySpan<byte> bytes = newest.Bytes(tensor);
                if (tensor.Type == SafetensorsType.F32)
                {
                    writer.Write(tensor.Name, MemoryMarshal.Cast<byte, float>(bytes));
                }
                else if (tensor.Type == SafetensorsType.F64)
                {
                    writer.Write(tensor.Name, MemoryMarshal.Cast<byte, double>(bytes));
                }
                else
                {
                    writer.Write(tensor.Name, MemoryMarshal.Cast<byte, long>(bytes));
                }
            }

            writer.WriteTo(newest.Path, newest.Metadata.Where(m => m.Key != "acting_values"));
        }

        string message = Assert.Throws<BadInputException>(() => _rig.Open(At(0.25, resume: true)).Dispose()).Message;
        Assert.Contains(
            "Task:Reach:Speed was 0.5 and is now 0.25. Resume with Task:Reach:Speed=0.5, or start a new run.",
            message,
            StringComparison.Ordinal
        );
        using IRunSession again = _rig.Open(At(0.5, resume: true));
        Assert.Equal(RunEnd.Done, again.Run(new Progress<RunProgress>()).End);
    }

    [Fact]
    public void Resume_EveryCheckpointDamaged_IsRefusedAndNamesThem()
    {
        RobotRlOptions options = SessionRig.Stream();
        _rig.Abandon(options, "run", 250);
        string[] files = _rig.Checkpoints("run");
        foreach (string file in files)
        {
            Flip(file, 0.5);
        }

        string message = _rig.Refused(options, "run", resume: true);
        Assert.Contains("nothing to resume", message, StringComparison.Ordinal);
        Assert.All(files, file => Assert.Contains(file, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Resume_JournalDamaged_SaysWhere_AndGoesOn()
    {
        RobotRlOptions options = SessionRig.Sac();
        _rig.Abandon(options, "run", 350);
        string segment = Directory.GetFiles(RunDirectory.Open(_rig.In("run")).JournalPath, "*.journal").Single();
        Flip(segment, 0.3);
        Assert.Equal(RunEnd.Done, _rig.Run(options, "run", resume: true).End);
        Assert.Contains(_rig.Log, line =>
            line.StartsWith("Warning: Journal:", StringComparison.Ordinal)
            && line.Contains(Path.GetFileName(segment), StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Resume_WithoutACheckpoint_BeginsAgain_EndsAsUninterrupted()
    {
        RobotRlOptions options = SessionRig.Stream();
        _rig.Run(options, "whole");
        _rig.Abandon(options, "run", 50);
        Array.ForEach(_rig.Checkpoints("run"), File.Delete);
        Assert.Equal(RunEnd.Done, _rig.Run(options, "run", resume: true).End);
        Assert.Contains(_rig.Log, line =>
            line.StartsWith("Warning: No checkpoint was saved yet: the run begins again at its first step;", StringComparison.Ordinal)
        );
        Assert.Equal(_rig.State("whole"), _rig.State("run"));
    }

    [Fact]
    public void Resume_AnotherAlgorithmRobotOrWidth_NamesTheKey_TouchesNothing()
    {
        RobotRlOptions options = SessionRig.Stream();
        _rig.Abandon(options, "run", 250);
        string optionsFile = RunDirectory.Open(_rig.In("run")).OptionsPath,
            before = File.ReadAllText(optionsFile);

        Assert.Contains(
            "Learner:Algorithm was stream-actor-critic and is now online-actor-critic",
            _rig.Refused(SessionRig.Stream(o => o.Learner.Algorithm = "online-actor-critic"), "run", resume: true),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Run:Seed was 1 and is now 2",
            _rig.Refused(SessionRig.Stream(o => o.Run.Seed = 2), "run", resume: true),
            StringComparison.Ordinal
        );
        string width = _rig.Refused(SessionRig.Stream(o => o.Learner.StreamActorCritic.HiddenWidth = 32), "run", resume: true);
        Assert.Contains("Resume with the options that the run was made with", width, StringComparison.Ordinal);
        string robot = _rig.Refused(SessionRig.Stream(o => o.Robot.Name = "pendulum"), "run", resume: true);
        Assert.DoesNotContain("   at ", robot, StringComparison.Ordinal);

        Assert.Equal(before, File.ReadAllText(optionsFile));
        Assert.Equal(RunEnd.Done, _rig.Run(options, "run", resume: true).End);
    }

    [Fact]
    public void Open_RunOfALiveSession_IsRefused()
    {
        RobotRlOptions options = SessionRig.Stream();
        using IRunSession first = _rig.Open(_rig.Plan(options, "run"));
        string message = _rig.Refused(options, "run", resume: true);
        Assert.Contains(
            Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture),
            message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Open_DirectoryThatCannotBeWritten_SaysSo()
    {
        string message = Assert
            .Throws<BadInputException>(() => _rig.Open(_rig.Plan(SessionRig.Stream(), "/proc/robotrl/run")).Dispose())
            .Message;
        Assert.Contains("/proc/robotrl", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PolicyOfAnotherRobot_NamesTheField()
    {
        _rig.Run(SessionRig.Stream(o => o.Run.Steps = 50), "run");
        string policy = RunDirectory.Open(_rig.In("run")).PolicyPath;
        string message = _rig.Refused(SessionRig.Sac(o => o.Loop.Clock = LoopClock.RealTime), "deployed", policy: policy);
        Assert.Contains("policy.safetensors: ", message, StringComparison.Ordinal);
        Assert.Contains("cart-pole", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_rig.In("deployed")));
    }

    private static void Flip(string file, double where)
    {
        byte[] bytes = File.ReadAllBytes(file);
        bytes[(int)(bytes.Length * where)] ^= 0x40;
        File.WriteAllBytes(file, bytes);
    }
}
