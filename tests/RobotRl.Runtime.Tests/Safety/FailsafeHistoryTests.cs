using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Tests.Safety;

public sealed class FailsafeHistoryTests
{
    private readonly Failsafe _failsafe = new(new FailsafeOptions());
    private readonly FailsafeHistory _history;
    private FailsafeConditions _conditions;
    private FailsafeLatch _latch;

    public FailsafeHistoryTests() => _history = new FailsafeHistory(_failsafe);

    [Fact]
    public void Take_ReadingTooOld_SaysWhenTheThresholdWasCrossed()
    {
        _conditions.SetLastSeen(FailsafeCause.SensorStale, TimeSpan.FromMilliseconds(1000));
        At(1240);
        Assert.Null(_history.Newest);
        At(1260);
        FailsafeEvent change = Assert.IsType<FailsafeEvent>(_history.Newest);
        Assert.Equal(1_250_000_000, change.CrossedNs);
        Assert.Equal(
            "Failsafe ControlledStop by SensorStale: for 0.26 s, threshold 0.25 s; crossed at 1250000000 ns; clears OnRearm: "
                + "remove the cause, then robotrl arm, or resume the run where it has ended.",
            change.Text
        );
    }

    [Fact]
    public void Take_CountInARow_IsOfTheTickThatReachedIt()
    {
        _conditions.SetCount(FailsafeCause.DeadlineMissed, 51);
        At(2000, tickMs: 1990);
        Assert.Equal((1_990_000_000, "51 in a row, threshold 50"), (_history.Newest!.CrossedNs, _history.Newest.Measured));
    }

    [Fact]
    public void Take_SameDecisionAgain_IsTold_Once_AndItsEndToo()
    {
        _conditions.SetActive(FailsafeCause.DiskFull, true, TimeSpan.FromSeconds(1));
        At(1000);
        At(1100);
        _conditions.SetActive(FailsafeCause.DiskFull, false, TimeSpan.FromSeconds(1));
        At(1200);
        At(1300);
        Assert.True(_history.TryTake(out FailsafeEvent? first));
        Assert.True(_history.TryTake(out FailsafeEvent? second));
        Assert.False(_history.TryTake(out _));
        Assert.Equal((FailsafeAction.FreezeLearning, FailsafeCause.DiskFull), (first.Action, first.Cause));
        Assert.Contains("it goes on by itself", first.Text, StringComparison.Ordinal);
        Assert.Equal("Failsafe: all clear at 1200000000 ns; the run goes on.", second.Text);
    }

    [Fact]
    public void Take_DeviceSaysWhy_IsPartOfIt()
    {
        _conditions.SetActive(FailsafeCause.LinkLost, true, TimeSpan.Zero);
        At(300, detail: "/dev/ttyUSB0: the port is gone.");
        Assert.Equal("/dev/ttyUSB0: the port is gone (for 0.3 s, threshold none)", _history.Newest!.Measured);
    }

    [Fact]
    public void Take_WhatStaysLatchedBehindAHarderOne_KeepsItsMoment()
    {
        _conditions.SetActive(FailsafeCause.LinkLost, true, TimeSpan.FromMilliseconds(200));
        At(300);
        _conditions.SetActive(FailsafeCause.LinkLost, false, TimeSpan.Zero);
        _conditions.SetActive(FailsafeCause.EmergencyStop, true, TimeSpan.FromMilliseconds(400));
        At(400);
        FailsafeLatch latch = _latch;
        Assert.Equal((FailsafeCause.EmergencyStop, 400_000_000), (_history.Newest!.Cause, _history.Newest.CrossedNs));
        _history.Take(new FailsafeDecision(FailsafeAction.ControlledStop, FailsafeCause.LinkLost, latch), _conditions, 500_000_000, 0, _ =>
            null
        );
        Assert.Equal((200_000_000, "latched, its condition is gone"), (_history.Newest!.CrossedNs, _history.Newest.Measured));
    }

    [Fact]
    public void Take_NobodyLogs_StaysBounded()
    {
        for (int i = 0; i < 2000; i++)
        {
            _conditions.SetActive(FailsafeCause.DiskFull, i % 2 == 0, TimeSpan.FromMilliseconds(i));
            At(i);
        }

        int waiting = 0;
        while (_history.TryTake(out _))
        {
            waiting++;
        }

        Assert.Equal(256, waiting);
    }

    private void At(int ms, int tickMs = 0, string? detail = null)
    {
        FailsafeDecision decision = _failsafe.Decide(_conditions, _latch, TimeSpan.FromMilliseconds(ms));
        _latch = decision.Latch;
        _history.Take(decision, _conditions, ms * 1_000_000L, tickMs * 1_000_000L, _ => detail);
    }
}
