using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>Requests that meet at one moment, and a device that takes no command.</summary>
public sealed class SupervisorRequestTests : IDisposable
{
    private readonly LoopRig _rig = new LoopRig().Begin();
    private readonly Supervisor _supervisor;

    public SupervisorRequestTests() =>
        _supervisor = new Supervisor(new Failsafe(new FailsafeOptions()), _rig.Loop, _rig.Gate, _rig.Robot, null, realTime: false);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void TryArm_EmergencyStopNotYetCarriedOut_RefusesAndStops_ArmsAfterwards()
    {
        _supervisor.Step(_rig.NowNs);
        _supervisor.RequestEmergencyStop();
        Assert.Contains("EmergencyStop was asked for at this moment", _supervisor.TryArm(_rig.NowNs), StringComparison.Ordinal);
        Assert.Equal([StopLevel.PowerOff], _rig.Robot.StopsAsked);
        _rig.Tick();
        Assert.Equal(LoopStage.Stopped, _rig.Loop.Status.Stage);
        Assert.Null(_supervisor.TryArm(_rig.NowNs));
        Assert.Equal(DeviceState.Powered, _rig.Robot.State);
    }

    [Fact]
    public void TryArm_OperatorStopNotYetCarriedOut_RefusesAndStops()
    {
        _supervisor.Step(_rig.NowNs);
        _supervisor.RequestOperatorStop();
        Assert.Contains("OperatorStop was asked for at this moment", _supervisor.TryArm(_rig.NowNs), StringComparison.Ordinal);
        Assert.Equal([StopLevel.ControlledStop], _rig.Robot.StopsAsked);
    }

    [Theory]
    [InlineData(StopLevel.PowerOff, FailsafeCause.EmergencyStop)]
    [InlineData(StopLevel.ControlledStop, FailsafeCause.OperatorStop)]
    public void Step_StopDemandedAtTheRobot_IsCarriedOutAtItsLevelUntilArmed(StopLevel level, FailsafeCause cause)
    {
        _supervisor.Step(_rig.NowNs);
        (_rig.Robot.DemandedStop, _rig.Robot.ReadStatus) = (new(level, "hand in the cell"), IoStatus.DeviceFault);
        _rig.Tick();
        FailsafeDecision decision = _supervisor.Step(_rig.NowNs);
        Assert.Equal(cause, decision.Cause);
        Assert.Equal([level], _rig.Robot.StopsAsked);
        _rig.Tick(20);
        Assert.Equal(cause, _supervisor.Step(_rig.NowNs).Cause);
        Assert.Equal([cause.ToString()], _supervisor.LatchedCauses);
        Assert.Equal(cause, _supervisor.StoppedBy);
        Assert.Contains("hand in the cell", _supervisor.History.Newest!.ToString(), StringComparison.Ordinal);

        // Arming takes it back; the same demand does not stop a second time, a new one does.
        _rig.Robot.Clearing = () => _rig.Robot.ReadStatus = IoStatus.Ok;
        Assert.Null(_supervisor.TryArm(_rig.NowNs));
        _rig.Tick();
        Assert.Equal(FailsafeAction.None, _supervisor.Step(_rig.NowNs).Action);
        _rig.Robot.DemandedStop = new(level, "hand in the cell");
        Assert.Contains($"{cause} was asked for at this moment", _supervisor.TryArm(_rig.NowNs), StringComparison.Ordinal);
        Assert.Equal([level, level], _rig.Robot.StopsAsked);
    }

    [Fact]
    public void TryArm_StopDemandedWhileTheFaultIsCleared_StopsAgain()
    {
        _rig.Robot.DemandedStop = new(StopLevel.PowerOff, "hand in the cell");
        _supervisor.Step(_rig.NowNs);
        _rig.Robot.Clearing = () => _rig.Robot.DemandedStop = new(StopLevel.PowerOff, "again");
        _supervisor.TryArm(_rig.NowNs);
        Assert.Equal([StopLevel.PowerOff, StopLevel.PowerOff], _rig.Robot.StopsAsked);
        Assert.Equal(FailsafeCause.EmergencyStop, _supervisor.Cause);
    }

    [Fact]
    public void Step_DeviceTakesNoCommand_IsADeviceError()
    {
        Assert.Equal(FailsafeAction.None, _supervisor.Step(_rig.NowNs).Action);
        _rig.Robot.WriteStatus = IoStatus.Refused;
        _rig.Tick();
        FailsafeDecision decision = _supervisor.Step(_rig.NowNs);
        Assert.Equal((FailsafeAction.ControlledStop, (FailsafeCause?)FailsafeCause.DeviceError), (decision.Action, decision.Cause));
    }

    [Fact]
    public void TryArm_FaultReadWhileItIsCleared_IsNoNewFault()
    {
        _rig.Robot.ReadStatus = IoStatus.DeviceFault;
        _rig.Tick();
        Assert.Equal(FailsafeCause.DeviceError, _supervisor.Step(_rig.NowNs).Cause);

        // Clearing takes a new connection: ticks go on meanwhile, and still read the fault.
        _rig.Robot.Clearing = () => _rig.Tick();
        Assert.Null(_supervisor.TryArm(_rig.NowNs));
        _rig.Robot.ReadStatus = IoStatus.Ok;
        _rig.Tick();
        Assert.Equal(FailsafeAction.None, _supervisor.Step(_rig.NowNs).Action);
        Assert.Equal(DeviceState.Powered, _rig.Robot.State);
    }
}
