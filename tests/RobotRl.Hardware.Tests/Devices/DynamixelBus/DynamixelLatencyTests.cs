using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.DynamixelBus;

namespace RobotRl.Hardware.Tests.Devices.DynamixelBus;

/// <summary>A USB adapter whose latency timer was left at 16 ms, and six servos behind it.</summary>
public sealed class DynamixelLatencyTests
{
    // A reading older than that stops the run (Failsafe:SensorStale); none comes while the robot is armed.
    private static readonly TimeSpan Stale = TimeSpan.FromMilliseconds(250);

    private LatentLine? _line;

    [Theory]
    [InlineData(20)]
    [InlineData(40)]
    public void PowerOn_EveryReply16MsLate_TakesLessThanAReadingMayBeOld(int periodMs)
    {
        using DynamixelRig rig = New(periodMs);
        rig.Driver.Open();
        DateTimeOffset start = rig.Clock.GetUtcNow();
        int requests = _line!.Answered;
        rig.Driver.PowerOn();
        TimeSpan took = rig.Clock.GetUtcNow() - start;
        Assert.True(took < Stale, $"{_line.Answered - requests} requests, {took.TotalMilliseconds} ms");
        for (int i = 0; i < 20; i++)
        {
            rig.Clock.Advance(rig.Options.ControlPeriod);
            rig.Driver.Write(new double[6]);
            rig.Driver.Serve();
        }

        Assert.Equal((DeviceState.Powered, null), (rig.Driver.State, rig.Driver.FaultReason));
        Assert.Equal(IoStatus.Ok, rig.Driver.Read(rig.State).Status);
    }

    [Fact]
    public void PowerOn_RepliesLaterThanACycle_IsRefusedWithTheCause()
    {
        using DynamixelRig rig = New(10);
        rig.Driver.Open();
        Assert.Equal(
            "Robot dynamixel-bus: cannot power on, because no whole reading came in 5 tries. Answers on bus take 16 ms or "
                + "more, and a reading is awaited for 8 ms (ReplyTimeout): the USB adapter collects bytes. Set its latency timer "
                + "to 1 ms (echo 1 > /sys/bus/usb-serial/devices/bus/latency_timer), or ControlPeriod to 50 ms or more.",
            Assert.Throws<RobotException>(rig.Driver.PowerOn).Message
        );
        Assert.All(rig.Emulator.Servos, s => Assert.False(s.IsTorqueOn));
    }

    private DynamixelRig New(int periodMs)
    {
        DynamixelBusOptions options = DynamixelRig.Of(6);
        options.ControlPeriod = TimeSpan.FromMilliseconds(periodMs);
        return new(options, 6, between: (near, clock) => _line = new(near, clock, TimeSpan.FromMilliseconds(16)));
    }
}
