using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Physics;

namespace RobotRl.Sim.Tests.Physics;

public sealed class SimulatedRobotTests
{
    [Fact]
    public void Lifecycle_EveryTransitionTwice_IsHarmless()
    {
        using var robot = new Trolley(damping: true);
        Assert.Equal(DeviceState.Closed, robot.State);
        foreach (
            (Action action, DeviceState expected) in new (Action, DeviceState)[]
            {
                (robot.Open, DeviceState.Readable),
                (robot.PowerOn, DeviceState.Powered),
                (robot.ClearFault, DeviceState.Powered),
                (robot.PowerOff, DeviceState.Readable),
                (robot.Close, DeviceState.Closed),
                (robot.PowerOff, DeviceState.Closed),
            }
        )
        {
            action();
            action();
            Assert.Equal(expected, robot.State);
        }
    }

    [Fact]
    public void PowerOn_ClosedOrFaulted_ThrowsNamingTheDevice()
    {
        using var robot = new Trolley(damping: true);
        Assert.Equal("trolley", Assert.Throws<RobotException>(robot.PowerOn).Device);
        robot.Open();
        robot.RequestStop(StopLevel.PowerOff, "button");
        Assert.Contains("button", Assert.Throws<RobotException>(robot.PowerOn).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(3.0000001)]
    [InlineData(-3.0000001)]
    public void Write_NotFiniteOrOutOfRange_IsRefusedAndChangesNothing(double value)
    {
        using var robot = Powered();
        robot.Write([1]);
        Assert.Equal(IoStatus.Refused, robot.Write([value]).Status);
        robot.Advance();
        Assert.Equal(1, Velocity(robot));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-3)]
    public void Write_AtTheDocumentedBound_IsAccepted(double value)
    {
        using var robot = Powered();
        Assert.Equal(IoStatus.Ok, robot.Write([value]).Status);
    }

    [Fact]
    public void Write_NotPowered_IsWrongState()
    {
        using var robot = new Trolley(damping: true);
        Assert.Equal(IoStatus.WrongState, robot.Write([1]).Status);
        robot.Open();
        Assert.Equal(IoStatus.WrongState, robot.Write([1]).Status);
    }

    [Fact]
    public void PowerOn_AfterACommand_StartsFromTheSafeValue()
    {
        using var robot = Powered();
        robot.Write([2]);
        robot.PowerOff();
        robot.PowerOn();
        robot.Advance();
        Assert.Equal(0, Velocity(robot));
    }

    [Fact]
    public void Read_Twice_SecondIsNotFreshWithTheSameValues()
    {
        using var robot = Powered();
        robot.Advance();
        double[] first = new double[2],
            second = new double[2];
        ReadResult fresh = robot.Read(first),
            again = robot.Read(second);
        Assert.Equal((IoStatus.Ok, IoStatus.NotFresh), (fresh.Status, again.Status));
        Assert.Equal((robot.Time, TimeSpan.Zero), (fresh.Timestamp, fresh.Age));
        Assert.Equal(first, second);
    }

    [Fact]
    public void Read_Closed_LeavesTheVector()
    {
        using var robot = new Trolley(damping: true);
        double[] state = [7, 8];
        Assert.Equal(IoStatus.WrongState, robot.Read(state).Status);
        Assert.Equal([7, 8], state);
    }

    [Fact]
    public void RequestStop_PowerOff_FaultsAtOnceAndIsConfirmed()
    {
        using var robot = Powered();
        robot.Write([2]);
        robot.RequestStop(StopLevel.PowerOff, "button");
        Assert.Equal((DeviceState.Faulted, "button"), (robot.State, robot.FaultReason));
        Assert.Equal(new StopStatus(StopLevel.PowerOff, true, robot.Time), robot.Stop);
        robot.Advance();
        Assert.Equal(0, Velocity(robot));
        robot.ClearFault();
        Assert.Equal((DeviceState.Readable, StopLevel.None), (robot.State, robot.Stop.Requested));
    }

    [Fact]
    public void RequestStop_ControlledStop_DeceleratesThenRemovesPower()
    {
        using var robot = Powered();
        robot.Teleport([0, 6]);
        robot.RequestStop(StopLevel.ControlledStop, "done");
        robot.Advance();
        Assert.Equal((DeviceState.Powered, false), (robot.State, robot.Stop.Confirmed));
        Assert.Equal(IoStatus.WrongState, robot.Write([1]).Status);
        robot.Advance();
        Assert.Equal((DeviceState.Faulted, true), (robot.State, robot.Stop.Confirmed));
        Assert.Equal(0, Velocity(robot));
    }

    [Fact]
    public void RequestStop_ControlledStopThatCannotRest_EndsAtItsLimit()
    {
        using var robot = Powered();
        robot.Push = 10;
        robot.Teleport([0, 6]);
        robot.RequestStop(StopLevel.ControlledStop, "done");
        int periods = (int)(SimulatedRobot.ControlledStopLimit / robot.Description.ControlPeriod);
        for (int i = 0; i < periods; i++)
        {
            Assert.Equal(DeviceState.Powered, robot.State);
            robot.Advance();
        }

        Assert.Equal(DeviceState.Faulted, robot.State);
    }

