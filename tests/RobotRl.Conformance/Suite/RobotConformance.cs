using RobotRl.Hardware.Contracts;

namespace RobotRl.Conformance.Suite;

/// <summary>
/// Every rule of <see cref="IRobot"/> as a test. An implementation joins by a subclass that makes a fresh, Closed robot and
/// lets time pass.
/// </summary>
public abstract partial class RobotConformance : IDisposable
{
    private const int Patience = 5000;

    private readonly List<IRobot> _robots = [];

    /// <summary>Makes a robot, Closed.</summary>
    protected abstract IRobot Create();

    /// <summary>Lets one control period pass for <paramref name="robot"/>.</summary>
    protected abstract void Pass(IRobot robot);

    public void Dispose()
    {
        _robots.ForEach(r => r.Dispose());
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Whether nothing real moves. Hardware, which it is unless this says otherwise, must not claim that: it would be powered
    /// without an order.
    /// </summary>
    protected virtual bool IsSimulated => false;

    [Fact]
    public void Description_Always_IsSound()
    {
        RobotDescription description = New().Description;
        Assert.Equal(IsSimulated, description.IsSimulated);
        Assert.NotEmpty(description.Name);
        Assert.NotEmpty(description.States);
        Assert.NotEmpty(description.Commands);
        Assert.True(description.ControlPeriod > TimeSpan.Zero);
        Assert.Distinct(description.States.Select(s => s.Name));
        Assert.Distinct(description.Commands.Select(c => c.Name));
        Assert.All(description.States, s => Assert.True(s.Minimum < s.Maximum && s.Unit.Length > 0, s.Name));
        Assert.All(description.Commands, c =>
        {
            Assert.True(c.Minimum < c.Maximum && c.Unit.Length > 0, c.Name);
            Assert.True(double.IsFinite(c.SafeValue), c.Name);
            Assert.True(c.Kind is InterfaceKind.Position or InterfaceKind.Velocity or InterfaceKind.Effort, c.Name);
            Assert.True(
                c.Kind == InterfaceKind.Position ? c.PositionState is not null : c.SafeValue == 0 && c.Minimum <= 0 && c.Maximum >= 0,
                c.Name
            );
            Assert.All(new[] { c.PositionState, c.VelocityState }.OfType<string>(), s =>
                Assert.Contains(description.States, i => i.Name == s)
            );
        });
    }

    [Fact]
    public void Lifecycle_EveryTransition_MayBeRepeated()
    {
        IRobot robot = New();
        Twice(robot, robot.PowerOff, DeviceState.Closed);
        Twice(robot, robot.ClearFault, DeviceState.Closed);
        Twice(robot, robot.Close, DeviceState.Closed);
        Twice(robot, robot.Open, DeviceState.Readable);
        Twice(robot, robot.ClearFault, DeviceState.Readable);
        Twice(robot, robot.PowerOff, DeviceState.Readable);
        Twice(robot, robot.PowerOn, DeviceState.Powered);
        Twice(robot, robot.Open, DeviceState.Powered);
        Twice(robot, robot.ClearFault, DeviceState.Powered);
        Twice(robot, robot.PowerOff, DeviceState.Readable);
        robot.PowerOn();
        Twice(robot, robot.Close, DeviceState.Closed);
        Twice(robot, robot.Open, DeviceState.Readable);
        Assert.Equal(default, robot.Stop);
    }

    [Fact]
    public void PowerOn_ClosedOrFaulted_ThrowsAndNamesTheDevice()
    {
        IRobot robot = New();
        Assert.Equal(robot.Description.Name, Assert.Throws<RobotException>(robot.PowerOn).Device);
        Assert.Equal(DeviceState.Closed, robot.State);
        Power(robot);
        robot.RequestStop(StopLevel.PowerOff, "test");
        Until(robot, () => robot.State == DeviceState.Faulted);
        Assert.Equal(robot.Description.Name, Assert.Throws<RobotException>(robot.PowerOn).Device);
        Assert.Equal(DeviceState.Faulted, robot.State);
    }

    [Fact]
    public void Read_Closed_IsWrongStateAndLeavesTheVector()
    {
        IRobot robot = New();
        AssertClosed();
        robot.Open();
        robot.Close();
        AssertClosed();

        void AssertClosed()
        {
            double[] state = Vector(robot, 77);
            Assert.Equal(IoStatus.WrongState, robot.Read(state).Status);
            Assert.All(state, x => Assert.Equal(77, x));
        }
    }

    [Fact]
    public void Read_ReadablePoweredFaulted_GivesFiniteReadingsWithinBounds()
    {
        IRobot robot = New();
        robot.Open();
        AssertReading(DeviceState.Readable);
        robot.PowerOn();
        AssertReading(DeviceState.Powered);
        robot.RequestStop(StopLevel.PowerOff, "test");
        Until(robot, () => robot.State == DeviceState.Faulted);
        AssertReading(DeviceState.Faulted);

        void AssertReading(DeviceState expected)
        {
            Assert.Equal(expected, robot.State);
            (ReadResult result, double[] state) = Fresh(robot);
            Assert.True(result.Age >= TimeSpan.Zero && result.Duration >= TimeSpan.Zero && result.Timestamp >= TimeSpan.Zero);
            for (int i = 0; i < state.Length; i++)
            {
                Assert.True(double.IsFinite(state[i]));
                Assert.InRange(state[i], robot.Description.States[i].Minimum, robot.Description.States[i].Maximum);
            }
        }
    }

    [Fact]
    public void Read_HandedOverBefore_ComesAgainAsNotFresh()
    {
        IRobot robot = New();
        robot.Open();
        double[] again = Vector(robot, 77);
        ReadResult second = default,
            first = default;
        double[] state = [];

        // In real time a newer reading may come in between.
        Until(robot, () =>
        {
            (first, state) = Fresh(robot);
            second = robot.Read(again);
            return second.Status == IoStatus.NotFresh;
        });
        Assert.Equal(state, again);
        Assert.Equal(first.Timestamp, second.Timestamp);
        Assert.True(second.Age >= first.Age);
    }

    [Fact]
    public void Read_TimePasses_NewerReadingsWithLaterStampsCome()
    {
        IRobot robot = New();
        robot.Open();
        TimeSpan stamp = Fresh(robot).Result.Timestamp;
        for (int i = 0; i < 5; i++)
        {
            Pass(robot);
            TimeSpan next = Fresh(robot).Result.Timestamp;
            Assert.True(next > stamp);
            stamp = next;
        }
    }

    [Fact]
    public void Write_NotPowered_IsWrongState()
    {
        IRobot robot = New();
        double[] command = Safe(robot);
        Assert.Equal(IoStatus.WrongState, robot.Write(command).Status);
        robot.Open();
        Assert.Equal(IoStatus.WrongState, robot.Write(command).Status);
        robot.PowerOn();
        Assert.Equal(IoStatus.Ok, robot.Write(command).Status);
        robot.PowerOff();
        Assert.Equal(IoStatus.WrongState, robot.Write(command).Status);
        robot.PowerOn();
        robot.RequestStop(StopLevel.PowerOff, "test");
        Until(robot, () => robot.State == DeviceState.Faulted);
        Assert.Equal(IoStatus.WrongState, robot.Write(command).Status);
        robot.Close();
        Assert.Equal(IoStatus.WrongState, robot.Write(command).Status);
    }

    [Fact]
    public void Write_DocumentedBounds_AreTheEnforcedOnes()
    {
        IRobot robot = New();
        Power(robot);
        for (int i = 0; i < robot.Description.Commands.Length; i++)
        {
            CommandInterface limits = robot.Description.Commands[i];
            AssertWrite(i, limits.Minimum, IoStatus.Ok);
            AssertWrite(i, limits.Maximum, IoStatus.Ok);
            AssertWrite(i, Math.BitDecrement(limits.Minimum), IoStatus.Refused);
            AssertWrite(i, Math.BitIncrement(limits.Maximum), IoStatus.Refused);
        }

        void AssertWrite(int index, double value, IoStatus expected)
        {
            double[] command = Safe(robot);
            command[index] = value;
            WriteResult result = robot.Write(command);
            Assert.Equal(expected, result.Status);
            Assert.True(result.Duration >= TimeSpan.Zero);
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Write_NonFinite_IsRefused(double bad)
    {
        IRobot robot = New();
        Power(robot);
        for (int i = 0; i < robot.Description.Commands.Length; i++)
        {
            double[] command = Safe(robot);
            command[i] = bad;
            Assert.Equal(IoStatus.Refused, robot.Write(command).Status);
        }

        Assert.Equal(DeviceState.Powered, robot.State);
    }

    [Fact]
    public void ReadWrite_OverAndOver_AllocateNothing()
    {
        IRobot robot = New();
        Power(robot);
        double[] state = Vector(robot, 0),
            good = Safe(robot),
            bad = Safe(robot);
        bad[0] = double.NaN;
        Run();
        Pass(robot);
        Assert.Equal(0, Run());

        long Run()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 500; i++)
            {
                robot.Read(state);
                robot.Write(i % 2 == 0 ? good : bad);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Dispose_Powered_ClosesFirst()
    {
        IRobot robot = New();
        Power(robot);
        robot.Dispose();
        Assert.Equal(DeviceState.Closed, robot.State);
    }

    /// <summary>A robot that is closed when the test ends.</summary>
    protected IRobot New()
    {
        IRobot robot = Create();
        _robots.Add(robot);
        Assert.Equal((DeviceState.Closed, null, default(StopStatus)), (robot.State, robot.FaultReason, robot.Stop));
        return robot;
    }

    /// <summary>Open and powered.</summary>
    protected static void Power(IRobot robot)
    {
        robot.Open();
        robot.PowerOn();
        Assert.Equal(DeviceState.Powered, robot.State);
    }

    /// <summary>The next reading that was not handed over before.</summary>
    protected (ReadResult Result, double[] State) Fresh(IRobot robot)
    {
        double[] state = Vector(robot, double.NaN);
        ReadResult result = default;
        Until(robot, () => (result = robot.Read(state)).Status == IoStatus.Ok);
        return (result, state);
    }

    /// <summary>A command that asks for no motion: the pose of now, zero velocity, zero effort.</summary>
    protected static double[] Safe(IRobot robot)
    {
        double[] command = new double[robot.Description.Commands.Length],
            state = Vector(robot, 0);
        robot.Read(state);
        for (int i = 0; i < command.Length; i++)
        {
            CommandInterface limits = robot.Description.Commands[i];
            command[i] =
                limits.Kind == InterfaceKind.Position
                    ? Math.Clamp(state[robot.Description.StateIndex(limits.PositionState!)], limits.Minimum, limits.Maximum)
                    : limits.SafeValue;
        }

        return command;
    }

    protected static double[] Vector(IRobot robot, double value)
    {
        double[] state = new double[robot.Description.States.Length];
        Array.Fill(state, value);
        return state;
    }

    private void Until(IRobot robot, Func<bool> condition)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.True(i < Patience, $"not within {Patience} control periods");
            Pass(robot);
        }
    }

    private static void Twice(IRobot robot, Action transition, DeviceState expected)
    {
        transition();
        Assert.Equal(expected, robot.State);
        transition();
        Assert.Equal(expected, robot.State);
    }
}
