using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>What the supervisor watches beside the loop: ranges, the operator, the recorder, and who asked for a stop when.</summary>
public sealed class SupervisorWatchTests : IDisposable
{
    private readonly LoopRig _rig = new LoopRig().Begin();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Step_StateOutOfRangeForItsThreshold_StopsAndNamesIt_ArmsOnlyWithinAgain()
    {
        // The scripted joint's position stands in for a temperature: same vector, another kind.
        RobotDescription description = _rig.Robot.Description;
        RobotDescription hot = description with
        {
            States =
            [
                new("motor/temperature", InterfaceKind.Temperature, "°C", -40, 150) { AllowedMaximum = 1 },
                .. description.States.Skip(1),
            ],
        };
        Supervisor supervisor = Make(ranges: new RangeWatch(hot, new SafetyOptions()));
        _rig.Robot.Position = 0.5;
        Assert.Equal(FailsafeAction.None, Ticks(supervisor, 10).Action);
        _rig.Robot.Position = 1.5;
        Assert.Equal(FailsafeAction.None, Ticks(supervisor, 150).Action);
        FailsafeDecision decision = Ticks(supervisor, 60);
        Assert.Equal(
            (FailsafeAction.ControlledStop, (FailsafeCause?)FailsafeCause.TemperatureOutOfRange),
            (decision.Action, decision.Cause)
        );
        Assert.StartsWith(
            "motor/temperature is 1.5 °C, allowed at most 1 °C (for 2 s, threshold 2 s)",
            supervisor.History.Newest!.Measured,
            StringComparison.Ordinal
        );
        Assert.Contains("TemperatureOutOfRange is present", supervisor.TryArm(_rig.NowNs), StringComparison.Ordinal);
        _rig.Robot.Position = 0.9;
        _rig.Tick();
        Assert.Null(supervisor.TryArm(_rig.NowNs));
    }

    [Fact]
    public void Step_BeforeTheFirstReading_NoRangeIsBroken()
    {
        using var rig = new LoopRig();
        RobotDescription cold = rig.Robot.Description with
        {
            States = [new("motor/voltage", InterfaceKind.Voltage, "V", 0, 20) { AllowedMinimum = 6 }, rig.Robot.Description.States[1]],
        };
        var supervisor = new Supervisor(
            new Failsafe(new FailsafeOptions()),
            rig.Loop,
            rig.Gate,
            rig.Robot,
            null,
            realTime: true,
            new RangeWatch(cold, new SafetyOptions())
        );
        supervisor.Step(rig.NowNs);
        Assert.Equal(FailsafeAction.None, supervisor.Step(rig.NowNs + 5_000_000_000).Action);
        rig.Tick();
        supervisor.Step(rig.NowNs + 5_000_000_000);
        Assert.Equal(FailsafeCause.VoltageOutOfRange, supervisor.Step(rig.NowNs + 6_000_000_000).Cause);
    }

    [Fact]
    public void TryArm_OperatorExpectedAndSilent_IsRefused_UntilTheyAreHeard()
    {
        Supervisor supervisor = Make(operatorExpected: true);
        _rig.Loop.Disarm();
        Assert.Equal(FailsafeAction.None, Ticks(supervisor, 200).Action);
        Assert.True(supervisor.AwaitsOperator);
        Assert.Contains("OperatorHeartbeatLost is present", supervisor.TryArm(_rig.NowNs), StringComparison.Ordinal);
        supervisor.ReportOperator(_rig.NowNs);
        Assert.False(supervisor.AwaitsOperator);
        Assert.Null(supervisor.TryArm(_rig.NowNs));
        Assert.Equal(FailsafeAction.None, Ticks(supervisor, 90).Action);
        Assert.Equal(FailsafeCause.OperatorHeartbeatLost, Ticks(supervisor, 20).Cause);
        Assert.Contains("OperatorHeartbeatLost is present", supervisor.TryArm(_rig.NowNs), StringComparison.Ordinal);
        supervisor.ReportOperator(_rig.NowNs);
        Assert.Null(supervisor.TryArm(_rig.NowNs));
    }

    [Fact]
    public void Step_RecorderSilent_FreezesLearningOnly_AndClearsByItself()
    {
        Supervisor supervisor = Make();
        Assert.Equal(FailsafeAction.None, Ticks(supervisor, 1100).Action);
        supervisor.ReportRecorder(_rig.NowNs);
        Assert.Equal(FailsafeAction.None, Ticks(supervisor, 990).Action);
        FailsafeDecision decision = Ticks(supervisor, 20);
        Assert.Equal((FailsafeAction.FreezeLearning, (FailsafeCause?)FailsafeCause.RecorderStalled), (decision.Action, decision.Cause));
        supervisor.ReportRecorder(_rig.NowNs);
        Assert.Equal(FailsafeAction.None, Ticks(supervisor, 1).Action);
    }

    [Fact]
    public void RequestEmergencyStop_DriverToldDirectly_IsNoDeviceError_AndKeepsItsMoment()
    {
        Supervisor supervisor = Make();
        Ticks(supervisor, 5);
        long asked = _rig.NowNs + 3_000_000;
        supervisor.RequestEmergencyStop("emergency stop by key", asked);
        _rig.Robot.RequestStop(StopLevel.PowerOff, "emergency stop by key");
        _rig.Robot.WriteStatus = IoStatus.WrongState;
        FailsafeDecision decision = Ticks(supervisor, 1);
        Assert.Equal((FailsafeAction.PowerOff, (FailsafeCause?)FailsafeCause.EmergencyStop), (decision.Action, decision.Cause));
        Assert.Equal([nameof(FailsafeCause.EmergencyStop)], supervisor.LatchedCauses);
        Assert.Equal(asked, supervisor.History.Newest!.CrossedNs);
        Assert.StartsWith("emergency stop by key", supervisor.History.Newest.Measured, StringComparison.Ordinal);
        _rig.Robot.WriteStatus = IoStatus.Ok;
        Assert.Null(supervisor.TryArm(_rig.NowNs));
    }

    private Supervisor Make(RangeWatch? ranges = null, bool operatorExpected = false) =>
        new(new Failsafe(new FailsafeOptions()), _rig.Loop, _rig.Gate, _rig.Robot, null, realTime: true, ranges, operatorExpected);

    private FailsafeDecision Ticks(Supervisor supervisor, int count)
    {
        FailsafeDecision decision = default;
        for (int i = 0; i < count; i++)
        {
            _rig.Tick();
            decision = supervisor.Step(_rig.NowNs);
        }

        return decision;
    }
}
