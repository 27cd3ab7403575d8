using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Devices.FeetechBus.Guardian;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus.Guardian;

public sealed class ServoStopTests : IDisposable
{
    // What a servo without speed limit moves while a question is on its way.
    private const int Underway = 60;

    private static readonly GuardianSettings Settings = new(
        "/dev/ttyUSB0",
        1_000_000,
        [1, 2],
        [3],
        TimeSpan.FromMilliseconds(100),
        GuardianManner.LowerTorque,
        0.3,
        Speed: 6
    );

    private readonly FaultyFeetechLine _line = new(3);
    private readonly CheckedPositions _checked = new(2);
    private readonly FeetechLink _runtime;

    public ServoStopTests()
    {
        _runtime = new FeetechLink(_line.Near, _line.Time, TimeSpan.FromMilliseconds(8));
        _runtime.TryWrite(3, FeetechTable.OperatingMode, (int)FeetechMode.Velocity);
        _runtime.TrySyncWrite(FeetechTable.TorqueEnable, [1, 2, 3], [1, 1, 1]);
        _runtime.TrySyncWrite(FeetechTable.GoalPosition, [1, 2], [3500, 500]);
        _runtime.TrySyncWrite(FeetechTable.GoalVelocity, [3], [1000]);
        Pass(100);
        _line.Goals.Clear();
        for (int i = 0; i < 2; i++)
        {
            _checked.Set(i, _line.Ticks((byte)(i + 1)), 0, 4095, new MonotonicStamp(_line.Time).Now);
        }
    }

    public void Dispose() => _line.Dispose();

    [Fact]
    public void Run_LowerTorque_EveryServoStaysWhereItIs()
    {
        Assert.All(_line.Bus.Servos, s => Assert.True(Math.Abs(s.VelocityRadPerSecond) > 1));
        AssertAllStopped(Stop(GuardianManner.LowerTorque));
        double[] at = [.. _line.Bus.Servos.Select(s => s.PositionRad)];
        Pass(1000);
        for (int i = 0; i < 3; i++)
        {
            EmulatedServo servo = _line.Bus.Servos[i];
            Assert.Equal(0, servo.VelocityRadPerSecond, 2);
            Assert.InRange(Math.Abs(servo.PositionRad - at[i]), 0, 0.5);
            Assert.Equal(0.3, servo.TorqueLimit, 6);
            Assert.True(servo.IsTorqueOn);
        }

        AssertGoalsAreTrue(atLeast: 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.4)]
    public void Run_ServoWhoseOwnLimitIsLower_IsNeverGivenMore(double lost)
    {
        // As the runtime has set them: a gripper at 0.2, a wheel at 0.1.
        _runtime.TrySyncWrite(FeetechTable.TorqueLimit, [1, 2, 3], [1000, 200, 100]);
        _line.Bus.Faults.LostReplies = lost;
        _line.TorqueLimits.Clear();
        AssertAllStopped(Stop(GuardianManner.LowerTorque, [1000, 200, 100]));
        Assert.Equal([300, 200, 100], _line.Bus.Servos.Select(s => (int)Math.Round(s.TorqueLimit * 1000)));
        Assert.NotEmpty(_line.TorqueLimits);
        Assert.All(_line.TorqueLimits, w => Assert.Equal(
                w.Id switch
                {
                    1 => 300,
                    2 => 200,
                    _ => 100,
                },
                w.Limit
            ));
        AssertGoalsAreTrue(atLeast: 2);
    }

    [Fact]
    public void Run_TorqueOff_NoServoCarriesPower()
    {
        AssertAllStopped(Stop(GuardianManner.TorqueOff));
        Assert.All(_line.Bus.Servos, s => Assert.False(s.IsTorqueOn));
    }

    [Theory]
    [InlineData(GuardianManner.LowerTorque)]
    [InlineData(GuardianManner.TorqueOff)]
    public void Run_ManyRepliesLost_TriesUntilAllHaveConfirmed(GuardianManner manner)
    {
        _line.Bus.Faults.LostReplies = 0.4;
        AssertAllStopped(Stop(manner));
        AssertGoalsAreTrue(atLeast: 0);
    }

