using System.Globalization;
using System.Text.RegularExpressions;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Tests.Learning;
using RobotRl.Runtime.Tests.Timing;
using RobotRl.Sim;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>What a real-time run allocates and when it collects.</summary>
[Collection(NoCollectionGroup.Name)]
public sealed partial class SessionMemoryTests : IDisposable
{
    private static byte[]? s_sink;
    private readonly SessionRig _rig = new();
    private ILockstepRobot? _simulator;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Run_Pendulum_LearnsStopsConfirmedEndsUnpowered_TheControlThreadAllocatedNothing()
    {
        using IRunSession session = _rig.Open(
            _rig.Plan(SessionRig.RealTime(30, o => o.Loop.AllocationBudgetMiB = 64), "run", robot: Simulator)
        );
        RunOutcome outcome = session.Run(new SessionRig.Silent());
        Assert.True(outcome.End == RunEnd.Done, outcome.Message);
        Assert.Equal((DeviceState.Closed, true), (_simulator!.State, _simulator.Stop.Confirmed));
        Assert.True(_simulator.Stop.Requested >= StopLevel.ControlledStop);
        Assert.Contains(outcome.Report, line =>
            line.StartsWith("Memory: 0 bytes allocated by ticks, 0 collections", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(_rig.Log, line =>
            line.StartsWith("Critical", StringComparison.Ordinal) || line.StartsWith("Error", StringComparison.Ordinal)
        );
        Assert.InRange(_rig.Newest("run").Header.Counters["learner/updates"], 10, 90);
        Assert.InRange(_rig.Headers("run").Count, 30, 90);
    }

    [Fact]
    public void Run_BudgetRunsLow_PausesBetweenEpisodes_NothingIsCollectedOtherwise()
    {
        var learner = new ScriptedLearner(3) { InUpdate = () => Allocate(512 << 10) };
        using RunSession session = _rig.Open(SessionRig.RealTime(60, o => o.Loop.AllocationBudgetMiB = 16), "run", learner);
        RunOutcome outcome = session.Run(new SessionRig.Silent());
        Assert.True(outcome.End == RunEnd.Done, outcome.Message);
        Match figures = Pauses().Match(string.Join('\n', outcome.Report));
        Assert.True(figures.Success, string.Join('\n', outcome.Report));
        Assert.Equal("0", figures.Groups[1].Value);
        Assert.InRange(int.Parse(figures.Groups[2].Value, CultureInfo.InvariantCulture), 1, 20);
        Assert.True(_rig.Newest("run").Header.Episode >= 1);
    }

    private IRobot Simulator() => _simulator = SimulatedRobots.Create("pendulum");

    private static void Allocate(int bytes)
    {
        for (int i = 0; i < bytes; i += 4096)
        {
            s_sink = new byte[4096];
        }

        GC.KeepAlive(s_sink);
    }

    [GeneratedRegex(@"(\d+) collections while the robot moved, (\d+) planned pauses")]
    private static partial Regex Pauses();
}
