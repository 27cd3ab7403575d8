using RobotRl.Hardware.Devices;

namespace RobotRl.Hardware.Tests.Devices;

public sealed class LateRepliesTests
{
    private readonly LateReplies _late = new();

    [Fact]
    public void Padding_NothingOutstanding_IsNone() => Assert.Equal(0, _late.Padding(56, 15, nowTicks: 7));

    [Fact]
    public void Padding_OutstandingReplyOfThatLength_AvoidsItUntilItCanComeNoMore()
    {
        _late.Missed(2, nowTicks: 0);
        _late.Missed(3, nowTicks: 10);
        Assert.Equal(2, _late.Padding(56, 2, nowTicks: 20));
        Assert.Equal(0, _late.Padding(56, 15, nowTicks: 20));
        Assert.Equal(0, _late.Padding(56, 2, LateReplies.Patience.Ticks));
    }

    [Fact]
    public void Padding_MoreOutstandingThanThereAreBytes_TakesTheOldest()
    {
        for (int i = 0; i < 10; i++)
        {
            _late.Missed(4 + i, nowTicks: i);
        }

        Assert.Equal(1, _late.Padding(address: 1, size: 6, nowTicks: 20) + _late.Padding(address: 0, size: 7, nowTicks: 20) + 1);
        Assert.InRange(_late.Padding(address: 100, size: 4, nowTicks: 20), 0, 8);
    }
}
