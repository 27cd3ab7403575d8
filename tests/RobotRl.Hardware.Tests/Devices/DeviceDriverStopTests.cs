using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;

namespace RobotRl.Hardware.Tests.Devices;

/// <summary>Stops and lost links, by hand on a fake clock.</summary>
public sealed class DeviceDriverStopTests : IDisposable
{
    private readonly DriverRig _rig = new();

    private DeviceDriver Driver => _rig.Driver;

    private LoopbackDevice Device => _rig.Device;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void RequestStop_PowerOff_IsExecutedAtOnceAndConfirmedByReadBack()
    {
        _rig.Power();
        Driver.Write([0.5, 1, 1]);
        _rig.Pass(1);
        Driver.RequestStop(StopLevel.PowerOff, "test");
        Assert.Equal(new StopStatus(StopLevel.PowerOff, false, TimeSpan.Zero), Driver.Stop);
        int exchanges = Device.Exchanges;
        Driver.Serve();
        Assert.False(Device.Powered);
        Assert.Equal(exchanges, Device.Exchanges);
        Assert.Equal((DeviceState.Faulted, true), (Driver.State, Driver.Stop.Confirmed));
    }

    [Theory]
    [InlineData(StopLevel.PowerOff)]
    [InlineData(StopLevel.ControlledStop)]
    public void Serve_StopDemandedAtTheDevice_IsObeyedOnceAtItsLevel(StopLevel level)
    {
        _rig.Power();
        Driver.Write([0.5, 2, 1]);
        _rig.Pass(1);
        (Device.DemandedStop, Device.Fault) = (new(level, "hand in the cell"), "Robot loopback: hand in the cell.");
        Assert.Same(Device.DemandedStop, Driver.DemandedStop);
        Driver.Serve();
        Assert.Equal((level, level == StopLevel.ControlledStop), (Driver.Stop.Requested, Device.Powered));
        _rig.Pass(20);
        Assert.Equal((DeviceState.Faulted, true, false), (Driver.State, Driver.Stop.Confirmed, Device.Powered));
        Assert.Equal("Robot loopback: hand in the cell.", Driver.FaultReason);

        // Only the operator's order ends it, and it does not come back by itself.
        Driver.ClearFault();
        Driver.PowerOn();
        _rig.Pass(3);
        Assert.Equal((DeviceState.Powered, StopLevel.None), (Driver.State, Driver.Stop.Requested));
    }

    [Fact]
    public void ClearFault_StopDemandedMeanwhile_IsNotSwallowed()
    {
        _rig.Power();
        Driver.RequestStop(StopLevel.PowerOff, "test");
        Driver.Serve();
        Driver.ClearFault();
        Device.DemandedStop = new(StopLevel.PowerOff, "again");
        Assert.Contains("again", Assert.Throws<RobotException>(Driver.PowerOn).Message, StringComparison.Ordinal);
        Assert.Equal((DeviceState.Faulted, false), (Driver.State, Device.Powered));
    }

    [Fact]
    public void RequestStop_PowerOffNotConfirmed_SaysSoAndIsTriedEveryCycle()
    {
        _rig.Power();
        Device.SilentPowerOffs = 5;
        int before = Device.PowerOffs;
        Driver.RequestStop(StopLevel.PowerOff, "test");
        Driver.Serve();
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal((DeviceState.Faulted, false), (Driver.State, Driver.Stop.Confirmed));
            Assert.Throws<RobotException>(Driver.ClearFault);
            _rig.Pass(1);
        }

