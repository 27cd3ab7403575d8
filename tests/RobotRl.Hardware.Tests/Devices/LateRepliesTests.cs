using RobotRl.Hardware.Devices;

namespace RobotRl.Hardware.Tests.Devices;

public sealed class LateRepliesTests
{
    private readonly LateReplies _late = new();

    [Fact]
    public void TryPad_NothingOutstanding_IsNone()
    {
        Assert.True(_late.TryPad(56, 15, nowTicks: 7, out int padding));
        Assert.Equal(0, padding);
    }

    [Fact]
    public void TryPad_OutstandingReplyOfThatLength_AvoidsItUntilItCanComeNoMore()
    {
        _late.Missed(2, nowTicks: 0);
        _late.Missed(3, nowTicks: 10);
        Assert.Equal(2, Padding(56, 2, now: 20));
        Assert.Equal(0, Padding(56, 15, now: 20));
        Assert.Equal(2, Padding(56, 2, LateReplies.Patience.Ticks - 1));
        Assert.Equal(0, Padding(56, 2, LateReplies.Patience.Ticks));
    }

    [Fact]
    public void TryPad_EveryLengthOutstanding_AsksNothingUntilTheOldestIsOver()
    {
        for (int length = 2; length <= 4; length++)
        {
            _late.Missed(length, nowTicks: 10 * length);
        }

        // Only two bytes lie in front of register 2.
        long free = 20 + LateReplies.Patience.Ticks;
        Assert.False(_late.TryPad(2, 2, free - 1, out _));
        Assert.Equal(free, _late.FreeAt(2, 2));
        Assert.Equal(0, Padding(2, 2, free));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(20)]
    public void TryPad_NoRequestIsEverAnsweredWhole_NoLengthReturnsBeforeItsTimeIsOver(int periodMs)
    {
        var asked = new Dictionary<int, long>();
        int silent = 0;
        for (int cycle = 0; cycle < 500; cycle++)
        {
            long now = cycle * periodMs * TimeSpan.TicksPerMillisecond;
            if (!_late.TryPad(56, 15, now, out int padding))
            {
                silent++;
                continue;
            }

            if (asked.TryGetValue(15 + padding, out long before))
            {
                Assert.True(
                    now - before >= LateReplies.Patience.Ticks,
                    $"length {15 + padding} returned after {(now - before) / TimeSpan.TicksPerMillisecond} ms"
                );
            }

            asked[15 + padding] = now;
            _late.Missed(15 + padding, now);
        }

        Assert.Equal(periodMs * (LateReplies.MaxPadding + 1) < LateReplies.Patience.TotalMilliseconds, silent > 0);
    }

    private int Padding(int address, int size, long now)
    {
        Assert.True(_late.TryPad(address, size, now, out int padding));
        return padding;
    }
}
