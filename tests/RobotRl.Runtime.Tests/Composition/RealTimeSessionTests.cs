using System.Globalization;
using System.Text.RegularExpressions;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Telemetry;
using RobotRl.Runtime.Tests.Learning;
using RobotRl.Sim;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>Short runs against the wall clock. They judge counts and stages, never lateness.</summary>
public sealed partial class RealTimeSessionTests : IDisposable
{
    private readonly SessionRig _rig = new();
    private ILockstepRobot? _simulator;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Run_FrozenPolicy_Deploys()
    {
        RobotRlOptions options = SessionRig.RealTime(50, o => o.Loop.Clock = LoopClock.Lockstep);
        _rig.Run(options, "run");
        using IRunSession session = _rig.Open(
            _rig.Plan(SessionRig.RealTime(20), "deployed", policy: RunDirectory.Open(_rig.In("run")).PolicyPath, robot: Simulator)
        );
        RunPhase phase = RunPhase.Starting;
        RunOutcome outcome = session.Run(new SessionRig.Told(p => phase = p.Phase == RunPhase.Deployed ? p.Phase : phase));
        Assert.True(outcome.End == RunEnd.Done, outcome.Message);
        Assert.Equal((RunPhase.Deployed, true), (phase, _simulator!.Stop.Confirmed));
        Assert.InRange(_rig.Headers("deployed").Count, 20, 80);
        Assert.False(File.Exists(RunDirectory.Open(_rig.In("deployed")).PolicyPath));
        Assert.Empty(_rig.Checkpoints("deployed"));
    }

    [Fact]
    public void Run_LearnerThrows_ControlGoesOn_ItsLastCheckpointStands()
    {
        var learner = new ScriptedLearner(3) { InUpdate = () => throw new InvalidOperationException("it broke") };
        string? cause = null;
        using RunSession session = _rig.Open(SessionRig.RealTime(25), "run", learner);
        RunOutcome outcome = session.Run(new SessionRig.Told(p => cause ??= p.FailsafeCause));
        Assert.True(outcome.End == RunEnd.Done, outcome.Message);
        Assert.Equal(nameof(FailsafeCause.LearnerStalled), cause);
        Assert.Contains(_rig.Log, line =>
            line.StartsWith("Error: The learner ended; the last admitted policy goes on", StringComparison.Ordinal)
        );
        Assert.Equal(0, _rig.Newest("run").Header.Step);
        Assert.Single(_rig.Checkpoints("run"));
    }

    [Fact]
    public void Run_LearnerBlocks_ControlGoesOn_TheHeartbeatIsMissed()
    {
        using var released = new ManualResetEventSlim();
        var learner = new ScriptedLearner(3) { InUpdate = released.Wait };
        long stalledAt = -1,
            endedAt = -1;
        RobotRlOptions options = SessionRig.RealTime(0, o => o.Failsafe.LearnerStalled.Threshold = TimeSpan.FromMilliseconds(200));
        using RunSession session = _rig.Open(options, "run", learner);
        RunOutcome outcome = session.Run(
            new SessionRig.Told(p =>
            {
                stalledAt = stalledAt < 0 && p.FailsafeCause == nameof(FailsafeCause.LearnerStalled) ? p.Step : stalledAt;
                if (stalledAt >= 0 && p.Step >= stalledAt + 10 && endedAt < 0)
                {
                    endedAt = p.Step;
                    released.Set();
                    session.RequestStop(StopLevel.ControlledStop, "seen");
                }
            })
        );
        Assert.Equal(RunEnd.Stopped, outcome.End);
        Assert.True(stalledAt >= 0 && endedAt >= stalledAt + 10, $"stalled at {stalledAt}, ended at {endedAt}");
    }

    [Fact]
    public void Run_LearnerTooSlow_GivesUpdatesUpAndCounts()
    {
        using var never = new ManualResetEventSlim();
        var learner = new ScriptedLearner(3) { UpdatesPerTransition = 20, InUpdate = () => never.Wait(10) };
        using RunSession session = _rig.Open(SessionRig.RealTime(25, o => o.Learner.MaxBacklogSteps = 1), "run", learner);
        RunOutcome outcome = session.Run(new SessionRig.Silent());
        Assert.True(outcome.End == RunEnd.Done, outcome.Message);
        Match figures = Updates().Match(string.Join('\n', outcome.Report));
        Assert.True(figures.Success);
        Assert.InRange(double.Parse(figures.Groups[1].Value, CultureInfo.InvariantCulture), 0.1, 10);
        Assert.True(double.Parse(figures.Groups[2].Value, CultureInfo.InvariantCulture) > 50);
        Assert.InRange(learner.Observed, 25, 80);
    }

    [Fact]
    public void TryArm_WithoutAutoArm_LetsThePolicyMove_TwiceIsHarmless()
    {
        var learner = new ScriptedLearner(3);
        using RunSession session = _rig.Open(SessionRig.RealTime(15, o => o.Loop.AutoArm = false), "run", learner);
        bool armedBefore = true;
        string? refused = null;
        int reports = 0;
        RunOutcome outcome = session.Run(
            new SessionRig.Told(p =>
            {
                if (++reports == 2)
                {
                    armedBefore = session.Status().Armed || p.Step > 0;
                }

                refused = reports is 2 or 4 ? session.TryArm() ?? refused : refused;
            })
        );
        Assert.True(outcome.End == RunEnd.Done, outcome.Message);
        Assert.Equal((false, null), (armedBefore, refused));

        // Armed again in mid-episode, it is still the first episode.
        Assert.Single(_rig.Headers("run"), h => h.Step == 0);
    }

