using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;

namespace RobotRl.Hardware.Tests.Devices;

/// <summary>By hand on a fake clock: no thread, no real time.</summary>
public sealed class DeviceDriverTests : IDisposable
{
    private readonly DriverRig _rig = new();

    private DeviceDriver Driver => _rig.Driver;

    private LoopbackDevice Device => _rig.Device;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Open_DeviceAway_ThrowsItsMessageAndStaysClosed()
    {
        Device.Away = true;
        Assert.Contains("Plug it in", Assert.Throws<RobotException>(Driver.Open).Message, StringComparison.Ordinal);
        Assert.Equal(DeviceState.Closed, Driver.State);
    }

    [Fact]
    public void Open_DeviceKeepsANarrowerLimit_HoldsForCommandsAndArming()
    {
        Device.KeptMaximum = 0.5;
        Assert.Equal(2, Driver.Description.Commands[0].Maximum);
        Driver.Open();
        Assert.Equal((-2, 0.5), (Driver.Description.Commands[0].Minimum, Driver.Description.Commands[0].Maximum));
        Driver.PowerOn();
        Assert.Equal(IoStatus.Refused, Driver.Write([0.6, 0, 0]).Status);
        Assert.Equal(IoStatus.Ok, Driver.Write([0.5, 0, 0]).Status);
        Driver.PowerOff();
        Device.State[0] = 0.6;
        Assert.Contains(
            "beyond its range (-2 to 0.5, by a limit kept in the device)",
            Assert.Throws<RobotException>(Driver.PowerOn).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Open_PowerOffNotConfirmed_ThrowsAndDisconnects()
    {
        Device.SilentPowerOffs = int.MaxValue;
        Assert.Contains(
            "does not confirm that it is without power",
            Assert.Throws<RobotException>(Driver.Open).Message,
            StringComparison.Ordinal
        );
        Assert.False(Device.Connected);
    }

    [Fact]
    public void Serve_NotPowered_SendsNoCommand()
    {
        Driver.Open();
        _rig.Pass(3);
        Assert.Empty(Device.Sent);
        Assert.Equal(IoStatus.Ok, Driver.Read(_rig.State).Status);
    }

    [Fact]
    public void PowerOn_BeforeTheFirstCommand_HoldsTheMeasuredPose()
    {
        Device.State[0] = 0.7;
        _rig.Power();
        _rig.Pass(50);
        Assert.Equal([0.7, 0, 0], Device.Sent);
        Assert.Equal(DeviceState.Powered, Driver.State);
    }

    [Fact]
    public void PowerOn_CommandLeftFromBefore_IsNotSent()
    {
        _rig.Power();
        Driver.Write([1, 1, 1]);
        Driver.PowerOff();
        Driver.PowerOn();
        _rig.Pass(1);
        Assert.Equal([0, 0, 0], Device.Sent);
    }

    [Fact]
    public void PowerOn_NoReading_ThrowsAndStaysReadable()
    {
        Driver.Open();
        Device.Answer = IoStatus.NotFresh;
        Assert.Contains("no whole reading", Assert.Throws<RobotException>(Driver.PowerOn).Message, StringComparison.Ordinal);
        Assert.False(Device.Powered);
        Assert.Equal(DeviceState.Readable, Driver.State);
    }

    [Fact]
    public void Serve_CommandEachPeriod_SendsEach()
    {
        _rig.Power();
        for (int i = 0; i < 20; i++)
        {
            double goal = 0.01 * i;
            Assert.Equal(IoStatus.Ok, Driver.Write([goal, goal, goal]).Status);
            _rig.Pass(1);
            Assert.Equal([goal, goal, goal], Device.Sent);
        }

        Assert.Equal((0, 0), (Driver.Counters.HeldCycles, Driver.Counters.MissedCycles));
    }

    [Fact]
    public void Serve_FirstCommandAfterPowerOn_PhasesReadingsBeforeTheTick()
    {
        _rig.Power();
        _rig.Pass(0.37);
        Driver.Write([0, 0, 0]);
        for (int tick = 0; tick < 5; tick++)
        {
            _rig.Pass(0.5);
            _rig.Pass(0.3);
            _rig.Pass(0.2);
            ReadResult reading = Driver.Read(_rig.State);
            Assert.Equal(IoStatus.Ok, reading.Status);
            Assert.InRange((reading.Age / _rig.Period) - 0.2, -0.001, 0.001);
            Driver.Write([0, 0, 0]);
        }
    }

    [Fact]
    public void Serve_FirstTickWasLate_ComesIntoPhaseWithTheLaterOnes()
    {
        _rig.Power();
        _rig.Pass(0.4);
        Driver.Write([0, 0, 0]);
        _rig.Pass(0.6);
        for (int tick = 0; tick < 20; tick++)
        {
            Driver.Read(_rig.State);
            Driver.Write([0, 0, 0]);
            for (int i = 0; i < 20; i++)
            {
                _rig.Pass(0.05);
            }
        }

        Assert.InRange(Driver.Read(_rig.State).Age / _rig.Period, 0.15, 0.3);
    }

    [Fact]
    public void Serve_OneTickLateNowAndThen_StaysInPhase()
    {
        _rig.Power();
        for (int tick = 0; tick < 60; tick++)
        {
            int late = tick % 10 == 5 ? 6 : 0;
            for (int i = 0; i < 20; i++)
            {
                if (i == late)
                {
                    double age = Driver.Read(_rig.State).Age / _rig.Period;
                    Assert.True(tick < 2 || age < 0.3 || late > 0, $"tick {tick}: {age}");
                    Driver.Write([0, 0, 0]);
                }

                _rig.Pass(0.05);
            }
        }
    }

    [Fact]
    public void Serve_ExchangeTakesTime_IsCompleteBeforeTheTick()
    {
        using var rig = new DriverRig();
        rig.Device.Lasts = () => rig.Clock.Advance(rig.Period * 0.3);
        rig.Power();
        rig.Pass(20);
        int before = rig.Device.Exchanges;
        rig.Driver.Write([0, 0, 0]);
        rig.Pass(0.45);
        Assert.Equal(before, rig.Device.Exchanges);
        rig.Pass(0.1);
        Assert.Equal(before + 1, rig.Device.Exchanges);
        Assert.InRange(rig.Driver.Read(rig.State).Age / rig.Period, 0, 0.05);
    }

    [Fact]
    public void Serve_ThreadLate_DropsAndCountsCyclesInsteadOfMakingThemUp()
    {
        Driver.Open();
        _rig.Pass(1);
        (int before, long missed) = (Device.Exchanges, Driver.Counters.MissedCycles);
        _rig.Clock.Advance(_rig.Period * 10);
        Driver.Serve();
        Driver.Serve();
        Assert.Equal(before + 1, Device.Exchanges);
        Assert.Equal(9, Driver.Counters.MissedCycles - missed);
    }

    [Fact]
    public void Serve_CommandStale_HoldsThenStopsByItself()
    {
        _rig.Power();
        Driver.Write([0.5, 2, 1]);
        _rig.Pass(1);
        Assert.Equal([0.5, 2, 1], Device.Sent);
        _rig.Pass(1);
        Assert.Equal([0.5, 2, 1], Device.Sent);
        _rig.Pass(1);
        Assert.Equal([0.5, 0, 0], Device.Sent);
        _rig.Pass(5);
        Assert.Equal((DeviceState.Powered, StopLevel.None), (Driver.State, Driver.Stop.Requested));
        _rig.Pass(15);
        Assert.Equal((DeviceState.Faulted, StopLevel.ControlledStop, true), (Driver.State, Driver.Stop.Requested, Driver.Stop.Confirmed));
        Assert.Contains("no command for", Driver.FaultReason, StringComparison.Ordinal);
        Assert.False(Device.Powered);
    }

    [Fact]
    public void Serve_WholeProcessPaused_HoldsUntilTheNextCommandAndGoesOn()
    {
        _rig.Power();
        Driver.Write([0.5, 2, 1]);
        _rig.Pass(1);
        _rig.Clock.Advance(_rig.Period * 40);
        Driver.Serve();
        Assert.Equal([0.5, 0, 0], Device.Sent);
        Driver.Write([0.6, 1, 1]);
        _rig.Pass(1);
        Assert.Equal((DeviceState.Powered, StopLevel.None), (Driver.State, Driver.Stop.Requested));
        Assert.Equal([0.6, 1, 1], Device.Sent);
    }

    [Fact]
    public void Serve_CommandFreshAgainWhileHeld_GoesOn()
    {
        _rig.Power();
        Driver.Write([0.5, 2, 1]);
        _rig.Pass(4);
        Assert.Equal([0.5, 0, 0], Device.Sent);
        Driver.Write([0.6, 1, 0]);
        _rig.Pass(1);
        Assert.Equal([0.6, 1, 0], Device.Sent);
        Assert.True(Driver.Counters.HeldCycles > 0);
    }

    [Fact]
    public void Read_OneLostReply_IsNotFreshAndAges()
    {
        Driver.Open();
        _rig.Pass(1);
        Assert.Equal(IoStatus.Ok, Driver.Read(_rig.State).Status);
        Device.Answer = IoStatus.NotFresh;
        _rig.Pass(1);
        ReadResult late = Driver.Read(_rig.State);
        Assert.Equal((IoStatus.NotFresh, _rig.Period), (late.Status, late.Age));
        Assert.Equal(1, Driver.Counters.MissedReplies);
    }

    [Fact]
    public void Serve_LinkLost_ShowsItBeforeItLetsGoOfTheDevice()
    {
        _rig.Power();
        (DeviceState, IoStatus) seen = default;
        Device.SwitchesOff = () => seen = (Driver.State, Driver.Read(_rig.State).Status);
        Device.Answer = IoStatus.LinkLost;
        _rig.Pass(1);
        Assert.Equal((DeviceState.Faulted, IoStatus.LinkLost), seen);
    }

    [Fact]
    public void Read_DeviceFault_SaysSoUntilClearedByOrder()
    {
        _rig.Power();
        Device.Fault = "Joint elbow: overheated (83 degC).";
        _rig.Pass(1);
        Assert.Equal(IoStatus.DeviceFault, Driver.Read(_rig.State).Status);
        Driver.RequestStop(StopLevel.PowerOff, "DeviceError");
        Driver.Serve();
        Assert.Equal("DeviceError (Joint elbow: overheated (83 degC).)", Driver.FaultReason);
        Device.Persists = true;
        Assert.Throws<RobotException>(Driver.ClearFault);
        Assert.Equal(DeviceState.Faulted, Driver.State);
        Device.Persists = false;
        Driver.ClearFault();
        _rig.Pass(1);
        Assert.Equal((DeviceState.Readable, IoStatus.Ok), (Driver.State, Driver.Read(_rig.State).Status));
    }

    [Fact]
    public void Read_DeviceFaultLasts_ReadingsAndTheirAgesGoOn()
    {
        _rig.Power();
        Device.Fault = "Joint elbow: overheated (83 degC).";
        _rig.Pass(3);
        ReadResult first = Driver.Read(_rig.State);
        Device.State[4] = 0.7;
        _rig.Pass(3);
        ReadResult later = Driver.Read(_rig.State);
        Assert.Equal(
            (IoStatus.DeviceFault, IoStatus.DeviceFault, DeviceState.Powered, 0.7),
            (first.Status, later.Status, Driver.State, _rig.State[4])
        );
        Assert.True(later.Timestamp > first.Timestamp && later.Age <= _rig.Period, $"{first} {later}");
    }

    [Fact]
    public void PowerOn_DeviceFault_Throws()
    {
        Driver.Open();
        Device.Fault = "Joint elbow: overheated.";
        Assert.Contains("overheated", Assert.Throws<RobotException>(Driver.PowerOn).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Serve_OverAndOver_AllocatesNothing()
    {
        _rig.Power();
        double[] command = [0.1, 0.2, 0.3];
        Run();
        Assert.Equal(0, Run());

        long Run()
        {
            long allocated = 0;
            for (int i = 0; i < 200; i++)
            {
                _rig.Clock.Advance(_rig.Period);
                long before = GC.GetAllocatedBytesForCurrentThread();
                Driver.Read(_rig.State);
                Driver.Write(command);
                Driver.Serve();
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            }

            return allocated;
        }
    }
}
