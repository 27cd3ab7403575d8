using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Hardware.Protocols.Mcu;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Tests.Devices.Mcu;

public sealed class McuDeviceTests : IDisposable
{
    // A monotonic clock counts from the machine's start, not from year 1.
    private readonly FakeTimeProvider _time = new(DateTimeOffset.MinValue.AddDays(1));
    private readonly ScriptedMcu _mcu;
    private readonly McuDevice _device;
    private readonly double[] _state = new double[4];

    public McuDeviceTests()
    {
        _mcu = new(_time, Wait);
        _device = new(new(), _mcu.Port, _time);
    }

    public void Dispose() => _device.Dispose();

    [Fact]
    public void Connect_FoundPowered_SwitchesItOffBeforeAnythingElse()
    {
        _mcu.Flags = McuStatus.Powered;
        _device.Connect();
        Assert.Equal(McuStatus.None, _mcu.Flags);
        Assert.Equal([McuMessage.Hello, McuMessage.PowerOff], _mcu.Requests[..2]);
        Assert.Null(_device.Fault);
    }

    [Fact]
    public void Connect_CommandTimeoutOfAnEarlierProgram_IsClearedTheFirstTimeOnly()
    {
        _mcu.Flags = McuStatus.CommandTimeout;
        _device.Connect();
        Assert.Null(_device.Fault);

        _device.Disconnect();
        _mcu.Flags = McuStatus.CommandTimeout;
        _device.Connect();
        Assert.Equal("Device robotrl-pendulum reports a fault: no command came in time, so it removed power by itself.", _device.Fault);
    }

    [Fact]
    public void Connect_OtherFaultOfAnEarlierProgram_Stays()
    {
        _mcu.Flags = McuStatus.CommandTimeout | McuStatus.OverCurrent;
        _device.Connect();
        Assert.Contains("too much motor current", _device.Fault, StringComparison.Ordinal);
        Assert.DoesNotContain(McuMessage.ClearFault, _mcu.Requests);
    }

    [Fact]
    public void Connect_DeviceJustStarted_WaitsUntilItHasSettled()
    {
        _mcu.Restart(McuStatus.None);
        DateTimeOffset before = _time.GetUtcNow();
        _device.Connect();
        Assert.InRange((_time.GetUtcNow() - before).TotalMilliseconds, 590, 700);
    }

    [Fact]
    public void Exchange_NoCommand_ReadsInSi()
    {
        _device.Connect();
        DeviceReading reading = _device.Exchange([], _state);
        Assert.Equal(IoStatus.Ok, reading.Status);
        Assert.Equal([0, 0, 0.02, 12], _state.Select(v => Math.Round(v, 5)));
        Assert.Equal(McuMessage.Read, _mcu.Requests[^1]);
        Assert.Equal(7, _device.BadFramesAtDevice);
    }

    [Fact]
    public void Exchange_Command_IsAppliedAndReadBack()
    {
        PowerOn();
        Assert.Equal(60, _mcu.TimeoutMs);
        Assert.Equal(0, _mcu.Applied);
        Assert.Equal(IoStatus.Ok, _device.Exchange([-1.5], _state).Status);
        Assert.Equal(-1500, _mcu.Applied);
        Assert.Equal(-1.5, _state[1], 6);
    }

    [Fact]
    public void Exchange_StatesInAnotherOrder_FollowTheDescription()
    {
        var options = new McuOptions
        {
            States = new()
            {
                ["motor/voltage"] = new() { Kind = InterfaceKind.Voltage, Unit = "V" },
                ["pole/velocity"] = new() { Kind = InterfaceKind.Velocity, Unit = "rad/s" },
                ["motor/current"] = new() { Kind = InterfaceKind.Current, Unit = "A" },
                ["pole/position"] = new(),
            },
        };
        using var device = new McuDevice(options, _mcu.Port, _time);
        device.Connect();
        Assert.Equal(IoStatus.Ok, device.Exchange([], _state).Status);
        Assert.Equal([12, 0, 0.02, 0], _state.Select(v => Math.Round(v, 5)));
    }

    [Fact]
    public void Exchange_AnswerTakesItsTime_StampIsTheDevicesOwn()
    {
        _device.Connect();
        _device.Exchange([], _state);
        long sampled = new MonotonicStamp(_time).Now;

        // The device samples at once; its answer is under way for 5 ms.
        Action serve = _mcu.Port.Written!;
        _mcu.Port.Written = () =>
        {
            serve();
            _time.Advance(TimeSpan.FromMilliseconds(5));
        };
        DeviceReading reading = _device.Exchange([], _state);
        Assert.Equal(0, new TimeSpan(reading.TimestampTicks - sampled).TotalMilliseconds, 0.2);
    }

