using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Tests.Safety;

public sealed class FailsafeTests
{
    private static readonly TimeSpan Start = TimeSpan.FromHours(1),
        Tick = TimeSpan.FromTicks(1);

    public static TheoryData<FailsafeCause> EveryCause => [.. Enum.GetValues<FailsafeCause>()];

    public static TheoryData<FailsafeCause, FailsafeAction, ClearRule> EveryRule
    {
        get
        {
            TheoryData<FailsafeCause, FailsafeAction, ClearRule> data = [];
            foreach (FailsafeCause cause in Enum.GetValues<FailsafeCause>())
            {
                foreach (FailsafeAction action in Enum.GetValues<FailsafeAction>().Where(a => a >= FailsafeOptions.LeastAction(cause)))
                {
                    foreach (
                        ClearRule clears in Enum.GetValues<ClearRule>()
                            .Where(c => c != ClearRule.WhenConditionClears || !FailsafeOptions.IsOrder(cause))
                    )
                    {
                        data.Add(cause, action, clears);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(EveryRule))]
    public void Decide_BelowAtAboveThresholdThenGoneThenRearmed_FollowsTheRule(FailsafeCause cause, FailsafeAction action, ClearRule clears)
    {
        var options = new FailsafeOptions();
        Set(options, cause, action, clears);
        var failsafe = new Failsafe(options);
        FailsafeCause? expectedCause = action == FailsafeAction.None ? null : cause;

        FailsafeDecision below = failsafe.Decide(At(options, cause, -1, out TimeSpan now), default, now);
        Assert.Equal(new(FailsafeAction.None, null, default), below);

        FailsafeConditions there = At(options, cause, 0, out now);
        FailsafeDecision at = failsafe.Decide(there, below.Latch, now);
        Assert.Equal((action, expectedCause, clears != ClearRule.WhenConditionClears), (at.Action, at.Cause, at.Latch.IsLatched(cause)));
        FailsafeDecision above = failsafe.Decide(At(options, cause, +1, out TimeSpan later), at.Latch, later);
        Assert.Equal(at, above);

        FailsafeLatch latch = above.Latch;
        Assert.Equal(action < FailsafeAction.Hold, failsafe.TryArm(there, ref latch, now, out string? refusal));
        Assert.Equal(action < FailsafeAction.Hold, refusal is null);

        FailsafeDecision gone = failsafe.Decide(default, above.Latch, later);
        bool latched = clears != ClearRule.WhenConditionClears;
        Assert.Equal((latched ? action : FailsafeAction.None, latched ? expectedCause : null), (gone.Action, gone.Cause));

        latch = gone.Latch;
        bool armed = failsafe.TryArm(default, ref latch, later, out refusal);
        bool stays = clears == ClearRule.Never;
        Assert.Equal(!(stays && action >= FailsafeAction.Hold), armed);
        FailsafeDecision rearmed = failsafe.Decide(default, latch, later);
        Assert.Equal(stays ? action : FailsafeAction.None, rearmed.Action);
    }

    [Fact]
    public void Decide_EveryPairOfCauses_TheHardestWinsAndBothLatch()
    {
        var options = new FailsafeOptions();
        var failsafe = new Failsafe(options);
        foreach (FailsafeCause first in Enum.GetValues<FailsafeCause>())
        {
            foreach (FailsafeCause second in Enum.GetValues<FailsafeCause>())
            {
                FailsafeConditions conditions = default;
                Add(ref conditions, options, first, 0, Start);
                Add(ref conditions, options, second, 0, Start);
                FailsafeDecision decision = failsafe.Decide(conditions, default, Start);
                FailsafeAction hardest = (FailsafeAction)Math.Max((byte)failsafe.ActionOf(first), (byte)failsafe.ActionOf(second));
                Assert.Equal(hardest, decision.Action);
                // Of two equally hard ones the more specific, else the first of the table.
                bool equal = failsafe.ActionOf(first) == failsafe.ActionOf(second);
                FailsafeCause expected =
                    equal && Failsafe.Explains(first, second) ? first
                    : equal && Failsafe.Explains(second, first) ? second
                    : failsafe.ActionOf(first) == hardest && (!equal || first <= second) ? first
                    : second;
                Assert.Equal(expected, decision.Cause);
                foreach (FailsafeCause cause in (FailsafeCause[])[first, second])
                {
                    ClearRule clears = options.Rule(cause).Age?.Clears
                        ?? options.Rule(cause).Count?.Clears
                        ?? options.Rule(cause).Share!.Clears;
                    Assert.Equal(clears != ClearRule.WhenConditionClears, decision.Latch.IsLatched(cause));
                }
            }
        }
    }

    [Fact]
    public void Decide_LaterFaultOfEqualAction_KeepsTheFirstCause()
    {
        var failsafe = new Failsafe(new());
        FailsafeConditions conditions = default;
        conditions.SetActive(FailsafeCause.VoltageOutOfRange, true, Start);
        TimeSpan now = Start + TimeSpan.FromSeconds(1);
        FailsafeDecision first = failsafe.Decide(conditions, default, now);
        Assert.Equal(FailsafeCause.VoltageOutOfRange, first.Cause);
        conditions.SetCount(FailsafeCause.DeviceError, 9);
        FailsafeDecision second = failsafe.Decide(conditions, first.Latch, now);
        Assert.Equal((FailsafeCause.VoltageOutOfRange, true), (second.Cause, second.Latch.IsLatched(FailsafeCause.DeviceError)));
        conditions.SetActive(FailsafeCause.EmergencyStop, true, now);
        Assert.Equal((FailsafeAction.PowerOff, FailsafeCause.EmergencyStop), Both(failsafe.Decide(conditions, second.Latch, now)));
    }

    [Theory]
    [InlineData(FailsafeCause.SensorStale, FailsafeCause.DeviceError)]
    [InlineData(FailsafeCause.SensorStale, FailsafeCause.LinkLost)]
    [InlineData(FailsafeCause.CommandNotFollowed, FailsafeCause.DeviceError)]
    [InlineData(FailsafeCause.ResetTimedOut, FailsafeCause.CommandNotFollowed)]
    public void Decide_WhatExplainsAnotherCause_IsTold_BeforeOrAfterIt(FailsafeCause symptom, FailsafeCause cause)
    {
        Assert.True(Failsafe.Explains(cause, symptom));
        Assert.False(Failsafe.Explains(symptom, cause));
        var options = new FailsafeOptions();
        var failsafe = new Failsafe(options);
        FailsafeConditions conditions = default;
        Add(ref conditions, options, symptom, 0, Start);
        FailsafeDecision first = failsafe.Decide(conditions, default, Start);
        Assert.Equal(symptom, first.Cause);
        Add(ref conditions, options, cause, 0, Start);
        FailsafeDecision second = failsafe.Decide(conditions, first.Latch, Start);
        Assert.Equal((cause, true, true), (second.Cause, second.Latch.IsLatched(symptom), second.Latch.IsLatched(cause)));
        // And stays told, whatever of the two goes.
        Assert.Equal(cause, failsafe.Decide(default, second.Latch, Start).Cause);
    }

    [Fact]
    public void Explains_NoTwoCausesExplainEachOther()
    {
        foreach (FailsafeCause a in Enum.GetValues<FailsafeCause>())
        {
            foreach (FailsafeCause b in Enum.GetValues<FailsafeCause>())
            {
                Assert.False(Failsafe.Explains(a, b) && Failsafe.Explains(b, a), $"{a} and {b}");
            }
        }
    }

    [Fact]
    public void Decide_SameArguments_GivesTheSameAnswer()
    {
        var failsafe = new Failsafe(new());
        FailsafeConditions conditions = default;
        conditions.SetLastSeen(FailsafeCause.SensorStale, Start);
        TimeSpan now = Start + TimeSpan.FromSeconds(1);
        Assert.Equal(failsafe.Decide(conditions, default, now), failsafe.Decide(conditions, default, now));
        Assert.Equal(FailsafeAction.None, failsafe.Decide(conditions, default, Start).Action);
    }

    [Fact]
    public void SetActive_SaidAgain_CountsFromTheFirstTime()
    {
        FailsafeConditions conditions = default;
        conditions.SetActive(FailsafeCause.LinkLost, true, Start);
        conditions.SetActive(FailsafeCause.LinkLost, true, Start + TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(6), conditions.Age(FailsafeCause.LinkLost, Start + TimeSpan.FromSeconds(6)));
        conditions.SetActive(FailsafeCause.LinkLost, false, Start);
        Assert.False(conditions.IsActive(FailsafeCause.LinkLost));
        conditions.SetActive(FailsafeCause.LinkLost, true, Start + TimeSpan.FromSeconds(7));
        Assert.Equal(TimeSpan.Zero, conditions.Age(FailsafeCause.LinkLost, Start + TimeSpan.FromSeconds(7)));
    }

    [Fact]
    public void SetLastSeen_SignsOfLife_StartTheAgeAnew()
    {
        var failsafe = new Failsafe(new());
        FailsafeConditions conditions = default;
        Assert.Equal(FailsafeAction.None, failsafe.Decide(conditions, default, Start).Action);
        conditions.SetLastSeen(FailsafeCause.ControlStalled, Start);
        Assert.Equal(FailsafeAction.PowerOff, failsafe.Decide(conditions, default, Start + TimeSpan.FromSeconds(1)).Action);
        conditions.SetLastSeen(FailsafeCause.ControlStalled, Start + TimeSpan.FromSeconds(0.9));
        Assert.Equal(FailsafeAction.None, failsafe.Decide(conditions, default, Start + TimeSpan.FromSeconds(1)).Action);
    }

    [Fact]
    public void TryArm_SeveralCausesPresent_NamesEachInOneSentence()
    {
        var failsafe = new Failsafe(new());
        FailsafeConditions conditions = default;
        conditions.SetLastSeen(FailsafeCause.SensorStale, Start);
        conditions.SetCount(FailsafeCause.DeviceError, 4);
        conditions.SetActive(FailsafeCause.DiskFull, true, Start);
        TimeSpan now = Start + TimeSpan.FromMilliseconds(1300);
        FailsafeLatch latch = failsafe.Decide(conditions, default, now).Latch,
            before = latch;
        Assert.False(failsafe.TryArm(conditions, ref latch, now, out string? refusal));
        Assert.Equal(
            "Arming refused: SensorStale is present (for 1.3 s, limit 0.25 s), DeviceError is present (4 in a row, limit 1).",
            refusal
        );
        Assert.Equal(before, latch);
        Assert.False(
            failsafe.TryArm(conditions, ref latch, now, out refusal, c =>
                c is FailsafeCause.SensorStale or FailsafeCause.DeviceError ? "Servo 2 (elbow) is hot." : "not asked for"
            )
        );
        Assert.Equal(
            "Arming refused: SensorStale is present (for 1.3 s, limit 0.25 s), DeviceError is present (4 in a row, limit 1). "
                + "Servo 2 (elbow) is hot. Remove the cause, then arm again.",
            refusal
        );
    }

    [Fact]
    public void TryArm_ShutdownRequested_NeverArms()
    {
        var failsafe = new Failsafe(new());
        FailsafeConditions conditions = default;
        conditions.SetActive(FailsafeCause.ShutdownRequested, true, Start);
        FailsafeLatch latch = failsafe.Decide(conditions, default, Start).Latch;
        Assert.False(failsafe.TryArm(default, ref latch, Start, out string? refusal));
        Assert.Equal("Arming refused: ShutdownRequested never clears (restart robotrl).", refusal);
    }

    [Fact]
    public void Decide_AfterWarmUp_AllocatesNothing()
    {
        var failsafe = new Failsafe(new());
        failsafe.WarmUp();
        FailsafeDecision decision = default;
        var hardest = FailsafeAction.None;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            var cause = (FailsafeCause)(i % FailsafeConditions.CauseCount);
            FailsafeConditions conditions = default;
            conditions.SetActive(cause, i % 3 == 0, Start);
            conditions.SetCount(cause, i % 60);
            decision = failsafe.Decide(conditions, i % 2 == 0 ? default : decision.Latch, Start + TimeSpan.FromMilliseconds(i));
            hardest = decision.Action > hardest ? decision.Action : hardest;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(FailsafeAction.PowerOff, hardest);
    }

    [Fact]
    public void Constructor_WrongOptions_ThrowsWithAllProblems()
    {
        var options = new FailsafeOptions();
        options.SensorStale.Threshold = TimeSpan.FromSeconds(-1);
        options.DeviceError.Threshold = 0;
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => new Failsafe(options));
        Assert.Contains(
            "Failsafe:SensorStale:Threshold is -00:00:01; allowed: 00:00:00 to 1.00:00:00. Set it to how long this may last.",
            thrown.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Failsafe:DeviceError:Threshold is 0; allowed: 1 to 1000000. Set it to how many in a row are too many.",
            thrown.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [MemberData(nameof(EveryCause))]
    public void Rule_EveryCause_HasOneAndIsSoundByDefault(FailsafeCause cause)
    {
        (AgeRule? age, CountRule? count, ShareRule? share) = new FailsafeOptions().Rule(cause);
        Assert.Single(new object?[] { age, count, share }, rule => rule is not null);
        Assert.NotEqual(FailsafeAction.None, age?.Action ?? count?.Action ?? share!.Action);
    }

    [Theory]
    [InlineData(FailsafeCause.EmergencyStop, FailsafeAction.ControlledStop, "PowerOff")]
    [InlineData(FailsafeCause.StopUnconfirmed, FailsafeAction.Hold, "PowerOff")]
    [InlineData(FailsafeCause.OperatorStop, FailsafeAction.None, "ControlledStop or PowerOff")]
    [InlineData(FailsafeCause.ShutdownRequested, FailsafeAction.FreezeLearning, "ControlledStop or PowerOff")]
    public void Validate_OrderToStopSoftened_IsRefused(FailsafeCause cause, FailsafeAction action, string allowed)
    {
        var options = new FailsafeOptions();
        Assert.Empty(options.Validate("F"));
        options.Rule(cause).Age!.Action = action;
        Assert.Equal(
            $"F:{cause}:Action is {action}; allowed: {allowed}, for it is an order to stop, or the last resort. Remove the "
                + $"key for the default.",
            Assert.Single(options.Validate("F"))
        );
    }

    [Theory]
    [InlineData(FailsafeCause.EmergencyStop)]
    [InlineData(FailsafeCause.OperatorStop)]
    [InlineData(FailsafeCause.ShutdownRequested)]
    public void Validate_OrderToStopPostponed_IsRefused(FailsafeCause cause)
    {
        var options = new FailsafeOptions();
        (AgeRule rule, AgeRule sound) = (options.Rule(cause).Age!, options.Rule(cause).Age! with { });
        (rule.Threshold, rule.Periods, rule.Clears) = (TimeSpan.FromDays(1), 10_000, ClearRule.WhenConditionClears);
        Assert.Equal(
            [
                $"F:{cause}:Threshold is 1.00:00:00; allowed: 00:00:00, for an order to stop is carried out at once. Remove the key.",
                $"F:{cause}:Periods is 10000; allowed: 0, for an order to stop is carried out at once. Remove the key.",
                $"F:{cause}:Clears is WhenConditionClears; allowed: OnRearm or Never, for an order to stop stands until the "
                    + $"robot is armed again. Remove the key for the default.",
            ],
            options.Validate("F")
        );
        (rule.Threshold, rule.Periods, rule.Clears) = (TimeSpan.FromTicks(1), sound.Periods, sound.Clears);
        Assert.Single(options.Validate("F"));
        rule.Threshold = TimeSpan.Zero;
        Assert.Empty(options.Validate("F"));
    }

    [Theory]
    [InlineData(31, 0)]
    [InlineData(3, 101)]
    public void Validate_PowerOffAfterAnUnconfirmedStopPostponed_IsRefused(double seconds, int periods)
    {
        var options = new FailsafeOptions();
        (options.StopUnconfirmed.Threshold, options.StopUnconfirmed.Periods) = (TimeSpan.FromSeconds(seconds), periods);
        Assert.Contains("for power is removed only then", Assert.Single(options.Validate("F")), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_BadRules_SaysWhatIsAllowed()
    {
        var options = new FailsafeOptions
        {
            LinkLost = null!,
            DiskFull = new() { Action = (FailsafeAction)77, Clears = (ClearRule)9 },
        };
        Assert.Equal(
            [
                "F:DiskFull:Action is 77; allowed: None, FreezeLearning, FallbackPolicy, Hold, ControlledStop, PowerOff. Use "
                    + "one of the names.",
                "F:DiskFull:Clears is 9; allowed: WhenConditionClears, OnRearm, Never. Use one of the names.",
                "F:LinkLost is null; allowed: a rule with Threshold, Action and Clears. Remove the key for the default.",
            ],
            options.Validate("F")
        );
        Assert.Equal(
            [
                "F:SensorStale:Threshold is 00:00:00.2500000 with Periods 1; allowed: at least 00:00:00.4000000, two control "
                    + "periods. Raise it, or set Periods to 2 or more.",
            ],
            new FailsafeOptions
            {
                SensorStale = new() { Threshold = TimeSpan.FromSeconds(0.25), Periods = 1 },
            }.Validate("F", TimeSpan.FromMilliseconds(200))
        );
        Assert.Equal(
            [
                "F:ExperienceRefused:Threshold is 0; allowed: above 0, at most 1. Set it to the share that is too much.",
                "F:ExperienceRefused:Window is 0; allowed: 1 to 1000000. Set it to how many are looked at.",
            ],
            new FailsafeOptions { ExperienceRefused = new() }.Validate("F")
        );
        Assert.Equal(
            ["F:LinkLost:Periods is -1; allowed: 0 to 10000. Set 0 where the control period does not matter."],
            new FailsafeOptions { LinkLost = new() { Periods = -1 } }.Validate("F")
        );
    }

    [Theory]
    [InlineData(0.001, 0.25)]
    [InlineData(0.05, 0.25)]
    [InlineData(1.0, 5.0)]
    public void Decide_SlowRobot_CountsInItsPeriods(double periodSeconds, double thresholdSeconds)
    {
        Assert.Empty(new FailsafeOptions().Validate("F", TimeSpan.FromSeconds(periodSeconds)));
        var failsafe = new Failsafe(new(), TimeSpan.FromSeconds(periodSeconds));
        FailsafeConditions conditions = default;
        conditions.SetLastSeen(FailsafeCause.SensorStale, Start);
        TimeSpan threshold = TimeSpan.FromSeconds(thresholdSeconds);
        Assert.Equal(FailsafeAction.None, failsafe.Decide(conditions, default, Start + threshold - Tick).Action);
        Assert.Equal(FailsafeAction.ControlledStop, failsafe.Decide(conditions, default, Start + threshold).Action);
    }

    private static (FailsafeAction Action, FailsafeCause? Cause) Both(FailsafeDecision decision) => (decision.Action, decision.Cause);

    private static void Set(FailsafeOptions options, FailsafeCause cause, FailsafeAction action, ClearRule clears)
    {
        switch (options.Rule(cause))
        {
            case ({ } age, _, _):
                (age.Action, age.Clears) = (action, clears);
                break;
            case (_, { } count, _):
                (count.Action, count.Clears) = (action, clears);
                break;
            case (_, _, { } share):
                (share.Action, share.Clears) = (action, clears);
                break;
        }
    }

    private static FailsafeConditions At(FailsafeOptions options, FailsafeCause cause, int side, out TimeSpan now)
    {
        FailsafeConditions conditions = default;
        now = Start;
        Add(ref conditions, options, cause, side, now);
        return conditions;
    }

    /// <summary>Puts a condition just below (-1), at (0) or just above (+1) its threshold.</summary>
    private static void Add(ref FailsafeConditions conditions, FailsafeOptions options, FailsafeCause cause, int side, TimeSpan now)
    {
        (AgeRule? age, CountRule? count, ShareRule? share) = options.Rule(cause);
        if (age is not null)
        {
            conditions.SetLastSeen(cause, now - age.Threshold - (side * Tick));
        }
        else if (share is not null)
        {
            conditions.SetShare(cause, share.Threshold + (side * 0.001));
        }
        else
        {
            conditions.SetCount(cause, count!.Threshold + side);
        }
    }
}
