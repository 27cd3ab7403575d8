using RobotRl.Algorithms.Experience;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Tests.Loops;

public sealed class RunLedgerTests
{
    [Fact]
    public void DrawCurve_CannotBeWritten_SaysSoAndDoesNotThrow()
    {
        using var ledger = new RunLedger(null, null, TimeProvider.System, new Progress<RunProgress>(), () => new RunProgress());
        for (int i = 1; i <= 3; i++)
        {
            ledger.EpisodeEnded(new EpisodeResult(i, 10 * i, i, 10, 0, EpisodeEnd.Truncated, 0, 0, true));
        }

        Assert.Contains(
            "/nowhere/curve.svg: the learning curve was not written",
            ledger.DrawCurve("/nowhere/curve.svg", "title"),
            StringComparison.Ordinal
        );
    }
}
