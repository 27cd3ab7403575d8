using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Views;
using Spectre.Console;

namespace RobotRl.Runtime.Tests.Views;

public sealed class LiveRunViewTests
{
    private readonly StringWriter _writer = new();

    [Fact]
    public void Dispose_AfterReports_HasShownLinesAndTheNewestSnapshot()
    {
        using (var view = new LiveRunView(Terminal(), unicode: true))
        {
            view.WriteLine("a line with [brackets]");
            view.Report(
                new RunProgress
                {
                    Phase = RunPhase.Training,
                    Step = 1,
                    TotalSteps = 2,
                }
            );
            view.Report(
                new RunProgress
                {
                    Phase = RunPhase.Training,
                    Step = 2,
                    TotalSteps = 2,
                    FailsafeAction = "Hold",
                    FailsafeCause = "SensorStale",
                }
            );
        }

        string shown = _writer.ToString();
        Assert.Contains("a line with [brackets]", shown, StringComparison.Ordinal);
        Assert.Contains("training 2/2 steps (100%)", shown, StringComparison.Ordinal);
        Assert.Contains("Hold (SensorStale)", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_HalfWay_FillsHalfTheBar()
    {
        IAnsiConsole console = Terminal();

        console.Write(
            LiveRunView.Render(
                new RunProgress
                {
                    Phase = RunPhase.Training,
                    Step = 1,
                    TotalSteps = 2,
                },
                new SmallCurve(),
                22,
                unicode: false
            )
        );

        Assert.Contains("##########..........", _writer.ToString(), StringComparison.Ordinal);
    }

    private IAnsiConsole Terminal() =>
        AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.Yes,
                Interactive = InteractionSupport.Yes,
                Out = new AnsiConsoleOutput(_writer),
            }
        );
}
