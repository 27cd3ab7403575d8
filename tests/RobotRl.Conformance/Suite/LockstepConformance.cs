using RobotRl.Hardware.Contracts;

namespace RobotRl.Conformance.Suite;

/// <summary>The rules of <see cref="ILockstepRobot"/> and <see cref="ITeleport"/> on top of <see cref="IRobot"/>'s.</summary>
public abstract class LockstepConformance : RobotConformance
{
    private const int Steps = 200;

    /// <inheritdoc/>
    protected override void Pass(IRobot robot)
    {
        if (robot.State != DeviceState.Closed)
        {
            ((ILockstepRobot)robot).Advance();
        }
    }

    [Fact]
    public void Advance_Open_TakesAReadingAtThePeriodsEnd()
    {
        ILockstepRobot robot = Lockstep();
        robot.Open();
        TimeSpan start = robot.Time;
        double[] state = Vector(robot, 0);
        for (int i = 1; i <= 20; i++)
        {
            robot.Advance();
            ReadResult result = robot.Read(state);
            Assert.Equal(
                (IoStatus.Ok, start + (i * robot.Description.ControlPeriod), TimeSpan.Zero),
                (result.Status, result.Timestamp, result.Age)
            );
            Assert.Equal(result.Timestamp, robot.Time);
        }
    }

    [Fact]
    public void Read_TwoPeriodsLater_TellsTheAge()
    {
        ILockstepRobot robot = Lockstep();
        robot.Open();
        double[] state = Vector(robot, 0);
        Assert.Equal(IoStatus.Ok, robot.Read(state).Status);
        Assert.Equal((IoStatus.NotFresh, TimeSpan.Zero), (robot.Read(state).Status, robot.Read(state).Age));
    }

    [Fact]
    public void Advance_SameStateSameCommands_GivesTheSameTrajectory()
    {
        ILockstepRobot first = Lockstep(),
            second = Lockstep();
        Power(first);
        Power(second);
        double[] start = Physical(Driven(11));
        first.Teleport(start);
        second.Teleport(start);
        var random = new Random(5);
        for (int i = 0; i < Steps; i++)
        {
            double[] command = Command(first, random);
            Assert.Equal(IoStatus.Ok, first.Write(command).Status);
            Assert.Equal(IoStatus.Ok, second.Write(command).Status);
            first.Advance();
            second.Advance();
            AssertSame(first, second);
        }
    }

    [Fact]
    public void Advance_CommandsDiffer_GivesAnotherTrajectory()
    {
        ILockstepRobot first = Lockstep(),
            second = Lockstep();
        Power(first);
        Power(second);
        for (int i = 0; i < 3; i++)
        {
            first.Write([.. first.Description.Commands.Select(c => Math.Max(c.Minimum, -1e3))]);
            second.Write([.. second.Description.Commands.Select(c => Math.Min(c.Maximum, 1e3))]);
            first.Advance();
            second.Advance();
        }

        Assert.NotEqual(Physical(first), Physical(second));
    }

    [Fact]
    public void CopyPhysicalState_IntoAFreshOne_ContinuesBitForBit()
    {
        ILockstepRobot fresh = Lockstep();
        Power(fresh);
        ContinueFrom(Driven(23), fresh);
    }

    [Fact]
    public void CopyPhysicalState_IntoOneWithAPastOfItsOwn_ContinuesBitForBit() => ContinueFrom(Driven(23), Driven(71, steps: 17));

    /// <summary>
    /// The exact state (physical, internal, extra) put into <paramref name="copy"/> gives the same readings for the same
    /// commands. A robot fails where its next
    /// steps depend on something that none of the three holds: a delay line, a filter, a generator.
    /// </summary>
    private static void ContinueFrom(ILockstepRobot original, ILockstepRobot copy)
    {
        long[] inside = original.InternalState.ToArray();
        var extra = new RobotMemory();
        original.SaveExtra(extra);
        copy.Teleport(Physical(original));
        copy.InternalState = inside;
        copy.LoadExtra(extra);
        Assert.Equal(original.Time, copy.Time);
        Assert.Equal(inside, copy.InternalState.ToArray());
        var again = new RobotMemory();
        copy.SaveExtra(again);
        Assert.Equal(extra.Contents, again.Contents);
        var random = new Random(9);
        for (int i = 0; i < Steps; i++)
        {
            // The first step runs under the command from before the copy.
            if (i > 0)
            {
                double[] command = Command(original, random);
                original.Write(command);
                copy.Write(command);
            }

            original.Advance();
            copy.Advance();
            AssertSame(original, copy);
        }
    }

