using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Telemetry;
using RobotRl.Sim;
using RobotRl.Sim.Faults;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>Lockstep runs from beginning to end.</summary>
public sealed class LockstepSessionTests : IDisposable
{
    private readonly SessionRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Run_Sac_LeavesPolicyCurveCheckpointMetricsEventsJournalAndOptions()
    {
        RunOutcome outcome = _rig.Run(SessionRig.Sac(), "run");
        Assert.Equal(RunEnd.Done, outcome.End);
        Assert.Contains("450 steps", outcome.Message, StringComparison.Ordinal);
        Assert.Contains(outcome.Report, line =>
            line.StartsWith("Frozen policy over 5 evenly spread starts: mean return -", StringComparison.Ordinal)
        );

        RunDirectory run = RunDirectory.Open(_rig.In("run"));
        PolicyFile policy = PolicyFile.Load(run.PolicyPath);
        Assert.Equal(450, policy.Manifest.Provenance.Steps);
        Assert.Contains("<svg", File.ReadAllText(run.CurvePath), StringComparison.Ordinal);
        Assert.Equal([200.0, 400.0], MetricsLog.Read(run.MetricsPath, "episode/return").Steps);
        Assert.NotEmpty(Directory.GetFiles(run.EventsPath));
        Assert.NotEmpty(Directory.GetFiles(run.JournalPath));
        Assert.Contains("\"HiddenWidth\": 16", File.ReadAllText(run.OptionsPath), StringComparison.Ordinal);
        Assert.Equal(450, _rig.Newest("run").Header.Step);
        Assert.Equal(3, _rig.Checkpoints("run").Length);
    }

    [Fact]
    public void Run_SameSeedTwice_EndsInTheSameState_AnotherSeedInAnother()
    {
        string[] hashes =
        [
            .. new ulong[] { 3, 3, 4 }.Select(
                (seed, i) =>
                {
                    _rig.Run(SessionRig.Sac(o => o.Run.Seed = seed), $"run{i}");
                    return _rig.State($"run{i}").Hash;
                }
            ),
        ];
        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(hashes[0], hashes[2]);
    }

    [Fact]
    public void RequestStop_InMidRun_SavesACheckpointAndSaysHowToGoOn()
    {
        RunOutcome? outcome = null;
        using (IRunSession session = _rig.Open(_rig.Plan(SessionRig.Stream(o => o.Run.Steps = 0), "run")))
        {
            outcome = session.Run(
                new SessionRig.Told(p =>
                {
                    if (p.Phase == RunPhase.Training)
                    {
                        session.RequestStop(Hardware.Contracts.StopLevel.ControlledStop, "enough");
                    }
                })
            );
        }

        Assert.Equal(RunEnd.Stopped, outcome.End);
        Assert.Contains("enough", outcome.Message, StringComparison.Ordinal);
        Assert.Contains("--resume", outcome.Message, StringComparison.Ordinal);
        Assert.True(_rig.State("run").Step > 0);
    }

    [Fact]
    public void Run_DeviceError_EndsByTheFailsafe_AndGoesOnWhenResumed()
    {
        RunOutcome stopped = _rig.Run(SessionRig.Stream(), "run", robot: () =>
            new FaultyRobot(SimulatedRobots.Create("cart-pole"), new RobotFault(RobotFaultKind.DeviceError, 250))
        );
        Assert.Equal(RunEnd.Failsafe, stopped.End);
        Assert.Contains(nameof(FailsafeCause.DeviceError), stopped.Message, StringComparison.Ordinal);
        Assert.InRange(_rig.State("run").Step, 200, 260);

        RunOutcome resumed = _rig.Run(SessionRig.Stream(), "run", resume: true, robot: () =>
            new FaultyRobot(SimulatedRobots.Create("cart-pole"), new RobotFault(RobotFaultKind.DeviceError, 100_000))
        );
        Assert.True(resumed.End == RunEnd.Done, resumed.Message);
        Assert.Equal(450, _rig.State("run").Step);
    }

    [Fact]
    public void Run_StaleReadings_EndsByTheFailsafe()
    {
        RunOutcome stopped = _rig.Run(SessionRig.Stream(), "run", robot: () =>
            new FaultyRobot(SimulatedRobots.Create("cart-pole"), new RobotFault(RobotFaultKind.StaleReadings, 150))
        );
        Assert.Equal(RunEnd.Failsafe, stopped.End);
        Assert.Contains(nameof(FailsafeCause.SensorStale), stopped.Message, StringComparison.Ordinal);
    }
}
