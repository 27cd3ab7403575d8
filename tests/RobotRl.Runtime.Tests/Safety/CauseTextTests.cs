using RobotRl.Algorithms.Experience;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tests.Loops;

namespace RobotRl.Runtime.Tests.Safety;

/// <summary>
/// Walks every cause of the failsafe and every refusal to arm: the text names the thing, what was measured, what is allowed and
/// what to do.
/// </summary>
public sealed class CauseTextTests : IDisposable
{
    private const long Second = 1_000_000_000;

    private LoopRig _rig = new();
    private LearnerStatus? _learner;
    private RangeWatch? _ranges;
    private Supervisor? _supervisor;

    public static TheoryData<FailsafeCause> EveryCause => [.. Enum.GetValues<FailsafeCause>()];

    public void Dispose() => _rig.Dispose();

    [Theory]
    [MemberData(nameof(EveryCause))]
    public void Step_EveryCause_IsToldWithItsDetail(FailsafeCause cause)
    {
        (Action provoke, string[] told) = Expected(cause);
        provoke();
        FailsafeEvent change = Assert.IsType<FailsafeEvent>(_supervisor!.History.Newest);
        Assert.Equal(cause, change.Cause);
        Assert.All(told, part => Assert.Contains(part, change.Text, StringComparison.Ordinal));
        Assert.Contains(
            change.Clears switch
            {
                ClearRule.Never => "only a new process goes on",
                ClearRule.OnRearm => "then robotrl arm",
                _ => "it goes on by itself",
            },
            change.Text,
            StringComparison.Ordinal
        );
        Assert.Contains("threshold", change.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void TryArm_Moving_NamesJointVelocityAndLimit()
    {
        Make(new LoopRig());
        (_rig.Robot.Velocity, _rig.Robot.Position) = (-0.31, 0.2);
        _rig.Tick();
        Assert.Equal(
            "Arming refused: robot scripted is moving (joint/velocity is -0.31 rad/s, at rest up to 0.05 rad/s "
                + "(Safety:RestVelocity)). Bring it to rest and arm again.",
            _supervisor!.TryArm(_rig.NowNs)
        );
        _rig.Robot.Velocity = double.NaN;
        _rig.Tick();
        Assert.Equal(
            "Arming refused: robot scripted is moving (its reading is not finite). Bring it to rest and arm again.",
            _supervisor.TryArm(_rig.NowNs)
        );
    }

    [Fact]
    public void TryArm_MovingBeyondItsOwnLimit_NamesThatOption()
    {
        Make(new LoopRig(safety: new SafetyOptions { Joints = { ["joint/position"] = new JointLimits { RestVelocity = 0.2 } } }));
        _rig.Robot.Velocity = 0.25;
        _rig.Tick();
        Assert.Contains(
            "joint/velocity is 0.25 rad/s, at rest up to 0.2 rad/s (Safety:Joints:joint/position:RestVelocity)",
            _supervisor!.TryArm(_rig.NowNs),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void TryArm_EveryOtherRefusal_SaysWhatItIsAndWhatToDo()
    {
        Make(new LoopRig());
        _rig.Robot.ReadStatus = IoStatus.NotFresh;
        _rig.Tick(30);
        Assert.Equal("Arming refused: robot scripted has given no reading yet. Arm again once it does.", Refusal());
        _rig.Robot.ReadStatus = IoStatus.Ok;
        _rig.Tick();
        _rig.Robot.ReadStatus = IoStatus.LinkLost;
        _rig.Robot.FaultReason = "Robot scripted: the port /dev/ttyUSB0 is gone.";
        _rig.Tick(30);
        Assert.Contains("LinkLost is present (for 0 s, limit 0 s)", Refusal(), StringComparison.Ordinal);
        Assert.Contains(
            "Robot scripted: the port /dev/ttyUSB0 is gone. Remove the cause, then arm again.",
            Refusal(),
            StringComparison.Ordinal
        );
        (_rig.Robot.ReadStatus, _rig.Robot.FaultReason) = (IoStatus.Ok, null);
        _rig.Tick();
        _rig.Robot.RefuseClear = "Servo 2 (elbow) is hot: 71 degrees.";
        Assert.Equal("Arming refused: Servo 2 (elbow) is hot: 71 degrees.", Refusal());
        _rig.Robot.RefuseClear = null;
        _supervisor!.RequestOperatorStop("s was pressed");
        Assert.Equal("Arming refused: OperatorStop was asked for at this moment. Arm again where that was not meant.", Refusal());
        Assert.Null(_supervisor.TryArm(_rig.NowNs));

        string Refusal() => Assert.IsType<string>(_supervisor!.TryArm(_rig.NowNs));
    }

    [Fact]
    public void Step_LinkLostBeforeAnyArming_IsToldAsThat()
    {
        Make(new LoopRig());
        _rig.Tick(5);
        (_rig.Robot.ReadStatus, _rig.Robot.State, _rig.Robot.FaultReason) = (
            IoStatus.LinkLost,
            DeviceState.Faulted,
            "Robot scripted: the port is gone."
        );
        for (int i = 0; i < 20; i++)
        {
            Tick();
        }

        Assert.Equal((FailsafeCause.LinkLost, FailsafeCause.LinkLost), (_supervisor!.Cause, _supervisor.StoppedBy));
        Assert.Equal(["LinkLost"], _supervisor.LatchedCauses);
    }

    [Fact]
    public void Step_DeviceSaysWhyItIsSilent_ThatIsTold_WhicheverCameFirst()
    {
        Begin();
        _rig.Robot.ReadStatus = IoStatus.NotFresh;
        for (int i = 0; i < 40; i++)
        {
            Tick();
        }

        Assert.Equal((FailsafeCause.SensorStale, FailsafeCause.SensorStale), (_supervisor!.Cause, _supervisor.StoppedBy));
        (_rig.Robot.ReadStatus, _rig.Robot.FaultReason) = (
            IoStatus.DeviceFault,
            "Joint elbow (servo 2): it has restarted by itself. Check its supply."
        );
        for (int i = 0; i < 5; i++)
        {
            Tick();
        }

        Assert.Equal((FailsafeCause.DeviceError, FailsafeCause.DeviceError), (_supervisor.Cause, _supervisor.StoppedBy));
        Assert.StartsWith(
            "DeviceError: Joint elbow (servo 2): it has restarted by itself. Check its supply",
            _supervisor.StoppedText,
            StringComparison.Ordinal
        );
    }

    /// <summary>How each cause comes about here, and what its text must hold at least: a cause without an entry fails.</summary>
    private (Action Provoke, string[] Told) Expected(FailsafeCause cause) =>
        cause switch
        {
            FailsafeCause.SensorStale => (
                () => Broken(IoStatus.NotFresh, 40),
                ["robot scripted gives no fresh reading (the newest read says NotFresh)", "Check its cable", "for 0.25", "threshold 0.25 s"]
            ),
            FailsafeCause.DeviceError => (
                () => Broken(IoStatus.DeviceFault, 3),
                ["robot scripted reports a fault and does not say which", "Look at the robot", "1 in a row, threshold 1"]
            ),
            FailsafeCause.LinkLost => (() => Broken(IoStatus.LinkLost, 3), ["the link to robot scripted is lost", "Check its cable"]),
            FailsafeCause.DeadlineMissed => (
                () => Do(() => _rig.Loop.Status.MissedInRow = 50),
                ["period of 10 ms", "Take load off the machine", "50 in a row, threshold 50"]
            ),
            FailsafeCause.ControlStalled => (
                () => Later(Second),
                ["tick of 10 ms", "the driver of robot scripted", "for 1 s, threshold 0.5 s"]
            ),
            FailsafeCause.NonFiniteAction => (
                () => Do(() => _rig.Robot.Position = double.NaN, 5),
                ["joint/position reads NaN rad", "Check its sensor", "3 in a row, threshold 3"]
            ),
            FailsafeCause.LimitViolated => (
                () => Violated(),
                [
                    "joint/velocity is 1.5 rad/s, allowed up to 1 rad/s (Safety:Joints:joint/position:MaxVelocity)",
                    "correct the limit",
                    "3 in a row, threshold 3",
                ]
            ),
            FailsafeCause.LearnerStalled => (
                () => Learning(l => l.Failure = "it divided by zero"),
                ["the learner ended: it divided by zero", "threshold 10 s"]
            ),
            FailsafeCause.LearnerDiverged => (
                () => Learning(l => (l.RefusedInRow, l.LastRefusal) = (50, "an action moved by 0.9, allowed 0.5")),
                ["an action moved by 0.9, allowed 0.5", "Lower the learning rate", "50 in a row, threshold 50"]
            ),
            FailsafeCause.DiskFull => (
                () => Do(() => _supervisor!.ReportDisk(true, "journal/000.seg: no space left on device")),
                ["journal/000.seg: no space left on device", "Make room"]
            ),
            FailsafeCause.EmergencyStop => (
                () => Do(() => _supervisor!.RequestEmergencyStop("emergency stop by key")),
                ["emergency stop by key"]
            ),
            FailsafeCause.OperatorHeartbeatLost => (
                () => Do(() => _supervisor!.ReportOperator(_rig.NowNs), 110),
                ["the operator gives no sign of life", "Start robotrl operator", "for 1 s, threshold 1 s"]
            ),
            FailsafeCause.OperatorStop => (
                () => Do(() => _supervisor!.RequestOperatorStop("robotrl stop by user 1000")),
                ["robotrl stop by user 1000"]
            ),
            FailsafeCause.ShutdownRequested => (() => Do(() => _supervisor!.RequestShutdown()), ["the run is to end"]),
            FailsafeCause.AllocationBudgetLow => (
                () => Do(() => _supervisor!.ReportBudget(true, 12 << 20)),
                ["12 MiB are left", "Loop:AllocationBudgetMiB"]
            ),
            FailsafeCause.StopUnconfirmed => (
                () => Unconfirmed(),
                ["robot scripted does not confirm its stop by read-back", "remove its power by hand", "threshold 3 s"]
            ),
            FailsafeCause.TemperatureOutOfRange => (
                () => Ranged(InterfaceKind.Temperature, "degC"),
                ["motor/temperature is 1.5 degC, allowed at most 1 degC", "threshold 2 s"]
            ),
            FailsafeCause.VoltageOutOfRange => (
                () => Ranged(InterfaceKind.Voltage, "V"),
                ["motor/voltage is 1.5 V, allowed at most 1 V", "threshold 0.5 s"]
            ),
            FailsafeCause.CurrentOutOfRange => (
                () => Ranged(InterfaceKind.Current, "A"),
                ["motor/current is 1.5 A, allowed at most 1 A", "threshold 0.2 s"]
            ),
            FailsafeCause.RecorderStalled => (
                () => Do(() => _supervisor!.ReportRecorder(_rig.NowNs), 1010),
                ["the recorder gives no sign of life", "what the disk waits for", "threshold 10 s"]
            ),
            FailsafeCause.ResetTimedOut => (
                () => ResetTimedOut(),
                [
                    "joint/velocity is 0.4 rad/s, at rest up to 0.05 rad/s (Safety:RestVelocity)",
                    "Failsafe:ResetTimedOut:Threshold",
                    "threshold 60 s",
                ]
            ),
            FailsafeCause.ExperienceRefused => (
                () => Learning(l => Refuse(l, updates: false)),
                ["200 of 200 transitions", "a number that is not finite", "Check the task's rewards"]
            ),
            FailsafeCause.UpdatesRefused => (
                () => Learning(l => Refuse(l, updates: true)),
                ["10 of 10 updates", "not finite", "Check the task's rewards"]
            ),
            FailsafeCause.CommandNotFollowed => (
                () => NotFollowed(),
                [
                    "joint/position is commanded 0.462 rad, measured 0 rad (allowed 0.15 rad for 1 s), load not reported",
                    "compare its stored limits",
                ]
            ),
            _ => throw new NotSupportedException(
                $"{cause}: say here what its text must tell (the thing, the value with its unit, the limit, what to do), and provoke it."
            ),
        };

    private void Make(LoopRig rig)
    {
        _rig.Dispose();
        _rig = rig;
        _supervisor = new Supervisor(new Failsafe(new FailsafeOptions()), rig.Loop, rig.Gate, rig.Robot, _learner, realTime: true, _ranges);
    }

    private void Begin(LoopRig? rig = null) => Make((rig ?? new LoopRig()).Begin());

    private void Tick()
    {
        _rig.Tick();
        _supervisor!.Step(_rig.NowNs);
    }

    private void Do(Action provoke, int ticks = 1)
    {
        Begin();
        Tick();
        provoke();
        for (int i = 0; i < ticks; i++)
        {
            Tick();
        }
    }

    private void Broken(IoStatus status, int ticks) => Do(() => _rig.Robot.ReadStatus = status, ticks);

    private void Later(long ns)
    {
        Begin();
        Tick();
        _supervisor!.Step(_rig.NowNs + ns);
    }

    private void Violated()
    {
        Begin(new LoopRig(safety: new SafetyOptions { Joints = { ["joint/position"] = new JointLimits { MaxVelocity = 1 } } }));
        _rig.Robot.Velocity = 1.5;
        for (int i = 0; i < 4; i++)
        {
            Tick();
        }
    }

    private void Learning(Action<LearnerStatus> provoke)
    {
        _learner = new LearnerStatus(0);
        Do(() => provoke(_learner));
    }

    private static void Refuse(LearnerStatus learner, bool updates)
    {
        var watch = new RefusalWatch(200, 10);
        for (int i = 0; i < 200; i++)
        {
            watch.Count(EpisodeEnd.None, learnable: updates);
            if (updates && i < 10)
            {
                watch.CountUpdate(refused: true);
            }
        }

        learner.SetRefusals(watch);
    }

    private void Unconfirmed() =>
        Do(
            () =>
            {
                _rig.Robot.ConfirmsStops = false;
                _supervisor!.RequestOperatorStop();
            },
            310
        );

    private void Ranged(InterfaceKind kind, string unit)
    {
        // The scripted joint's position stands in for it: same vector, another kind.
        RobotDescription description = new ScriptedRobot().Description;
        _ranges = new RangeWatch(
            description with
            {
                States =
                [
                    new($"motor/{kind.ToString().ToLowerInvariant()}", kind, unit, -40, 150) { AllowedMaximum = 1 },
                    description.States[1],
                ],
            },
            new SafetyOptions()
        );
        Do(() => _rig.Robot.Position = 1.5, 205);
    }

    private void ResetTimedOut() =>
        Do(
            () =>
            {
                _rig.Loop.EndEpisode();
                _rig.Robot.Velocity = 0.4;
                _supervisor!.ReportReset(_rig.NowNs);
            },
            6010
        );

    private void NotFollowed()
    {
        Begin(new LoopRig(follow: true));
        for (int i = 0; i < 140; i++)
        {
            Tick();
        }
    }
}
