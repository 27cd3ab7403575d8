using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;

namespace RobotRl.Hardware.Tests.Safety;

public sealed class SafetyGateTests
{
    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Apply_NonFiniteProposal_RejectsWholeVectorAndHolds(double bad)
    {
        RobotDescription two = GateRobots.OneJoint(InterfaceKind.Effort);
        two = two with { Commands = [two.Commands[0] with { Name = "wrist/command" }, two.Commands[0]] };
        var gate = new SafetyGate(two, new SafetyOptions(), GateRobots.Period);
        double[] executed = [7, 7];
        GateVerdict verdict = gate.Apply([3, bad], [0, 0], TimeSpan.Zero, executed);
        Assert.Equal(new GateVerdict(GateOutcome.Rejected, GateReasons.NonFiniteAction, 0), verdict);
        Assert.Equal([0, 0], executed);
    }

    [Theory]
    [InlineData(InterfaceKind.Position, 1.5002, false)]
    [InlineData(InterfaceKind.Position, -1.5002, false)]
    [InlineData(InterfaceKind.Position, 1.52, true)]
    [InlineData(InterfaceKind.Position, double.NaN, true)]
    [InlineData(InterfaceKind.Velocity, 1.5002, true)]
    public void IsViolated_PositionCommandsHaveAMargin_OthersNone(InterfaceKind kind, double position, bool violated)
    {
        SafetyGate gate = GateRobots.Gate(
            kind,
            new JointLimits
            {
                MinPosition = -1.5,
                MaxPosition = 1.5,
                MaxAcceleration = 10,
                MaxVelocity = 4,
            }
        );
        Assert.Equal(violated, gate.IsViolated([position, 0]));
    }

    [Fact]
    public void Apply_NonFiniteState_RejectsAndKeepsPosition()
    {
        SafetyGate gate = GateRobots.Gate(InterfaceKind.Position, null);
        double[] executed = [0];
        gate.Apply([1.5], [1, 0], TimeSpan.Zero, executed);
        GateVerdict verdict = gate.Apply([2], [double.NaN, 0], TimeSpan.Zero, executed);
        Assert.Equal(new GateVerdict(GateOutcome.Rejected, GateReasons.NonFiniteState, 0), verdict);
        Assert.Equal(1.5, executed[0]);
    }

    [Fact]
    public void Apply_StaleReading_RejectsAboveTheLimitOnly()
    {
        SafetyGate gate = GateRobots.Gate(InterfaceKind.Effort, null, maxSensorAge: TimeSpan.FromMilliseconds(30), safe: 0.25);
        double[] executed = [0];
        Assert.Equal(GateOutcome.Accepted, gate.Apply([4], [0, 0], TimeSpan.FromMilliseconds(30), executed).Outcome);
        Assert.Equal(4, executed[0]);
        Assert.Equal(
            new(GateOutcome.Rejected, GateReasons.SensorStale, 0),
            gate.Apply([4], [0, 0], TimeSpan.FromMilliseconds(30.1), executed)
        );
        Assert.Equal(0.25, executed[0]);
    }

    [Fact]
    public void Apply_BeyondHardwareRange_ClampsAndSaysWhichCommand()
    {
        SafetyGate gate = GateRobots.Gate(InterfaceKind.Effort, null, range: 2);
        double[] executed = [0];
        Assert.Equal(new(GateOutcome.Limited, GateReasons.Interface, 0), gate.Apply([2.5], [0, 0], TimeSpan.Zero, executed));
        Assert.Equal(2, executed[0]);
        Assert.Equal(new(GateOutcome.Accepted, GateReasons.None, -1), gate.Apply([-2], [0, 0], TimeSpan.Zero, executed));
    }

    [Theory]
    [InlineData(GateReasons.Position, 0.5, 5.0)]
    [InlineData(GateReasons.Velocity, 0.02, 5.0)]
    [InlineData(GateReasons.Acceleration, 0.001, 0.3)]
    [InlineData(GateReasons.Jerk, 0.0002, 5.0)]
    [InlineData(GateReasons.CommandRate, 0.03, 5.0)]
    public void Apply_OnePositionLimit_HoldsToIt(GateReasons reason, double expected, double proposed)
    {
        JointLimits limits = reason switch
        {
            GateReasons.Position => new() { MaxPosition = 0.5 },
            GateReasons.Velocity => new() { MaxVelocity = 2 },
            GateReasons.Acceleration => new() { MaxAcceleration = 10 },
            GateReasons.Jerk => new() { MaxJerk = 200 },
            _ => new() { MaxCommandRate = 3 },
        };
        SafetyGate gate = GateRobots.Gate(InterfaceKind.Position, limits);
        double[] executed = [0];
        GateVerdict verdict = gate.Apply([proposed], [0, 0], TimeSpan.Zero, executed);
        Assert.Equal(new(GateOutcome.Limited, reason, 0), verdict);
        Assert.Equal(expected, executed[0], 1e-12);
    }

    [Fact]
    public void Apply_PositionOutsideItsLimits_DoesNotJumpAndOnlyComesBack()
    {
        SafetyGate gate = GateRobots.Gate(
            InterfaceKind.Position,
            new()
            {
                MinPosition = -1,
                MaxPosition = 1,
                MaxVelocity = 5,
            }
        );
        double[] executed = [0];
        gate.Resynchronise([1.2, 0]);
        Assert.Equal(GateReasons.Position | GateReasons.Velocity, gate.Apply([9], [1.2, 0], TimeSpan.Zero, executed).Reasons);
        Assert.Equal(1.2, executed[0]);
        gate.Apply([-9], [1.2, 0], TimeSpan.Zero, executed);
        Assert.Equal(1.15, executed[0], 1e-12);
    }