    [Fact]
    public void RequestStop_HoldWithDamping_StaysPoweredAndRefusesUntilCleared()
    {
        using var robot = Powered();
        robot.Teleport([0, 2]);
        robot.RequestStop(StopLevel.Hold, "wait");
        Assert.False(robot.Stop.Confirmed);
        Assert.Equal(IoStatus.WrongState, robot.Write([1]).Status);
        robot.Advance();
        Assert.Equal((0, DeviceState.Powered, true), (Velocity(robot), robot.State, robot.Stop.Confirmed));
        robot.ClearFault();
        Assert.Equal((IoStatus.Ok, DeviceState.Powered), (robot.Write([1]).Status, robot.State));
    }

    [Fact]
    public void RequestStop_HoldWithoutDamping_RemovesPower()
    {
        using var robot = new Trolley(damping: false);
        robot.Open();
        robot.PowerOn();
        robot.RequestStop(StopLevel.Hold, "wait");
        Assert.Equal((DeviceState.Faulted, StopLevel.PowerOff, true), (robot.State, robot.Stop.Requested, robot.Stop.Confirmed));
    }

    [Fact]
    public void RequestStop_MilderAfterHarder_ChangesNothing()
    {
        using var robot = Powered();
        robot.RequestStop(StopLevel.PowerOff, "hard");
        robot.RequestStop(StopLevel.Hold, "mild");
        robot.RequestStop(StopLevel.ControlledStop, "middling");
        Assert.Equal((StopLevel.PowerOff, "hard"), (robot.Stop.Requested, robot.FaultReason));
    }

    [Fact]
    public void Close_WhileFaulted_KeepsTheFault()
    {
        using var robot = Powered();
        robot.RequestStop(StopLevel.PowerOff, "button");
        robot.Close();
        robot.Open();
        Assert.Equal((DeviceState.Faulted, "button"), (robot.State, robot.FaultReason));
    }

    [Theory]
    [InlineData(double.NaN, 0)]
    [InlineData(0, double.NegativeInfinity)]
    [InlineData(0, 10.1)]
    public void Teleport_NotFiniteOrOutOfRange_Throws(double position, double velocity)
    {
        using var robot = Powered();
        Assert.Throws<ArgumentOutOfRangeException>(() => robot.Teleport([position, velocity]));
    }

    [Fact]
    public void Advance_PhysicsLeavesFiniteNumbers_FaultsAndShowsNoNaN()
    {
        using var robot = Powered();
        robot.Push = double.NaN;
        robot.Advance();
        double[] state = [7, 8];
        Assert.Equal(DeviceState.Faulted, robot.State);
        Assert.Contains("finite", robot.FaultReason, StringComparison.Ordinal);
        Assert.Equal(IoStatus.DeviceFault, robot.Read(state).Status);
        Assert.Equal([7, 8], state);
        robot.CopyPhysicalState(state);
        Assert.All(state, v => Assert.True(double.IsFinite(v)));
    }

    [Fact]
    public void InternalState_RestoredIntoANewRobot_ContinuesBitForBit()
    {
        using var first = Powered();
        first.Write([1.25]);
        first.Advance();
        double[] physical = new double[2];
        first.CopyPhysicalState(physical);
        long[] inner = first.InternalState.ToArray();

        using var second = Powered();
        second.Teleport(physical);
        second.InternalState = inner;
        first.Advance();
        second.Advance();
        Assert.Equal((first.Time, Velocity(first)), (second.Time, Velocity(second)));
        Assert.Throws<ArgumentException>(() => second.InternalState = new long[1]);
    }

    [Fact]
    public void ReadWriteAdvance_ManySteps_AllocateNothing()
    {
        using var robot = Powered();
        double[] state = new double[2],
            command = [0.01];
        for (int pass = 0; pass < 2; pass++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                robot.Read(state);
                robot.Write(command);
                robot.Advance();
            }

            Assert.True(pass == 0 || GC.GetAllocatedBytesForCurrentThread() == before);
        }
    }

    private static Trolley Powered()
    {
        var robot = new Trolley(damping: true);
        robot.Open();
        robot.PowerOn();
        return robot;
    }

    private static double Velocity(Trolley robot)
    {
        double[] state = new double[2];
        robot.Read(state);
        return state[1];
    }

    /// <summary>A unit mass stepped once a second: velocity += effort + push.</summary>
    private sealed class Trolley(bool damping)
        : SimulatedRobot(
            new RobotDescription(
                "trolley",
                [
                    new("cart/position", InterfaceKind.Position, "m", double.NegativeInfinity, double.PositiveInfinity),
                    new("cart/velocity", InterfaceKind.Velocity, "m/s", -10, 10),
                ],
                [
                    new("cart/effort", InterfaceKind.Effort, "N", -3, 3, 0)
                    {
                        PositionState = "cart/position",
                        VelocityState = "cart/velocity",
                    },
                ],
                TimeSpan.FromSeconds(0.5)
            )
            {
                HasDamping = damping,
            },
            [0, 0]
        )
    {
        public double Push { get; set; }

        protected override void Step(ReadOnlySpan<double> state, ReadOnlySpan<double> command, Span<double> next)
        {
            next[0] = state[0] + state[1];
            next[1] = Math.Clamp(state[1] + command[0] + Push, -10, 10);
        }

        protected override void Damp(ReadOnlySpan<double> state, Span<double> command) => command[0] = -state[1];
    }
}