    [Fact]
    public void Teleport_AnyOpenState_TakesAFreshReadingThere()
    {
        double[] there = Physical(Driven(31)),
            expected = Vector(Lockstep(), 0);
        ILockstepRobot source = Driven(31);
        source.Read(expected);
        foreach (DeviceState state in new[] { DeviceState.Readable, DeviceState.Powered, DeviceState.Faulted })
        {
            ILockstepRobot robot = Lockstep();
            robot.Open();
            if (state == DeviceState.Powered)
            {
                robot.PowerOn();
            }
            else if (state == DeviceState.Faulted)
            {
                robot.RequestStop(StopLevel.PowerOff, "test");
            }

            double[] reading = Vector(robot, 0);
            robot.Read(reading);
            Assert.Equal(there.Length, robot.PhysicalStateSize);
            robot.Teleport(there);
            Assert.Equal(state, robot.State);
            Assert.Equal(there, Physical(robot));
            ReadResult result = robot.Read(reading);
            Assert.Equal((IoStatus.Ok, TimeSpan.Zero), (result.Status, result.Age));
            Assert.Equal(expected, reading);
        }
    }

    [Fact]
    public void Write_Refused_TheOldCommandStays()
    {
        ILockstepRobot plain = Lockstep(),
            disturbed = Lockstep();
        Power(plain);
        Power(disturbed);
        var random = new Random(3);
        for (int i = 0; i < Steps; i++)
        {
            double[] command = Command(plain, random),
                bad = [.. command];
            plain.Write(command);
            disturbed.Write(command);
            Array.Fill(bad, 0);
            bad[^1] = i % 2 == 0 ? double.NaN : Math.BitIncrement(plain.Description.Commands[^1].Maximum);
            Assert.Equal(IoStatus.Refused, disturbed.Write(bad).Status);
            plain.Advance();
            disturbed.Advance();
            AssertSame(plain, disturbed);
        }
    }

    [Fact]
    public void PowerOn_AfterACommandFromBefore_MovesNothing()
    {
        ILockstepRobot used = Lockstep(),
            safe = Lockstep();
        Power(used);
        Power(safe);
        double[] start = Physical(Driven(41));
        used.Write(Command(used, new Random(4)));
        used.PowerOff();
        used.Teleport(start);
        safe.PowerOff();
        safe.Teleport(start);
        used.PowerOn();
        safe.PowerOn();
        for (int i = 0; i < 20; i++)
        {
            if (i == 0)
            {
                // What power-on must have left behind.
                Assert.Equal(IoStatus.Ok, safe.Write(Safe(safe)).Status);
            }

            used.Advance();
            safe.Advance();
            AssertSame(used, safe);
        }
    }

    [Fact]
    public void Advance_ExtremeCommands_ReadingsStayWithinDocumentedBounds()
    {
        foreach (bool high in new[] { false, true })
        {
            ILockstepRobot robot = Lockstep();
            Power(robot);
            double[] state = Vector(robot, 0);
            for (int i = 0; i < 5 * Steps; i++)
            {
                robot.Write([.. robot.Description.Commands.Select(c => high ? Math.Min(c.Maximum, 1e3) : Math.Max(c.Minimum, -1e3))]);
                robot.Advance();
                Assert.Equal(IoStatus.Ok, robot.Read(state).Status);
                for (int s = 0; s < state.Length; s++)
                {
                    Assert.InRange(state[s], robot.Description.States[s].Minimum, robot.Description.States[s].Maximum);
                }
            }
        }
    }

    [Fact]
    public void Read_ReturnedVector_SharesNoMemory()
    {
        ILockstepRobot robot = Lockstep();
        robot.Open();
        robot.Advance();
        double[] state = Vector(robot, 0),
            again = Vector(robot, 0);
        robot.Read(state);
        double[] kept = [.. state];
        Array.Fill(state, 12345);
        robot.Read(again);
        Assert.Equal(kept, again);
    }

    [Fact]
    public void Advance_OverAndOver_AllocatesNothing()
    {
        ILockstepRobot robot = Lockstep();
        Power(robot);
        double[] place = Physical(robot);
        Run();
        Assert.Equal(0, Run());

        long Run()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 500; i++)
            {
                robot.Advance();
                robot.CopyPhysicalState(place);
                robot.Teleport(place);
                _ = robot.InternalState.Length;
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private ILockstepRobot Lockstep() => (ILockstepRobot)New();

    /// <summary>Powered and driven by random commands for a while.</summary>
    private ILockstepRobot Driven(int seed, int steps = 10)
    {
        ILockstepRobot robot = Lockstep();
        Power(robot);
        var random = new Random(seed);
        for (int i = 0; i < steps; i++)
        {
            robot.Write(Command(robot, random));
            robot.Advance();
        }

        return robot;
    }

    private static double[] Command(IRobot robot, Random random) =>
        [
            .. robot.Description.Commands.Select(c =>
                Math.Clamp((random.NextDouble() - 0.5) * 2 * Math.Min(c.Maximum, 1e3), c.Minimum, c.Maximum)
            ),
        ];

    private static double[] Physical(ILockstepRobot robot)
    {
        double[] state = new double[robot.PhysicalStateSize];
        robot.CopyPhysicalState(state);
        return state;
    }

    private static void AssertSame(ILockstepRobot first, ILockstepRobot second)
    {
        Assert.Equal(Physical(first), Physical(second));
        double[] a = Vector(first, 0),
            b = Vector(second, 0);
        ReadResult readA = first.Read(a),
            readB = second.Read(b);
        Assert.Equal(readA.Status, readB.Status);
        Assert.Equal(a, b);
    }
}
