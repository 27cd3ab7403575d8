using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tasks;
using RobotRl.Runtime.Tests.Loops;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>A run that cannot learn says so while it runs, at its end, and by its exit code.</summary>
public sealed class NothingLearnedTests : IDisposable
{
    private readonly SessionRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Run_RewardAtTheEndIsNoNumber_FreezesLearning_AndSaysHowManyWereLost()
    {
        var seen = new List<RunProgress>();
        RunOutcome outcome = Run(new BrokenCartPole(onlyAtTheEnd: true), seen.Add);
        Assert.Equal(RunEnd.Done, outcome.End);
        Assert.Contains(outcome.Report, line => line.StartsWith("Not learned from: ", StringComparison.Ordinal) && line.Contains("ends of episodes", StringComparison.Ordinal));
        Assert.Contains(_rig.Log, line => line.Contains("ExperienceRefused", StringComparison.Ordinal) && line.Contains("FreezeLearning", StringComparison.Ordinal));
        Assert.True(outcome.RefusedTransitions >= 10);
        Assert.Contains("learning/refused-transitions", File.ReadAllText(RunDirectory.Open(_rig.In("run")).MetricsPath), StringComparison.Ordinal);
        Assert.Contains(seen, p => p.RefusedTransitions > 0 && p.FailsafeCause == nameof(FailsafeCause.ExperienceRefused));
    }

    [Fact]
    public void Run_NoRewardIsANumber_FailsAndSaysThatNothingWasLearned()
    {
        RunOutcome outcome = Run(new BrokenCartPole(onlyAtTheEnd: false), _ => { });
        Assert.Equal(RunEnd.Failed, outcome.End);
        Assert.Equal(ExitCode.Failed, ExitCode.Of(outcome.End));
        Assert.Contains($"Nothing was learned: none of {outcome.Steps} transitions could be learned from.", outcome.Message, StringComparison.Ordinal);
        Assert.Equal(outcome.Steps, outcome.RefusedTransitions);
    }

    private RunOutcome Run(IControlTask task, Action<RunProgress> progress)
    {
        SessionPlan plan = _rig.Plan(SessionRig.Stream(o => (o.Run.Steps, o.Run.EvaluationEpisodes) = (700, 0)), "run") with { Task = task };
        using IRunSession session = _rig.Open(plan);
        return session.Run(new SessionRig.Told(progress));
    }
}
