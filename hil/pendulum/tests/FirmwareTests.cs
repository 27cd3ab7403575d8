using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Hardware.Protocols.Mcu;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hil.Pendulum.Tests;

/// <summary>The real firmware behind the real driver.</summary>
public sealed class FirmwareTests : RigTest
{
    private readonly double[] _state = new double[4];

    [Fact]
    public void Connect_RealFirmware_IsTheRobotThatTheDefaultsDescribe()
    {
        McuDevice device = Connect();
        McuCapabilities found = device.Capabilities!;
        Assert.Equal(FirmwareFacts.CheckPeriod, TimeSpan.FromMicroseconds(found.CheckPeriodUs));
        Assert.Equal(FirmwareFacts.PwmPeriod, TimeSpan.FromMicroseconds(found.PwmPeriodUs));
        Assert.Equal(("robotrl-pendulum", 1, 0x0100), (found.Name, found.DeviceKind, found.FirmwareVersion));
        Exchange(device, [], _state, IsOk);
        Assert.Equal(0, _state[0]);
        Assert.Equal(0, _state[1]);
        Assert.InRange(_state[2], -0.05, 0.05);
        Assert.InRange(_state[3], 11.9, 12.1);
    }

    [Fact]
    public void Exchange_ConstantVoltage_ReadingsAgreeWithThePlant()
    {
        McuDevice device = Connect();
        device.PowerOn(_state);
        long end = MonotonicClock.NowNs + 1_500_000_000;
        while (MonotonicClock.NowNs < end)
        {
            device.Exchange([1.2], _state);
            MonotonicClock.SleepUntil(MonotonicClock.NowNs + 10_000_000);
        }

        // 1.2 V against gravity: it has swung and come nearly to rest where the motor holds it.
        RigStatus plant = Rig.Control.Status();
        Assert.InRange(plant.AngleRad, 0.05, 0.5);
        Assert.Equal(plant.AngleRad, _state[0], 0.05);
        Assert.Equal(plant.CurrentA, _state[2], 0.1);
        Assert.Equal(0.1, plant.Duty, 0.01);
    }

    [Fact]
    public void Exchange_FreeSwing_VelocityIsThePlants()
    {
        McuDevice device = Connect();
        Rig.Control.Set(1.5, 0);
        int compared = 0;
        for (int i = 0; i < 150; i++)
        {
            RigStatus before = Rig.Control.Status();
            bool read = IsOk(device.Exchange([], _state));
            RigStatus after = Rig.Control.Status();

            // Only where the arm was not somewhere else meanwhile, the encoder has caught up, and its edges come every 5 ms.
            if (read && i > 10 && Math.Abs(after.VelocityRadS - before.VelocityRadS) < 0.3 && Math.Abs(after.VelocityRadS) > 2)
            {
                // 49 rad/s2 at most, seen 5 ms late and up to a reply ago.
                Assert.InRange(
                    _state[1],
                    Math.Min(before.VelocityRadS, after.VelocityRadS) - 0.8,
                    Math.Max(before.VelocityRadS, after.VelocityRadS) + 0.8
                );
                Assert.InRange(
                    _state[0],
                    Math.Min(before.AngleRad, after.AngleRad) - 0.03,
                    Math.Max(before.AngleRad, after.AngleRad) + 0.03
                );
                compared++;
            }

            MonotonicClock.SleepUntil(MonotonicClock.NowNs + 10_000_000);
        }

        Assert.InRange(compared, 10, 150);
    }

    [Fact]
    public void Exchange_Stamps_LieWithinTheirExchangeAndGoOn()
    {
        McuDevice device = Connect();
        var clock = new MonotonicStamp(TimeProvider.System);
        long last = 0;
        for (int i = 0; i < 50; i++)
        {
            long before = clock.Now;
            DeviceReading reading = device.Exchange([], _state);
            if (IsOk(reading))
            {
                Assert.InRange(reading.TimestampTicks, before, clock.Now);
                Assert.True(reading.TimestampTicks > last);
                last = reading.TimestampTicks;
            }
        }

        Assert.NotEqual(0, last);
    }

    [Fact]
    public void Exchange_CommandsCease_DeviceRemovesPowerAndSaysSo()
    {
        McuDevice device = Connect();
        device.PowerOn(_state);
        Exchange(device, [1], _state, IsOk);
        Assert.True(Waiting.Until(() => !Rig.Control.Status().Enabled, Patience));
        Exchange(device, [1], _state, r => r.Status == IoStatus.DeviceFault);
        Assert.Contains("no command came in time", device.Fault, StringComparison.Ordinal);
        Assert.Throws<RobotException>(() => device.PowerOn(_state));
        device.ClearFault();
        device.PowerOn(_state);
        Assert.True(device.PowerOff());
    }