    [Fact]
    public void ReportReady_WhileHeld_IsRefused_AndTakenOnceTheRunWaitsAgain()
    {
        using RunSession session = _rig.Open(SessionRig.RealTime(10, o =>
            {
                o.Task.Reset = ResetKind.AskOperator;
                o.Operator.Heartbeat = true;
                o.Failsafe.OperatorHeartbeatLost = new AgeRule
                {
                    Threshold = TimeSpan.FromMilliseconds(300),
                    Action = FailsafeAction.Hold,
                    Clears = ClearRule.WhenConditionClears,
                };
            }), "run", new ScriptedLearner(3));
        string? whileHeld = null,
            whileWaiting = "never asked";
        bool left = false;
        int reports = 0;
        var seen = new List<string?>();
        RunOutcome outcome = session.Run(
            new SessionRig.Told(p =>
            {
                seen.Add(p.Robot);
                bool waits = p.Robot == "WAITS FOR THE OPERATOR";
                left |= waits;
                if (p.Robot == "held")
                {
                    whileHeld ??= session.ReportReady();
                }

                // Nobody attends it between its first question and the hold that follows.
                if (!left || whileHeld is not null)
                {
                    session.ReportOperator();
                }

                if (whileHeld is not null && waits)
                {
                    whileWaiting = session.ReportReady();
                }

                if (++reports > 1000)
                {
                    session.RequestStop(StopLevel.PowerOff, "too long");
                }
            })
        );
        Assert.True(outcome.End == RunEnd.Done, $"{outcome.Message} Seen: {string.Join(", ", seen.Distinct())}");
        Assert.StartsWith("The robot is held", whileHeld, StringComparison.Ordinal);
        Assert.Null(whileWaiting);
    }

    [Fact]
    public void RequestStop_PowerOff_EndsByTheFailsafe()
    {
        using RunSession session = _rig.Open(SessionRig.RealTime(0), "run", new ScriptedLearner(3), robot: () =>
            (ILockstepRobot)Simulator()
        );
        RunOutcome outcome = session.Run(
            new SessionRig.Told(p =>
            {
                if (p.Step > 5)
                {
                    session.RequestStop(StopLevel.PowerOff, "now");
                }
            })
        );
        Assert.Equal((RunEnd.Failsafe, StopLevel.PowerOff), (outcome.End, _simulator!.Stop.Requested));
        Assert.Contains(nameof(FailsafeCause.EmergencyStop), outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_InRealTime_RefillsTheMemory_ReplaysTheTail_GoesOnCounting()
    {
        RobotRlOptions options = SessionRig.RealTime(45, o => o.Checkpoint.Every = TimeSpan.FromSeconds(1));
        int updates = 0;
        var first = new ScriptedLearner(3) { InUpdate = () => _ = ++updates == 32 ? throw new InvalidOperationException("the end") : 0 };
        using (RunSession session = _rig.Open(options, "run", first))
        {
            Assert.Equal(RunEnd.Done, session.Run(new SessionRig.Silent()).End);
        }

        long frames = _rig.Headers("run").Count,
            saved;
        string all = File.ReadAllText(RunDirectory.Open(_rig.In("run")).MetricsPath);
        var second = new ScriptedLearner(3) { RestoreLength = 3 };
        options.Run.Steps = frames + 10;
        using (RunSession session = _rig.Open(options, "run", second, resume: true))
        {
            Assert.Equal(3, second.Restored.Count);
            saved = second.Restored[^1];
            Assert.Equal(Enumerable.Range(0, 3).Select(i => saved - 2 + i), second.Restored);
            Assert.Equal(frames, second.Observed);
            Assert.Equal(RunEnd.Done, session.Run(new SessionRig.Silent()).End);
        }

        // What happened stays, with a mark where the learner went on from an earlier step.
        string metrics = RunDirectory.Open(_rig.In("run")).MetricsPath;
        Assert.Equal([_rig.Headers("run")[(int)frames - 1].Sequence + 1.0], MetricsLog.Read(metrics, "run/resumed_from_step").Steps);
        Assert.StartsWith(all, File.ReadAllText(metrics), StringComparison.Ordinal);
        Assert.InRange(saved, 3, frames - 2);
        Assert.Contains(_rig.Log, line =>
            line == $"Information: Resumed: 3 transitions brought back from the journal, {frames - saved - 1} newer than the checkpoint."
        );
        Assert.InRange(_rig.Headers("run").Count, frames + 10, frames + 80);
        Assert.Contains(
            "saved in real time",
            _rig.Refused(SessionRig.RealTime(45, o => o.Loop.Clock = LoopClock.Lockstep), "run", resume: true),
            StringComparison.Ordinal
        );
    }

    private IRobot Simulator() => _simulator = SimulatedRobots.Create("pendulum");

    [GeneratedRegex(@"Updates per step: ([\d.]+) achieved, (\d+) given up")]
    private static partial Regex Updates();
}
