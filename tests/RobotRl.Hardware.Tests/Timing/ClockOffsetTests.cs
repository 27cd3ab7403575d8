using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Tests.Timing;

public sealed class ClockOffsetTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void TryToLocal_NoSample_IsFalse() => Assert.False(new ClockOffset(100).TryToLocal(5, 5, out _, out _));

    [Fact]
    public void Add_EvenDelays_GivesTheOffsetExactly()
    {
        var clock = new ClockOffset(0);

        // The peer is 500 ms ahead; 3 ms each way, held for 2 ms.
        Assert.True(clock.Add(100 * Ms, 603 * Ms, 605 * Ms, 108 * Ms));
        Assert.True(clock.TryToLocal(605 * Ms, 108 * Ms, out long local, out long error));
        Assert.Equal((105 * Ms, (3 * Ms) + 1), (local, error));
    }

    [Theory]
    [InlineData(0, 200)]
    [InlineData(10, 200)]
    [InlineData(-10, 200)]
    [InlineData(200, 200)]
    [InlineData(-200, 200)]
    [InlineData(500, 500)]
    public void TryToLocal_DriftAndUnevenDelays_ErrorStaysWithinTheBound(double driftPpm, double statedPpm)
    {
        var random = new Random(7);
        var clock = new ClockOffset(statedPpm);
        long worst = 0;
        for (int i = 1; i <= 3000; i++)
        {
            // A message every 20 ms; each way takes 0.2 to 60 ms, mostly little, and quite differently.
            long sent = i * 20 * Ms,
                there = sent + Delay(),
                answered = there + random.NextInt64(30 * Ms),
                back = answered + Delay();
            clock.Add(sent, Peer(there), Peer(answered), back);
            long now = back + random.NextInt64(2000 * Ms);
            Assert.True(clock.TryToLocal(Peer(answered), now, out long local, out long error));
            Assert.InRange(Math.Abs(local - answered), 0, error);
            worst = Math.Max(worst, Math.Abs(local - answered));
        }

        Assert.Equal(0, clock.Jumps);

        // It must have been a test: the delays did make it err.
        Assert.True(worst > 0);

        long Peer(long true_) => 77_000 * Ms + true_ + (long)(true_ * driftPpm * 1e-6);

        long Delay() => random.Next(10) == 0 ? random.NextInt64(60 * Ms) : (Ms / 5) + random.NextInt64(Ms);
    }

    [Fact]
    public void TryToLocal_OneWaySlow_ErrsByHalfTheDifferenceAndTheBoundSaysSo()
    {
        var clock = new ClockOffset(0);
        clock.Add(0, 40 * Ms, 40 * Ms, 40 * Ms);
        clock.TryToLocal(40 * Ms, 40 * Ms, out long local, out long error);
        Assert.Equal((20 * Ms, (20 * Ms) + 1), (local, error));
    }

    [Fact]
    public void Add_SlowAfterQuick_KeepsTheQuickUntilDriftHasEatenIt()
    {
        var clock = new ClockOffset(1000);
        Assert.True(clock.Add(0, Ms, Ms, 2 * Ms));
        Assert.False(clock.Add(1000 * Ms, 1004 * Ms, 1004 * Ms, 1008 * Ms));
        Assert.True(clock.Add(6000 * Ms, 6004 * Ms, 6004 * Ms, 6008 * Ms));
    }

    [Fact]
    public void TryToLocal_AsTimePasses_TheBoundGrowsWithTheDrift()
    {
        var clock = new ClockOffset(1000);
        clock.Add(0, Ms, Ms, 2 * Ms);
        clock.TryToLocal(0, 2 * Ms, out _, out long first);
        clock.TryToLocal(0, 1002 * Ms, out _, out long later);
        Assert.Equal(Ms, later - first);
    }

    [Fact]
    public void Add_PeersClockJumped_TakesTheNewOneAndCountsIt()
    {
        var clock = new ClockOffset(100);
        clock.Add(0, Ms, Ms, 2 * Ms);
        Assert.True(clock.Add(100 * Ms, 9000 * Ms, 9000 * Ms, 104 * Ms));
        Assert.Equal(1, clock.Jumps);
        clock.TryToLocal(9000 * Ms, 104 * Ms, out long local, out _);
        Assert.Equal(102 * Ms, local);
    }

    [Theory]
    [InlineData(10, 20, 20, 9)]
    [InlineData(10, 20, 19, 30)]
    [InlineData(10, 20, 60, 30)]
    [InlineData(long.MinValue, 0, 0, long.MaxValue)]
    [InlineData(0, long.MinValue, long.MaxValue, 10)]
    public void Add_StampsThatCannotBe_AreRefused(long sent, long peerReceived, long peerSent, long received)
    {
        var clock = new ClockOffset(100);
        Assert.False(clock.Add(sent, peerReceived, peerSent, received));
        Assert.False(clock.IsKnown);
    }

    [Fact]
    public void Reset_AfterASample_KnowsNothing()
    {
        var clock = new ClockOffset(100);
        clock.Add(0, 1, 1, 2);
        clock.Reset();
        Assert.False(clock.IsKnown);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void New_DriftNotPossible_Throws(double ppm) => Assert.Throws<ArgumentException>(() => new ClockOffset(ppm));
}
