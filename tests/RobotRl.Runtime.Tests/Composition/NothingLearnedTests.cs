using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tasks;
using RobotRl.Runtime.Tests.Learning;

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
        Assert.Contains(outcome.Report, line =>
            line.StartsWith("Not learned from: ", StringComparison.Ordinal) && line.Contains("ends of episodes", StringComparison.Ordinal)
        );
        Assert.Contains(_rig.Log, line =>
            line.Contains("ExperienceRefused", StringComparison.Ordinal) && line.Contains("FreezeLearning", StringComparison.Ordinal)
        );
        Assert.True(outcome.RefusedTransitions >= 10);
        Assert.Contains(
            "learning/refused-transitions",
            File.ReadAllText(RunDirectory.Open(_rig.In("run")).MetricsPath),
            StringComparison.Ordinal
        );
        Assert.Contains(seen, p => p.RefusedTransitions > 0 && p.FailsafeCause == nameof(FailsafeCause.ExperienceRefused));
    }

    [Fact]
    public void Run_NoRewardIsANumber_FailsAndSaysThatNothingWasLearned()
    {
        RunOutcome outcome = Run(new BrokenCartPole(onlyAtTheEnd: false), _ => { });
        Assert.Equal(RunEnd.Failed, outcome.End);
        Assert.Equal(ExitCode.Failed, ExitCode.Of(outcome.End));
        Assert.Contains(
            $"Nothing was learned: none of {outcome.Steps} transitions could be learned from.",
            outcome.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(outcome.Steps, outcome.RefusedTransitions);
    }

    [Fact]
    public void Run_EveryUpdateRefused_FreezesLearning_FailsAndSaysSo()
    {
        var learner = new ScriptedLearner(3) { Refuses = true };
        RobotRlOptions options = SessionRig.Stream(o => (o.Robot.Name, o.Run.Steps, o.Run.EvaluationEpisodes) = ("pendulum", 60, 0));
        using RunSession session = _rig.Open(options, "run", learner);
        RunOutcome outcome = session.Run(new SessionRig.Silent());
        Assert.Equal(RunEnd.Failed, outcome.End);
        Assert.Contains("Nothing was learned: each of 5 updates was refused", outcome.Message, StringComparison.Ordinal);
        Assert.Contains(
            "Updates refused: 5 of 5",
            Assert.Single(outcome.Report, line => line.StartsWith("Updates", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        Assert.Contains(_rig.Log, line =>
            line.Contains("UpdatesRefused", StringComparison.Ordinal)
            && line.Contains("50% of the newest, threshold 50%", StringComparison.Ordinal)
        );
        Assert.Equal(5, outcome.RefusedUpdates);
    }

    private RunOutcome Run(IControlTask task, Action<RunProgress> progress)
    {
        SessionPlan plan = _rig.Plan(SessionRig.Stream(o => (o.Run.Steps, o.Run.EvaluationEpisodes) = (700, 0)), "run") with
        {
            Task = task,
        };
        using IRunSession session = _rig.Open(plan);
        return session.Run(new SessionRig.Told(progress));
    }
}
