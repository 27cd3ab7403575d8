using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

/// <summary>A USB adapter whose latency timer was left at 16 ms, and six servos behind it.</summary>
public sealed class FeetechLatencyTests
{
    // A reading older than that stops the run (Failsafe:SensorStale); none comes while the robot is armed.
    private static readonly TimeSpan Stale = TimeSpan.FromMilliseconds(250);

    private readonly double[] _state = new double[36];
    private LatentLine? _line;

    [Fact]
    public void PowerOn_EveryReply16MsLate_TakesLessThanAReadingMayBeOld()
    {
        using FeetechRig rig = New(50);
        rig.Device.Connect();
        Assert.Equal(IoStatus.Ok, rig.Device.Exchange([], _state).Status);
        DateTimeOffset start = rig.Time.GetUtcNow();
        int requests = _line!.Answered;
        rig.Device.PowerOn(_state);
        TimeSpan took = rig.Time.GetUtcNow() - start;
        Assert.True(took < Stale, $"{_line.Answered - requests} requests, {took.TotalMilliseconds} ms");
        for (int i = 0; i < 20; i++)
        {
            rig.Time.Advance(rig.Options.ControlPeriod);
            Assert.Equal(IoStatus.Ok, rig.Device.Exchange(new double[6], _state).Status);
        }

        Assert.Null(rig.Device.Fault);
    }

    [Fact]
    public void Connect_RepliesLaterThanTheWaitForThem_IsRefusedWithTheCause()
    {
        using FeetechRig rig = New(20);
        Assert.Equal(
            "Robot feetech-bus on bus: servo 1 (shoulder) answers pings, but not a read of register 3. Answers on bus take "
                + "16 ms or more, and a reading is awaited for 8 ms (ReplyTimeout): the USB adapter collects bytes. Set its "
                + "latency timer to 1 ms (echo 1 > /sys/bus/usb-serial/devices/bus/latency_timer), or ControlPeriod to 50 ms or "
                + "more.",
            Assert.Throws<RobotException>(rig.Device.Connect).Message
        );
        Assert.False(rig.Guardian.Watches);
    }

    private FeetechRig New(int periodMs) =>
        new(
            options =>
            {
                options.ControlPeriod = TimeSpan.FromMilliseconds(periodMs);
                for (int id = 4; id <= 6; id++)
                {
                    options.Servos[$"j{id}"] = new() { Id = id };
                }
            },
            6,
            between: (near, clock) => _line = new(near, clock, TimeSpan.FromMilliseconds(16))
        );
}