    [Theory]
    [InlineData(GuardianManner.LowerTorque)]
    [InlineData(GuardianManner.TorqueOff)]
    public void Run_OneServoDead_StopsTheOthersAndSaysWhich(GuardianManner manner)
    {
        _line.Bus.Faults.SetDead(1, true);
        StopOutcome outcome = Stop(manner);
        Assert.Equal(2, outcome.Confirmed);
        Assert.Equal([1], outcome.Moving);
        Pass(500);
        Assert.Equal(0, _line.Bus.Servo(2).VelocityRadPerSecond, 2);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(200)]
    [InlineData(275)]
    [InlineData(350)]
    [InlineData(600)]
    public void Run_BusStandsStillAtTheStop_NoGoalDiffersFromTheTruePosition(int ms)
    {
        // The runtime's last questions lie unanswered on the line: of a register of two bytes, too.
        _line.FrozenUntil = _line.Time.GetUtcNow() + TimeSpan.FromMilliseconds(ms);
        _runtime.SyncRead(FeetechTable.TorqueLimit.Address, FeetechTable.TorqueLimit.Size, [1, 2, 3]);
        _runtime.SyncRead(FeetechReading.FirstAddress, FeetechReading.Length, [1, 2, 3]);
        StopOutcome outcome = Stop(GuardianManner.LowerTorque);
        Assert.Equal(3, outcome.Confirmed);
        AssertGoalsAreTrue(atLeast: ms < 400 ? 2 : 0);

        // The later it answers the less is known of where a joint can be: then nothing is told.
        Assert.Equal(ms < 400 ? [] : [1, 2], outcome.Moving);
        Assert.All(_line.Bus.Servos, s => Assert.Equal(0.3, s.TorqueLimit, 6));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(15)]
    [InlineData(40)]
    [InlineData(150)]
    [InlineData(350)]
    public void Run_RepliesHeldBack_NoneIsTakenForAnother(int ms)
    {
        _line.Held = TimeSpan.FromMilliseconds(ms);
        StopOutcome outcome = Stop(GuardianManner.LowerTorque);
        bool inTime = ms < 10;
        Assert.Equal((inTime ? 3 : 0, inTime ? 0 : 3), (outcome.Confirmed, outcome.Moving.Count));
        AssertGoalsAreTrue(atLeast: inTime ? 2 : 0);
        Assert.Equal(inTime, _line.Goals.Count > 0);
        Assert.All(_line.Bus.Servos, s => Assert.Equal(0.3, s.TorqueLimit, 6));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(100)]
    public void Run_RepliesDoubled_TheSecondIsTakenForNothing(int ms)
    {
        _line.Doubled = TimeSpan.FromMilliseconds(ms);
        AssertAllStopped(Stop(GuardianManner.LowerTorque));
        AssertGoalsAreTrue(atLeast: 2);
    }

    [Fact]
    public void Run_NoCheckedPosition_LowersTorqueAndSendsNoGoal()
    {
        _checked.Clear();
        AssertNotHeld([1, 2]);
    }

    [Fact]
    public void Run_PositionThatTheJointCannotHaveGotTo_LowersTorqueAndSendsItNoGoal()
    {
        _checked.Set(0, _line.Ticks(1) + 1200, 0, 4095, new MonotonicStamp(_line.Time).Now);
        AssertNotHeld([1]);
    }

    [Fact]
    public void Run_PositionBeyondTheServosOwnLimits_LowersTorqueAndSendsItNoGoal()
    {
        // Told to stay it would go to its limit.
        _checked.Set(1, _line.Ticks(2), 2100, 3000, new MonotonicStamp(_line.Time).Now);
        AssertNotHeld([2]);
    }

    [Fact]
    public void Run_ServoWithoutTorque_IsNotSaidToBeHeld()
    {
        _runtime.TryWrite(2, FeetechTable.TorqueEnable, 0);
        AssertNotHeld([2]);
    }

