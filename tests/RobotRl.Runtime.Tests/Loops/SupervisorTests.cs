using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tasks;
using RobotRl.Runtime.Tests.Admission;
using RobotRl.Runtime.Tests.Learning;
using RobotRl.Sim;
using RobotRl.Sim.Faults;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>Faults of a simulated pendulum, in lockstep: what is done about each, what stays latched, when it may be armed again.</summary>
public sealed class SupervisorTests : IDisposable
{
    private const int From = 30,
        Lasts = 100;
    private readonly ScriptedLearner _learner = new(3);
    private RunParts? _parts;
    private FaultyRobot? _robot;
    private LockstepLoop? _loop;

    public void Dispose()
    {
        _parts?.Dispose();
        _robot?.Dispose();
    }

    [Theory]
    [InlineData(RobotFaultKind.StaleReadings, FailsafeCause.SensorStale, 250)]
    [InlineData(RobotFaultKind.LinkLost, FailsafeCause.LinkLost, 0)]
    [InlineData(RobotFaultKind.DeviceError, FailsafeCause.DeviceError, 0)]
    public void Step_Fault_StopsInTime_StaysLatched_ArmsOnlyAfterIt(RobotFaultKind kind, FailsafeCause cause, int thresholdMs)
    {
        Start(new RobotFault(kind, From, Lasts));
        int steps = 0;
        while (_loop!.Step() < FailsafeAction.ControlledStop)
        {
            Assert.True(++steps < From + 10, "nothing stopped it");
        }

        Assert.Equal(cause, _parts!.Supervisor.StoppedBy);
        Assert.InRange(steps, From - 2, From + (thresholdMs / 50) + 1);
        Steps(60);
        Assert.Equal((LoopStage.Stopped, true), (_parts.Loop.Status.Stage, _parts.Supervisor.Action >= FailsafeAction.ControlledStop));
        Assert.NotEqual(DeviceState.Powered, _robot!.State);
        string refusal = Assert.IsType<string>(_parts.Supervisor.TryArm(_loop.NowNs));
        Assert.StartsWith("Arming refused", refusal, StringComparison.Ordinal);
        Assert.NotEqual(DeviceState.Powered, _robot.State);

        Steps(Lasts);
        Assert.Contains(cause.ToString(), _parts.Supervisor.LatchedCauses);
        Assert.Null(_loop.Rearm());
        long before = _parts.Loop.Status.Steps;
        Steps(5);
        Assert.Equal(
            (LoopStage.Running, DeviceState.Powered, before + 5),
            (_parts.Loop.Status.Stage, _robot.State, _parts.Loop.Status.Steps)
        );
        Assert.Empty(_parts.Supervisor.LatchedCauses);
    }

    [Fact]
    public void Step_LinkLost_StopUnconfirmedEscalates()
    {
        Start(new RobotFault(RobotFaultKind.LinkLost, From, 200));
        Steps(From + 6);
        Assert.Equal(FailsafeAction.ControlledStop, _parts!.Supervisor.Action);
        Steps(70);
        Assert.Equal((FailsafeAction.PowerOff, FailsafeCause.StopUnconfirmed), (_parts.Supervisor.Action, _parts.Supervisor.Cause));
        Assert.Equal(FailsafeCause.LinkLost, _parts.Supervisor.StoppedBy);
    }

    [Fact]
    public void Step_StopNotConfirmed_EscalatesAndRefusesToArmUntilItIs()
    {
        Start(new RobotFault(RobotFaultKind.StopUnconfirmed, From, 150));
        Steps(From);
        _parts!.Supervisor.RequestOperatorStop();
        Steps(50);
        Assert.Equal((FailsafeAction.ControlledStop, FailsafeCause.OperatorStop), (_parts.Supervisor.Action, _parts.Supervisor.Cause));
        Steps(30);
        Assert.Equal((FailsafeAction.PowerOff, FailsafeCause.StopUnconfirmed), (_parts.Supervisor.Action, _parts.Supervisor.Cause));
        Assert.Contains("StopUnconfirmed is present", _parts.Supervisor.TryArm(_loop!.NowNs), StringComparison.Ordinal);
        Steps(100);
        Assert.Null(_loop.Rearm());
    }

    [Fact]
    public void Step_NaNReadingsWithoutChampion_HoldsAndFreezesLearning_UntilArmedAgain()
    {
        Start(new RobotFault(RobotFaultKind.NaNReadings, From, 5));
        Steps(From + 20);
        Assert.Equal((FailsafeAction.FallbackPolicy, FailsafeCause.NonFiniteAction), (_parts!.Supervisor.Action, _parts.Supervisor.Cause));
        Assert.Equal((LoopStage.Held, 0L), (_parts.Loop.Status.Stage, _parts.Loop.Status.FailedWritesInRow));
        Assert.True(_parts.Learner!.Status.Frozen);
        long updates = _learner.Updates;
        Assert.Null(_parts.Supervisor.TryArm(_loop!.NowNs));
        Steps(5);
        Assert.Equal((FailsafeAction.None, false), (_parts.Supervisor.Action, _parts.Learner.Status.Frozen));
        Assert.True(_learner.Updates > updates);
        Assert.Equal(LoopStage.Running, _parts.Loop.Status.Stage);
    }