    [Fact]
    public void Exchange_EmergencyStopSwitchPressed_FaultStaysUntilReleasedAndCleared()
    {
        McuDevice device = Connect();
        device.PowerOn(_state);
        Exchange(device, [1], _state, IsOk);
        Rig.Control.SwitchSupply(false);
        Exchange(device, [1], _state, r => r.Status == IoStatus.DeviceFault);
        Assert.Contains("motor supply out of range", device.Fault, StringComparison.Ordinal);
        Assert.False(Rig.Control.Status().Enabled);
        Assert.Contains("the cause persists", Assert.Throws<RobotException>(device.ClearFault).Message, StringComparison.Ordinal);

        Rig.Control.SwitchSupply(true);
        Assert.True(Waiting.Until(() => Clears(device), Patience));
        Assert.False(Rig.Control.Status().Enabled);
        device.PowerOn(_state);
    }

    [Fact]
    public void Exchange_ArmForcedAgainstTheMotor_OverCurrentRemovesPower()
    {
        McuDevice device = Connect();
        device.PowerOn(_state);
        Exchange(device, [3], _state, IsOk);
        Rig.Control.Push(-10, TimeSpan.FromMilliseconds(100));
        Exchange(device, [3], _state, r => r.Status == IoStatus.DeviceFault);
        Assert.Contains("too much motor current", device.Fault, StringComparison.Ordinal);
        Assert.InRange(Rig.Control.Status().PeakCurrentA, 3, 20);
    }

    [Fact]
    public void Exchange_WatchdogRestarted_SaysSoAndWantsTheArmAtRest()
    {
        McuDevice device = Connect();
        device.PowerOn(_state);
        Exchange(device, [2], _state, IsOk);
        int boot = device.Capabilities!.BootId;
        Rig.Control.Set(1.5, 0);
        Rig.Control.Hang();
        Exchange(device, [2], _state, r =>
            r.Status == IoStatus.DeviceFault && device.Fault!.Contains("watchdog", StringComparison.Ordinal)
        );

        // It swings: its position has no reference.
        Assert.Contains("position has no reference", Assert.Throws<RobotException>(device.ClearFault).Message, StringComparison.Ordinal);
        Assert.Throws<RobotException>(() => device.PowerOn(_state));
        Assert.True(Waiting.Until(() => Clears(device), TimeSpan.FromSeconds(60)));
        device.PowerOn(_state);
        device.PowerOff();
        device.Connect();
        Assert.Equal(boot + 1, device.Capabilities.BootId);
        Assert.Equal(1, Rig.Control.Status().Resets);
    }

    [Fact]
    public void Exchange_MainLoopHangsOnly_TimerInterruptStillRemovesPower()
    {
        McuDevice device = Connect(
            Options() with
            {
                CommandTimeout = TimeSpan.FromMilliseconds(40),
                ControlPeriod = TimeSpan.FromMilliseconds(20),
            }
        );
        device.PowerOn(_state);
        Exchange(device, [2], _state, IsOk);
        Rig.Control.Hang(mainLoopOnly: true);
        Assert.True(Waiting.Until(() => !Rig.Control.Status().Enabled, Patience));
        RigTrace trace = Rig.ReadTrace();
        TraceEvent off = trace.MotorOffForGood()!;
        Assert.InRange(RigTrace.Between(trace.LastCommandBefore(off)!, off).TotalMilliseconds, 40, 41.1);
    }

    [Fact]
    public void PowerOn_AgainAndAgain_TheMotorGetsWhatIsAskedFor()
    {
        McuDevice device = Connect();
        for (int i = 0; i < 3; i++)
        {
            device.PowerOn(_state);
            Exchange(device, [1.2], _state, IsOk);
            Assert.True(
                Waiting.Until(() => Math.Abs(Rig.Control.Status().Duty - 0.1) < 0.005, Patience),
                $"power-on {i}: duty {Rig.Control.Status().Duty}"
            );
            Assert.True(device.PowerOff());
        }
    }

    private static bool Clears(McuDevice device)
    {
        try
        {
            device.ClearFault();
            device.PowerOn(new double[4]);
            return device.PowerOff();
        }
        catch (RobotException)
        {
            return false;
        }
    }
}