    [Fact]
    public void Describe_NotEveryServoHeld_SaysWhich()
    {
        Assert.Equal(
            "lowered torque to 0.3: 3 of 3 servos confirmed it; held: 2 of 3, within 40 ms. Not held: servo 2, which may "
                + "move on to the last goal, since it is not certain where it is or it did not answer. Switch the supply off.",
            GuardianLoop.Describe(Settings, new(3, [2]), TimeSpan.FromMilliseconds(40))
        );
        Assert.StartsWith(
            "lowered torque to 0.3 or a servo's own lower limit: 3 of 3 servos",
            GuardianLoop.Describe(Settings with { TorqueLimits = [1000, 200, 1000] }, new(3, []), TimeSpan.FromMilliseconds(40)),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "switched torque off: 3 of 3 servos confirmed it, within 4 ms.",
            GuardianLoop.Describe(Settings with { Manner = GuardianManner.TorqueOff }, new(3, []), TimeSpan.FromMilliseconds(4))
        );
    }

    [Fact]
    public void ToArguments_Settings_GoOverAsACommandLine()
    {
        Assert.Equal(
            [
                "guard",
                "--port",
                "/dev/ttyUSB0",
                "--baud",
                "1000000",
                "--ids",
                "1,2",
                "--velocity-ids",
                "3",
                "--timeout-ms",
                "100",
                "--manner",
                "LowerTorque",
                "--torque",
                "0.3",
                "--speed",
                "6",
            ],
            Settings.ToArguments()
        );
        IReadOnlyList<string> limited = (Settings with { TorqueLimits = [1000, 200, 0] }).ToArguments();
        Assert.Equal(["--torque-limits", "1000,200,0"], limited.TakeLast(2));
        Assert.True(GuardianSettings.TryParseLimits("1000,200,0", out IReadOnlyList<int> limits));
        Assert.Equal([1000, 200, 0], limits);
        Assert.False(GuardianSettings.TryParseLimits("1001", out _));
        Assert.False(GuardianSettings.TryParseLimits("1,-1", out _));
        Assert.True(GuardianSettings.TryParseIds("1,2", out IReadOnlyList<byte> ids));
        Assert.Equal([1, 2], ids.Select(i => (int)i));
        Assert.True(GuardianSettings.TryParseIds("", out ids));
        Assert.Empty(ids);
        Assert.False(GuardianSettings.TryParseIds("1,300", out _));
    }

    private static void AssertAllStopped(StopOutcome outcome)
    {
        Assert.Empty(outcome.Moving);
        Assert.Equal(3, outcome.Confirmed);
    }

    private void AssertNotHeld(byte[] ids)
    {
        StopOutcome outcome = Stop(GuardianManner.LowerTorque);
        Assert.Equal(3, outcome.Confirmed);
        Assert.Equal(ids, outcome.Moving);
        Assert.DoesNotContain(_line.Goals, g => ids.Contains(g.Id));
        AssertGoalsAreTrue(atLeast: 2 - ids.Length);
    }

    private void AssertGoalsAreTrue(int atLeast)
    {
        Assert.True(_line.Goals.Count >= atLeast);
        Assert.All(_line.Goals, g =>
            Assert.True(Math.Abs(g.Goal - g.Position) <= Underway, $"servo {g.Id} at tick {g.Position} is told {g.Goal}")
        );
    }

    private StopOutcome Stop(GuardianManner manner, int[]? limits = null) =>
        new ServoStop(
            Settings with
            {
                Manner = manner,
                TorqueLimits = limits ?? [],
            },
            _checked,
            _line.Near,
            _line.Time,
            TimeSpan.FromMilliseconds(10)
        ).Run(TimeSpan.FromSeconds(2));

    private void Pass(int ms)
    {
        DateTimeOffset end = _line.Time.GetUtcNow() + TimeSpan.FromMilliseconds(ms);
        while (_line.Time.GetUtcNow() < end)
        {
            _line.Wait(end - _line.Time.GetUtcNow());
        }
    }
}