    [Fact]
    public void Exchange_DeviceClockWraps_StampsGoOn()
    {
        _mcu.ClockLeadUs = uint.MaxValue - 15_000;
        _device.Connect();
        long last = 0;
        for (int i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            DeviceReading reading = _device.Exchange([], _state);
            Assert.Equal(IoStatus.Ok, reading.Status);
            Assert.True(reading.TimestampTicks > last);
            last = reading.TimestampTicks;
        }
    }

    [Fact]
    public void Exchange_NoAnswer_IsNotFreshWithinTheReplyTimeout()
    {
        _device.Connect();
        _mcu.Ignores = type => type == McuMessage.Read;
        long before = _time.GetTimestamp();
        Assert.Equal(IoStatus.NotFresh, _device.Exchange([], _state).Status);
        Assert.Equal(8, _time.GetElapsedTime(before).TotalMilliseconds, 1);
    }

    [Fact]
    public void Exchange_LateAnswer_IsNotTakenForTheNext()
    {
        PowerOn();
        Action serve = _mcu.Port.Written!;
        _mcu.Port.Written = null;
        Assert.Equal(IoStatus.NotFresh, _device.Exchange([1], _state).Status);
        _mcu.Port.Written = serve;
        Assert.Equal(IoStatus.Ok, _device.Exchange([2], _state).Status);
        Assert.Equal(2, _state[1], 6);
    }

    [Fact]
    public void Exchange_LinkCut_IsLinkLost()
    {
        _device.Connect();
        _mcu.Port.Cut();
        Assert.Equal(IoStatus.LinkLost, _device.Exchange([], _state).Status);
        Assert.False(_device.PowerOff());
        _device.Disconnect();
        Assert.Equal(IoStatus.LinkLost, _device.Exchange([], _state).Status);
    }

    [Theory]
    [InlineData(McuStatus.OverCurrent, "too much motor current")]
    [InlineData(McuStatus.SupplyRange, "motor supply out of range")]
    [InlineData(McuStatus.Sensor, "a sensor gives nothing that could be true")]
    [InlineData(McuStatus.CommandTimeout, "no command came in time")]
    public void Exchange_DeviceReportsAFault_StaysUntilCleared(McuStatus fault, string words)
    {
        PowerOn();
        (_mcu.Flags, _mcu.Persistent) = (fault, fault);
        Assert.Equal(IoStatus.DeviceFault, _device.Exchange([1], _state).Status);
        Assert.Equal(IoStatus.DeviceFault, _device.Exchange([1], _state).Status);
        Assert.Contains(words, _device.Fault, StringComparison.Ordinal);

        RobotException persists = Assert.Throws<RobotException>(_device.ClearFault);
        Assert.Contains(words, persists.Message, StringComparison.Ordinal);
        Assert.NotNull(_device.Fault);

        _mcu.Persistent = McuStatus.None;
        _device.ClearFault();
        Assert.Null(_device.Fault);
        Assert.Equal(IoStatus.Ok, _device.Exchange([], _state).Status);
    }

    [Fact]
    public void Exchange_DeviceRestarted_IsAFaultThatSaysSo()
    {
        PowerOn();
        _mcu.Restart(McuStatus.WatchdogReset);
        Assert.Equal(IoStatus.DeviceFault, _device.Exchange([1], _state).Status);
        Assert.Equal(IoStatus.DeviceFault, _device.Exchange([1], _state).Status);
        Assert.Equal(
            "Device robotrl-pendulum is without power although nobody switched it off: its hardware watchdog restarted it.",
            _device.Fault
        );
        _device.ClearFault();
        Assert.Null(_device.Fault);
    }

    [Fact]
    public void PowerOn_DeviceRefuses_SaysWhichFault()
    {
        _device.Connect();
        _mcu.Flags = _mcu.Persistent = McuStatus.SupplyRange;
        RobotException refused = Assert.Throws<RobotException>(() => _device.PowerOn(_state));
        Assert.Contains("motor supply out of range", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PowerOff_OneAnswerLost_IsTriedAgain()
    {
        PowerOn();
        int lost = 0;
        _mcu.Ignores = type => type == McuMessage.PowerOff && lost++ == 0;
        Assert.True(_device.PowerOff());
        Assert.Equal(McuStatus.None, _mcu.Flags);
        _mcu.Ignores = _ => true;
        Assert.False(_device.PowerOff());
    }

    [Fact]
    public void Exchange_OverAndOver_AllocatesNothing()
    {
        PowerOn();
        for (int i = 0; i < 1100; i++)
        {
            Cycle(i);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Cycle(i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Cycle(int i) => Assert.True(_device.Exchange([0.001 * i], _state).Status == IoStatus.Ok);
    }

    private void PowerOn()
    {
        _device.Connect();
        _device.PowerOn(_state);
    }

    private void Wait(TimeSpan time) => _time.Advance(time);
}
