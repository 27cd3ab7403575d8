using Microsoft.Extensions.Time.Testing;
using RobotRl.Algorithms;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Views;

namespace RobotRl.Runtime.Tests.Views;

public sealed class PlainRunViewTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _writer = new();

    private static RunProgress Training =>
        new()
        {
            Phase = RunPhase.Training,
            Step = 4200,
            TotalSteps = 10_000,
            LastReturn = -312.5,
            MeanReturn = -401.2,
            StepsPerSecond = 100,
            UpdatesPerSecond = 99.6,
            UpdatesPerStep = 1,
            WantedUpdatesPerStep = 1,
            ShieldRate = 0.015,
            Metrics = new[] { new LearnerMetric("loss/temperature", 9), new LearnerMetric("policy/temperature", 0.125) },
        };

    private string[] Lines => _writer.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void Report_Snapshot_ShowsEveryFigureThatExists()
    {
        using var view = new PlainRunView(_writer, _time);

        view.Report(Training);

        Assert.Equal(
            "training 4,200/10,000 steps (42%), 0:58 left  last return -312.5  mean of 20 -401.2  steps/s 100  updates/s 100 "
                + " UTD 1  temperature 0.125  shield 1.5%  failsafe none",
            Assert.Single(Lines)
        );
    }

    [Fact]
    public void Report_Often_ShowsALineEveryFiveSeconds()
    {
        using var view = new PlainRunView(_writer, _time);
        for (int i = 0; i < 100; i++)
        {
            view.Report(Training);
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(2, Lines.Length);
    }

    [Fact]
    public void Report_FailsafeOrPhaseChange_ShowsAtOnce()
    {
        using var view = new PlainRunView(_writer, _time);

        view.Report(Training);
        view.Report(Training with { FailsafeAction = "Hold", FailsafeCause = "SensorStale", MissedTicks = 3 });
        view.Report(Training with { Phase = RunPhase.Evaluating });

        Assert.Equal(3, Lines.Length);
        Assert.Contains("missed 3  failsafe Hold (SensorStale)", Lines[1], StringComparison.Ordinal);
        Assert.StartsWith("evaluating 4,200/10,000 episodes", Lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Report_LearnerBehind_SaysAchievedAndWantedUtd() =>
        Assert.Contains(
            "UTD 0.5 of 2",
            ProgressText.Line(Training with { UpdatesPerStep = 0.5, WantedUpdatesPerStep = 2 }),
            StringComparison.Ordinal
        );

    [Fact]
    public void Report_NothingKnown_ShowsNoNumber() =>
        Assert.Equal("starting 0 steps  failsafe none", ProgressText.Line(new RunProgress()));
}