    [Fact]
    public void RequestEmergencyStop_PowersOffAtOnce_ArmsAgain()
    {
        Start();
        Steps(10);
        _parts!.Supervisor.RequestEmergencyStop();
        Assert.Equal(FailsafeAction.PowerOff, _loop!.Step());
        Assert.Equal(
            (DeviceState.Faulted, new StopStatus(StopLevel.PowerOff, true, _robot!.Stop.ConfirmedAt)),
            (_robot.State, _robot.Stop)
        );
        Steps(3);
        Assert.Equal(FailsafeCause.EmergencyStop, _parts.Supervisor.StoppedBy);
        Assert.Null(_loop.Rearm());
        Steps(2);
        Assert.Equal((FailsafeAction.None, LoopStage.Running), (_parts.Supervisor.Action, _parts.Loop.Status.Stage));
    }

    [Fact]
    public void RequestOperatorStop_ThenEmergencyStop_TheHarderWins()
    {
        Start();
        Steps(10);
        _parts!.Supervisor.RequestOperatorStop();
        Assert.Equal(FailsafeAction.ControlledStop, _loop!.Step());
        _parts.Supervisor.RequestEmergencyStop();
        Assert.Equal(FailsafeAction.PowerOff, _loop.Step());
        Assert.Equal(StopLevel.PowerOff, _robot!.Stop.Requested);
    }

    [Fact]
    public void RequestShutdown_IsFinal()
    {
        Start();
        Steps(10);
        _parts!.Supervisor.RequestShutdown();
        Assert.Equal(FailsafeAction.ControlledStop, _loop!.Step());
        Steps(60);
        Assert.Equal((DeviceState.Faulted, true), (_robot!.State, _robot.Stop.Confirmed));
        Assert.Contains("ShutdownRequested", _loop.Rearm(), StringComparison.Ordinal);
    }

    [Fact]
    public void Step_LearnerFailed_FreezesLearning_ControlGoesOn()
    {
        Start();
        Steps(10);
        _parts!.Learner!.Status.Failure = "it broke";
        Steps(1);
        long updates = _learner.Updates,
            steps = _parts.Loop.Status.Steps;
        Steps(10);
        Assert.Equal((FailsafeAction.FreezeLearning, FailsafeCause.LearnerStalled), (_parts.Supervisor.Action, _parts.Supervisor.Cause));
        Assert.Equal((updates, steps + 10, LoopStage.Running), (_learner.Updates, _parts.Loop.Status.Steps, _parts.Loop.Status.Stage));
    }

    [Fact]
    public void ReportDisk_Full_FreezesLearning_AndClearsByItself()
    {
        Start();
        Steps(10);
        _parts!.Supervisor.ReportDisk(true);
        Steps(1);
        long updates = _learner.Updates;
        Steps(10);
        Assert.Equal((FailsafeCause.DiskFull, updates), (_parts.Supervisor.Cause, _learner.Updates));
        _parts.Supervisor.ReportDisk(false);
        Steps(10);
        Assert.Equal((FailsafeAction.None, LoopStage.Running), (_parts.Supervisor.Action, _parts.Loop.Status.Stage));
        Assert.True(_learner.Updates > updates);
    }

    [Fact]
    public void ReportOperator_ThenSilence_Stops()
    {
        Start();
        Steps(100);
        Assert.Equal(FailsafeAction.None, _parts!.Supervisor.Action);
        _parts.Supervisor.ReportOperator(_loop!.NowNs);
        Steps(15);
        Assert.Equal(FailsafeAction.None, _parts.Supervisor.Action);
        Steps(10);
        Assert.Equal(FailsafeCause.OperatorHeartbeatLost, _parts.Supervisor.StoppedBy);
    }

    [Fact]
    public void Step_MeasuredBeyondALimit_StopsAfterAFewInARow()
    {
        Start(new SafetyOptions { Joints = { ["pole/effort"] = new JointLimits { MaxVelocity = 0.01 } } });
        int steps = 0;
        while (_loop!.Step() < FailsafeAction.ControlledStop)
        {
            Assert.True(++steps < 60);
        }

        Assert.Equal(FailsafeCause.LimitViolated, _parts!.Supervisor.StoppedBy);
    }

    [Fact]
    public void Load_FrozenByTheFailsafe_GoesOnFrozen()
    {
        Start(new RobotFault(RobotFaultKind.NaNReadings, From, 5));
        Steps(From + 10);
        var state = new MemoryState();
        _parts!.Save(state);
        RunParts before = _parts;
        FaultyRobot robot = _robot!;
        Start(new RobotFault(RobotFaultKind.NaNReadings, From, 5));
        _parts!.Load(state);
        Assert.Equal(before.Supervisor.LatchedCauses, _parts.Supervisor.LatchedCauses);
        Assert.Equal(
            (FailsafeAction.FallbackPolicy, FailsafeCause.NonFiniteAction, FailsafeAction.FallbackPolicy, true),
            (_parts.Supervisor.Action, _parts.Supervisor.Cause, _parts.Loop.Demanded, _parts.Learner!.Status.Frozen)
        );
        before.Dispose();
        robot.Dispose();
    }

    private void Start(params RobotFault[] faults) => Start(new SafetyOptions(), faults);

    private void Start(SafetyOptions safety, params RobotFault[] faults)
    {
        IControlTask task = ControlTasks.Create(ControlTasks.DefaultFor("pendulum")!);
        _robot = new FaultyRobot(SimulatedRobots.Create("pendulum"), [.. faults]);
        var settings = new RunSettings(new LoopOptions(), safety, new FailsafeOptions(), new LearnerOptions(), new AdmissionOptions(), 1);
        _parts = new RunParts(_robot, task, _learner, _learner.Policy, settings, null, null);
        _loop = new LockstepLoop(_parts);
        Assert.Null(_loop.Start());
    }

    private void Steps(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _loop!.Step();
        }
    }
}