        _rig.Pass(1);
        Assert.Equal((true, before + 6, false), (Driver.Stop.Confirmed, Device.PowerOffs, Device.Powered));
        Driver.ClearFault();
        Assert.Equal(DeviceState.Readable, Driver.State);
    }

    [Fact]
    public void PowerOff_NotConfirmed_BecomesAFaultThatIsTriedAgain()
    {
        _rig.Power();
        Device.SilentPowerOffs = 2;
        Driver.PowerOff();
        Assert.Equal((DeviceState.Faulted, StopLevel.PowerOff, false), (Driver.State, Driver.Stop.Requested, Driver.Stop.Confirmed));
        Assert.Contains("does not confirm", Driver.FaultReason, StringComparison.Ordinal);
        _rig.Pass(1);
        Assert.True(Driver.Stop.Confirmed);
    }

    [Fact]
    public void RequestStop_ControlledStop_DeceleratesUnderPowerThenRemovesIt()
    {
        _rig.Power();
        Driver.Write([0.5, 3, 0]);
        _rig.Pass(1);
        Driver.RequestStop(StopLevel.ControlledStop, "test");
        Driver.Serve();
        Assert.Equal([0.5, 0, 0], Device.Sent);
        Assert.Equal((DeviceState.Powered, false), (Driver.State, Driver.Stop.Confirmed));
        Assert.Equal(IoStatus.WrongState, Driver.Write([0, 0, 0]).Status);

        // 3 rad/s halved each cycle: six cycles to 0.05 rad/s.
        _rig.Pass(4);
        Assert.True(Device.Powered);
        _rig.Pass(1);
        Assert.Equal((DeviceState.Faulted, true, false), (Driver.State, Driver.Stop.Confirmed, Device.Powered));
        Assert.Equal("test", Driver.FaultReason);
    }

    [Fact]
    public void RequestStop_ControlledStopWithoutReadings_RemovesPowerAfterTheTimeout()
    {
        using var rig = new DriverRig(options: new() { LinkLossAfter = TimeSpan.FromSeconds(60), StopTimeout = TimeSpan.FromSeconds(1) });
        rig.Power();
        rig.Driver.Write([0, 1, 0]);
        rig.Pass(1);
        rig.Device.Answer = IoStatus.NotFresh;
        rig.Driver.RequestStop(StopLevel.ControlledStop, "test");
        rig.Pass(99);
        Assert.Equal(DeviceState.Powered, rig.Driver.State);
        rig.Pass(2);
        Assert.Equal((DeviceState.Faulted, false), (rig.Driver.State, rig.Device.Powered));
    }

    [Fact]
    public void RequestStop_Hold_IsConfirmedOnceTheJointsRestAndReleasedByClearFault()
    {
        _rig.Power();
        Driver.Write([0.5, 3, 0]);
        _rig.Pass(1);
        Driver.RequestStop(StopLevel.Hold, "test");
        Driver.Serve();
        Assert.False(Driver.Stop.Confirmed);
        _rig.Pass(6);
        Assert.Equal((DeviceState.Powered, true), (Driver.State, Driver.Stop.Confirmed));
        Driver.ClearFault();
        _rig.Pass(1);
        Assert.Equal([0.5, 0, 0], Device.Sent);
        Assert.Equal(IoStatus.Ok, Driver.Write([0.4, 1, 0]).Status);
        _rig.Pass(1);
        Assert.Equal([0.4, 1, 0], Device.Sent);
    }

    [Theory]
    [InlineData(StopLevel.Hold, InterfaceKind.Effort)]
    [InlineData(StopLevel.ControlledStop, InterfaceKind.Effort)]
    [InlineData(StopLevel.Hold, InterfaceKind.Current)]
    [InlineData(StopLevel.ControlledStop, InterfaceKind.Current)]
    [InlineData(StopLevel.Hold, InterfaceKind.Voltage)]
    [InlineData(StopLevel.ControlledStop, InterfaceKind.Voltage)]
    public void RequestStop_EffortWithoutDamping_RemovesPowerAtOnce(StopLevel level, InterfaceKind wrist)
    {
        using var rig = new DriverRig(damping: false, wrist: wrist);
        rig.Power();
        rig.Driver.RequestStop(level, "test");
        rig.Driver.Serve();
        Assert.Equal((DeviceState.Faulted, true, false), (rig.Driver.State, rig.Driver.Stop.Confirmed, rig.Device.Powered));
    }

    [Fact]
    public void Serve_CommandsStayAwayWithoutDamping_RemovesPowerInThatCycle()
    {
        using var rig = new DriverRig(damping: false, new() { StopTimeout = TimeSpan.FromSeconds(10) });
        rig.Power();
        rig.Driver.Write([0.5, 3, 0.5]);
        for (int i = 0; i < 100 && rig.Driver.Stop.Requested == StopLevel.None; i++)
        {
            rig.Pass(1);
        }

        Assert.Equal((StopLevel.PowerOff, true), (rig.Driver.Stop.Requested, rig.Driver.Stop.Confirmed));
        Assert.Equal((DeviceState.Faulted, false), (rig.Driver.State, rig.Device.Powered));
        Assert.Contains("no command for", rig.Driver.FaultReason, StringComparison.Ordinal);
        Assert.Empty(rig.Device.Sent);
    }

    [Fact]
    public void PowerOn_DeviceThrowsABug_RemovesPowerAndIsFaulted()
    {
        Driver.Open();
        Device.PowerOnBug = new InvalidOperationException("off by one");
        Assert.Contains("off by one", Assert.Throws<RobotException>(Driver.PowerOn).Message, StringComparison.Ordinal);
        Assert.Equal((DeviceState.Faulted, false, false), (Driver.State, Device.Powered, Device.Connected));
        Assert.Contains("off by one", Driver.FaultReason, StringComparison.Ordinal);
    }

    [Fact]
    public void PowerOn_RefusedAndPowerOffThrows_IsFaultedAndTriedAgain()
    {
        Driver.Open();
        (Device.PowerOnBug, Device.PowerOffBug) = (new RobotException("loopback", "refused"), new InvalidOperationException("off by one"));
        Device.SilentPowerOffs = 1;
        Assert.Equal("refused", Assert.Throws<RobotException>(Driver.PowerOn).Message);
        Assert.Equal((DeviceState.Faulted, false), (Driver.State, Driver.Stop.Confirmed));
        _rig.Pass(1);
        Assert.Equal((true, false), (Driver.Stop.Confirmed, Device.Powered));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Serve_LinkLost_TriesToRemovePowerOnceBeforeItDisconnects(bool throws)
    {
        _rig.Power();
        int before = Device.PowerOffs;
        (Device.Answer, Device.Away) = (IoStatus.LinkLost, true);
        Device.PowerOffBug = throws ? new InvalidOperationException("off by one") : null;
        _rig.Pass(1);
        Assert.Equal((before + 1, throws, false, DeviceState.Faulted), (Device.PowerOffs, Device.Powered, Device.Connected, Driver.State));
    }

    [Fact]
    public void Close_Powered_RemovesPowerFirstInSpiteOfLostReplies()
    {
        _rig.Power();
        Device.SilentPowerOffs = 2;
        Driver.Close();
        Assert.Equal((DeviceState.Closed, false, false), (Driver.State, Device.Powered, Device.Connected));
    }

    [Fact]
    public void Open_AfterClosingWithAStopThatWasNotConfirmed_ConfirmsIt()
    {
        _rig.Power();
        Device.SilentPowerOffs = 1000;
        Driver.RequestStop(StopLevel.PowerOff, "by the operator");
        _rig.Pass(1);
        Driver.Close();
        Assert.Equal((StopLevel.PowerOff, false), (Driver.Stop.Requested, Driver.Stop.Confirmed));
        Device.SilentPowerOffs = 0;
        Driver.Open();
        Assert.Equal((DeviceState.Faulted, true), (Driver.State, Driver.Stop.Confirmed));
    }

    [Theory]
    [InlineData(StopLevel.Hold)]
    [InlineData(StopLevel.ControlledStop)]
    public void RequestStop_PositionsCannotBeBelieved_RemovesPowerAtOnce(StopLevel level)
    {
        _rig.Power();
        Device.IsBlind = true;
        Device.Fault = "Joint elbow: a failed encoder.";
        Driver.RequestStop(level, "DeviceError");
        _rig.Pass(4);
        Assert.Equal(
            (DeviceState.Faulted, false, StopLevel.PowerOff, true),
            (Driver.State, Device.Powered, Driver.Stop.Requested, Driver.Stop.Confirmed)
        );
    }

    [Fact]
    public void Serve_AnswersComeTooLate_LinkLives_AndTheReadingAges()
    {
        _rig.Power();
        (Device.Answer, Device.IsLate) = (IoStatus.NotFresh, true);
        Driver.Read(_rig.State);
        _rig.Pass(20);
        ReadResult read = Driver.Read(_rig.State);
        Assert.Equal((DeviceState.Powered, IoStatus.NotFresh), (Driver.State, read.Status));
        Assert.True(read.Age >= 19 * _rig.Period, $"{read.Age}");
    }

    [Fact]
    public void Serve_FivePeriodsWithoutAnswer_IsLinkLost()
    {
        _rig.Power();
        Device.Answer = IoStatus.NotFresh;
        _rig.Pass(4);
        Driver.Read(_rig.State);
        Assert.Equal((DeviceState.Powered, IoStatus.NotFresh), (Driver.State, Driver.Read(_rig.State).Status));
        _rig.Pass(1);
        Assert.Equal((DeviceState.Faulted, IoStatus.LinkLost, false), (Driver.State, Driver.Read(_rig.State).Status, Device.Connected));
        Assert.Contains("no reading for 50 ms", Driver.FaultReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_LinkLostAndBack_StaysUnpoweredUntilArmedAndStartsFromTheMeasuredPose()
    {
        _rig.Power();
        Driver.Write([0.5, 1, 1]);
        _rig.Pass(1);
        (Device.Answer, Device.Away) = (IoStatus.LinkLost, true);
        _rig.Pass(1);
        Assert.Equal((DeviceState.Faulted, IoStatus.LinkLost), (Driver.State, Driver.Read(_rig.State).Status));
        Driver.RequestStop(StopLevel.PowerOff, "LinkLost");
        await _rig.Until(() => Device.Connects > 3);
        Assert.Equal((DeviceState.Faulted, false), (Driver.State, Driver.Stop.Confirmed));
        Assert.Contains("The last attempt to connect: Robot loopback: nothing there.", Driver.FaultReason, StringComparison.Ordinal);
        Assert.Contains("still lost", Assert.Throws<RobotException>(Driver.ClearFault).Message, StringComparison.Ordinal);

        (Device.Answer, Device.Away) = (IoStatus.Ok, false);
        Device.State[0] = -1.25;
        await _rig.Until(() => Driver.Counters.Reconnections == 1);
        _rig.Pass(10);
        Assert.Equal((DeviceState.Faulted, true, IoStatus.Ok), (Driver.State, Driver.Stop.Confirmed, Driver.Read(_rig.State).Status));
        Assert.Equal("Robot loopback: the link was lost and is back, without power. Arm it to go on.", Driver.FaultReason);
        Assert.False(Device.Powered);
        Assert.Empty(Device.Sent);
        Assert.Equal(IoStatus.WrongState, Driver.Write([0, 0, 0]).Status);

        Driver.ClearFault();
        Driver.PowerOn();
        _rig.Pass(1);
        Assert.Equal([-1.25, 0, 0], Device.Sent);
        Assert.Equal(IoStatus.Ok, Driver.Write([-1.2, 0, 0]).Status);
    }

    [Fact]
    public async Task Serve_LostTwice_ComesBackTwice()
    {
        Driver.Open();
        for (int i = 1; i <= 2; i++)
        {
            Device.Answer = IoStatus.LinkLost;
            _rig.Pass(1);
            Assert.Equal(DeviceState.Faulted, Driver.State);
            Assert.Contains("the link is lost", Driver.FaultReason, StringComparison.Ordinal);
            Device.Answer = IoStatus.Ok;
            await _rig.Until(() => Driver.Counters.Reconnections == i);
            Assert.Contains("is back", Driver.FaultReason, StringComparison.Ordinal);
        }

        Driver.ClearFault();
        Assert.Equal(DeviceState.Readable, Driver.State);
    }

    [Fact]
    public void Close_WhileTheLinkIsLost_EndsTheTrying()
    {
        _rig.Power();
        (Device.Answer, Device.Away) = (IoStatus.LinkLost, true);
        _rig.Pass(1);
        Driver.Close();
        int connects = Device.Connects;
        _rig.Pass(1000);
        Assert.Equal((DeviceState.Closed, connects), (Driver.State, Device.Connects));
    }

    [Fact]
    public void Run_DeviceThrowsABug_PowerIsRemovedAndTheThreadLives()
    {
        using var device = new LoopbackDevice(TimeProvider.System);
        using var driver = new DeviceDriver(device, new(), TimeProvider.System);
        driver.Open();
        driver.PowerOn();
        device.Bug = new InvalidOperationException("off by one");
        Assert.True(SpinWait.SpinUntil(() => driver.State == DeviceState.Faulted, TimeSpan.FromSeconds(20)));
        Assert.Contains("off by one", driver.FaultReason, StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => driver.Counters.Reconnections == 1, TimeSpan.FromSeconds(20)));
        Assert.False(device.Powered);
        driver.ClearFault();
        driver.PowerOn();
        Assert.True(device.Powered);
    }
}
