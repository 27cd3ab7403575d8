using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Tests.Protocols.MqttRobot;

public sealed class FrameGuardTests
{
    private const long Ms = 1_000_000;
    private const long Ahead = 50_000 * Ms;

    [Fact]
    public void Judge_InTimeAndInOrder_IsAccepted()
    {
        FrameGuard guard = Guard(out _);
        for (ulong i = 1; i <= 5; i++)
        {
            long sent = 1000 * Ms + ((long)i * 20 * Ms);
            Assert.Equal(FrameVerdict.Accepted, guard.Judge(Frame(i, sent), sent + Ms));
        }

        Assert.Equal((5, 0), (guard.Count(FrameVerdict.Accepted), guard.Refused));
    }

    [Fact]
    public void Judge_OtherSessionTwiceOrOvertaken_IsRefused()
    {
        FrameGuard guard = Guard(out _);
        long sent = 1000 * Ms;
        MqttFrame foreign = Frame(1, sent);
        foreign.Session = 8;
        Assert.Equal(FrameVerdict.Foreign, guard.Judge(foreign, sent));
        Assert.Equal(FrameVerdict.Accepted, guard.Judge(Frame(5, sent), sent));
        Assert.Equal(FrameVerdict.Duplicate, guard.Judge(Frame(5, sent), sent));
        Assert.Equal(FrameVerdict.OutOfOrder, guard.Judge(Frame(4, sent), sent));
        guard.Begin(8);
        Assert.Equal(FrameVerdict.Accepted, guard.Judge(foreign, sent));
        Assert.Equal(3, guard.Refused);
    }

    [Fact]
    public void Judge_ClockUnknown_IsRefused()
    {
        var guard = new FrameGuard(new ClockOffset(100));
        guard.Begin(7);
        Assert.Equal(FrameVerdict.NoClock, guard.Judge(Frame(1, 0), 0));
    }

    [Fact]
    public void Judge_AgeNearItsTimeToLive_IsLateWhereTheClocksBoundDoesNotExcludeIt()
    {
        FrameGuard guard = Guard(out ClockOffset clock);
        long sent = 1000 * Ms;
        clock.TryToLocal(0, sent + (50 * Ms), out _, out long error);
        Assert.True(error > Ms);
        Assert.Equal(FrameVerdict.Accepted, guard.Judge(Frame(1, sent), sent + (49 * Ms) - error));
        Assert.Equal(FrameVerdict.Late, guard.Judge(Frame(2, sent), sent + (50 * Ms)));
    }

    [Fact]
    public void Judge_BacklogOfAFrozenBroker_IsRefusedWhole()
    {
        FrameGuard guard = Guard(out ClockOffset clock);

        // 775 messages, one each 5 ms, held for up to 4 s, then delivered within 20 ms; the newest are as good as fresh.
        long start = 1000 * Ms,
            thaw = start + (775 * 5 * Ms) + (100 * Ms);
        for (int i = 0; i < 775; i++)
        {
            long sent = start + (i * 5 * Ms),
                received = thaw + (i * Ms / 40);

            // Their echoes are old too and must not spoil the clock.
            clock.Add(sent - (2 * Ms), sent - Ms + Ahead, sent + Ahead, received);
            Assert.Equal(FrameVerdict.Late, guard.Judge(Frame((ulong)i + 1, sent), received));
        }

        Assert.Equal(775, guard.Refused);
        long now = thaw + (30 * Ms);
        Assert.Equal(FrameVerdict.Accepted, guard.Judge(Frame(776, now), now + Ms));
    }

    private static FrameGuard Guard(out ClockOffset clock)
    {
        clock = new ClockOffset(1000);
        clock.Add(900 * Ms, (901 * Ms) + Ahead, (901 * Ms) + Ahead, 902 * Ms);
        var guard = new FrameGuard(clock);
        guard.Begin(7);
        return guard;
    }

    private static MqttFrame Frame(ulong sequence, long sentNs) =>
        new()
        {
            Kind = MqttFrameKind.Command,
            Session = 7,
            Sequence = sequence,
            StampNs = sentNs + Ahead,
            TimeToLive = TimeSpan.FromMilliseconds(50),
        };
}
