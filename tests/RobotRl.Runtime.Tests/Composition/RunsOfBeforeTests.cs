using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Runs;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>
/// Runs that were written before runs had an identity (journal format 1, options without checksum) go on. The files in
/// <c>Before/</c> are those of the program of November 2026: the streaming actor-critic on the cart-pole, in lockstep 80 of 90 steps
/// in its checkpoint, in real time 36 of 61; sac (normalised), ppo, td3 and crossq on the pendulum, 90 steps, and beside each the
/// policy after 130 steps with which that program itself went on.
/// </summary>
public sealed class RunsOfBeforeTests : IDisposable
{
    private readonly SessionRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Resume_LockstepRunOfBefore_CutsItsJournal_GoesOn_AndHasAnIdentityFromThenOn()
    {
        RunDirectory run = Copy("lockstep");
        Assert.Null(run.FindId());
        RobotRlOptions options = OptionsLoader.Load(run.OptionsPath, ["Run:Steps=120"], null);
        Assert.Equal(RunEnd.Done, _rig.Run(options, "lockstep", resume: true).End);

        Assert.Equal(Enumerable.Range(0, 120).Select(i => (long)i), _rig.Headers("lockstep").Select(h => h.Sequence));
        Assert.Equal(120, _rig.Newest("lockstep").Header.Step);
        string[] segments = [.. Directory.GetFiles(run.JournalPath).Order(StringComparer.Ordinal)];
        Assert.Equal([1, 2], segments.Select(s => SegmentFormat.ReadHeader(s)!.Version));
        Assert.NotNull(run.FindId());
        Assert.Equal(run.FindId(), _rig.Newest("lockstep").Header.Run);
        Assert.Equal(run.FindId(), SegmentFormat.ReadHeader(segments[1])!.Run);
    }

    [Fact]
    public void Resume_RealTimeRunOfBefore_ReplaysItsTail_AndGoesOn()
    {
        RunDirectory run = Copy("realtime");
        RobotRlOptions options = OptionsLoader.Load(
            run.OptionsPath,
            [
                "Run:Steps=70",
                "Failsafe:DeadlineMissed:Threshold=1000",
                "Failsafe:SensorStale:Threshold=5 s",
                "Failsafe:ControlStalled:Threshold=5 s",
            ],
            null
        );
        RunOutcome outcome = _rig.Run(options, "realtime", resume: true);
        Assert.True(outcome.End == RunEnd.Done, outcome.Message);
        Assert.Contains(_rig.Log, line =>
            line.StartsWith("Information: Resumed: ", StringComparison.Ordinal)
            && line.EndsWith(" newer than the checkpoint.", StringComparison.Ordinal)
        );
        Assert.InRange(_rig.Headers("realtime").Count, 61 + 7, 200);
        Assert.NotNull(run.FindId());
    }

    [Theory]
    [InlineData("sac")]
    [InlineData("ppo")]
    [InlineData("td3")]
    [InlineData("crossq")]
    public void Resume_LearnerOfBefore_ComesToThePolicyThatTheProgramOfBeforeCameTo(string algorithm)
    {
        RunDirectory run = Copy(algorithm);
        PolicyFile before = PolicyFile.Load(run.PolicyPath),
            expected = PolicyFile.Load(Path.Combine(run.Path, "resumed-by-itself.safetensors"));
        Assert.Equal(90, before.Manifest.Provenance.Steps);
        RunOutcome outcome = _rig.Run(OptionsLoader.Load(run.OptionsPath, ["Run:Steps=130"], null), algorithm, resume: true);
        Assert.True(outcome.End == RunEnd.Done, outcome.Message);

        PolicyFile now = PolicyFile.Load(run.PolicyPath);
        Assert.Equal(130, now.Manifest.Provenance.Steps);
        Assert.Equal(expected.Block.Version, now.Block.Version);

        // Bit for bit on the processor that they were made on; others add up in another order.
        double learned = before.Block.Parameters.Zip(expected.Block.Parameters, (b, e) => Math.Abs(b - e)).Max();
        double off = expected.Block.Parameters.Zip(now.Block.Parameters, (e, n) => Math.Abs(e - n)).Max();
        Assert.True(learned > 1e-3 && off < learned / 100, FormattableString.Invariant($"{off} off, where {learned} was learned"));
    }

    [Theory]
    [InlineData("sac")]
    [InlineData("ppo")]
    [InlineData("td3")]
    [InlineData("crossq")]
    public void Deploy_PolicyOfBefore_Acts(string algorithm)
    {
        RunDirectory run = Copy(algorithm);
        RobotRlOptions options = SessionRig.Sac(o => (o.Robot.Name, o.Run.Steps) = ("pendulum", 20));
        using IRunSession session = _rig.Open(_rig.Plan(options, "deployed", policy: run.PolicyPath));
        Assert.Equal(RunEnd.Done, session.Run(new Progress<RunProgress>()).End);
    }

    private RunDirectory Copy(string name)
    {
        string from = Path.Combine(AppContext.BaseDirectory, "Composition", "Before", name);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(_rig.In(name), Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        return RunDirectory.Open(_rig.In(name));
    }
}
