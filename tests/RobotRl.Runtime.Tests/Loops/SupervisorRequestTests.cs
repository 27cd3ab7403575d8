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