    [Fact]
    public void Hold_WhileMoving_PassesRateAndJerkLimitsBy()
    {
        SafetyGate gate = GateRobots.Gate(InterfaceKind.Velocity, new() { MaxAcceleration = 1, MaxJerk = 100 });
        double[] executed = [0];
        for (int i = 0; i < 50; i++)
        {
            gate.Apply([5], [0, 0], TimeSpan.Zero, executed);
        }

        Assert.True(executed[0] > 0.4);
        GateVerdict verdict = gate.Hold([0, 0], executed);
        Assert.Equal((GateOutcome.Rejected, GateReasons.Hold, 0.0), (verdict.Outcome, verdict.Reasons, executed[0]));
        gate.Apply([5], [0, 0], TimeSpan.Zero, executed);
        Assert.Equal(0.01, executed[0], 1e-12);
    }

    [Fact]
    public void Apply_EffortNearPositionLimit_BrakesWithFullEffort()
    {
        SafetyGate gate = GateRobots.Gate(
            InterfaceKind.Effort,
            new()
            {
                MaxPosition = 1,
                MaxAcceleration = 10,
                BrakingDeceleration = 5,
                MaxEffort = 3,
            }
        );
        double[] executed = [0];
        Assert.Equal(new(GateOutcome.Limited, GateReasons.BrakingEnvelope, 0), gate.Apply([1], [0.9, 1], TimeSpan.Zero, executed));
        Assert.Equal(-3, executed[0]);
        Assert.Equal(GateOutcome.Accepted, gate.Apply([1], [0.5, 1], TimeSpan.Zero, executed).Outcome);
    }

    [Fact]
    public void Resynchronise_Position_StartsFromMeasuredPose()
    {
        SafetyGate gate = GateRobots.Gate(InterfaceKind.Position, new() { MaxVelocity = 1 });
        Assert.True(gate.Resynchronise([0.7, 0]));
        Assert.Equal(0.7, gate.PreviousCommand[0]);
        Assert.False(gate.Resynchronise([double.NaN, 0]));
        Assert.Equal(0.7, gate.PreviousCommand[0]);
        double[] executed = [0];
        gate.Apply([3], [0.7, 0], TimeSpan.Zero, executed);
        Assert.Equal(0.71, executed[0], 1e-12);
    }

    [Fact]
    public void AtRest_SpeedAroundTheLimit_IsJudgedPerJoint()
    {
        SafetyGate general = GateRobots.Gate(InterfaceKind.Effort, null),
            own = GateRobots.Gate(InterfaceKind.Effort, new() { RestVelocity = 0.2 });
        Assert.True(general.AtRest([3, -0.05]));
        Assert.False(general.AtRest([3, -0.051]));
        Assert.True(own.AtRest([3, 0.2]));
        Assert.False(own.AtRest([3, 0.21]));
        Assert.False(general.AtRest([double.NaN, 0]));
        Assert.True(
            new SafetyGate(GateRobots.OneJoint(InterfaceKind.Effort), new SafetyOptions { RestVelocity = null }, GateRobots.Period).AtRest([
                0,
                99,
            ])
        );
    }

    [Fact]
    public void RestoreState_InTheMiddle_ContinuesBitForBit()
    {
        JointLimits limits = new()
        {
            MinPosition = -1,
            MaxPosition = 1,
            MaxVelocity = 2,
            MaxAcceleration = 9,
            MaxJerk = 300,
        };
        SafetyGate original = GateRobots.Gate(InterfaceKind.Position, limits),
            copy = GateRobots.Gate(InterfaceKind.Position, limits);
        double[] executed = [0],
            again = [0],
            state = new double[original.StateSize];
        for (int i = 0; i < 200; i++)
        {
            original.Apply([Math.Sin(i * 0.7) * 3], [executed[0], 0], TimeSpan.Zero, executed);
            if (i > 0)
            {
                copy.RestoreState(state);
                copy.Apply([Math.Sin(i * 0.7) * 3], [again[0], 0], TimeSpan.Zero, again);
                Assert.Equal(executed[0], again[0]);
            }

            original.CopyState(state);
            again[0] = executed[0];
        }
    }

    [Fact]
    public void Apply_EveryPath_AllocatesNothing()
    {
        JointLimits limits = new()
        {
            MinPosition = -1,
            MaxPosition = 1,
            MaxVelocity = 2,
            MaxAcceleration = 9,
            MaxJerk = 300,
        };
        SafetyGate gate = GateRobots.Gate(InterfaceKind.Position, limits, maxSensorAge: TimeSpan.FromSeconds(1));
        double[] executed = [0],
            proposed = [0],
            state = [0, 0];
        long Run()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                proposed[0] = i % 10 == 3 ? double.NaN : Math.Sin(i) * 5;
                gate.Apply(proposed, state, TimeSpan.FromSeconds(i % 7 * 0.3), executed);
                gate.Hold(state, executed);
                gate.AtRest(state);
                gate.Resynchronise(state);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Run();
        Assert.Equal(0, Run());
    }

    [Fact]
    public void Constructor_UnknownJoint_SaysWhichThereAre()
    {
        var options = new SafetyOptions { Joints = { ["knee/command"] = new() } };
        ArgumentException thrown = Assert.Throws<ArgumentException>(() =>
            new SafetyGate(GateRobots.OneJoint(InterfaceKind.Effort), options, GateRobots.Period)
        );
        Assert.Contains(
            "Safety:Joints:knee/command names no command of robot arm; allowed: elbow/command. Correct the name.",
            thrown.Message,
            StringComparison.Ordinal
        );
    }
}
