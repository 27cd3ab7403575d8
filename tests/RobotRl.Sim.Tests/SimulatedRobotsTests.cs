using RobotRl.Hardware.Contracts;

namespace RobotRl.Sim.Tests;

public sealed class SimulatedRobotsTests
{
    public static TheoryData<string> Names => [.. SimulatedRobots.Names];

    [Fact]
    public void Create_UnknownName_ListsTheNames()
    {
        string message = Assert.Throws<ArgumentException>(() => SimulatedRobots.Create("pendulm")).Message;
        Assert.All(SimulatedRobots.Names, n => Assert.Contains(n, message, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Create_KnownName_IsThatRobotClosed(string name)
    {
        using ILockstepRobot robot = SimulatedRobots.Create(name);
        Assert.Equal((name, DeviceState.Closed), (robot.Description.Name, robot.State));
        Assert.Equal(robot.Description.States.Length, robot.PhysicalStateSize);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Advance_SameCommandsTwice_SameTrajectoryBitForBit(string name)
    {
        List<double> first = Trajectory(name),
            second = Trajectory(name);
        Assert.Equal(first, second);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Advance_FullCommandsEitherWay_StaysWithinDocumentedBounds(string name)
    {
        using ILockstepRobot robot = Powered(name);
        double[] state = new double[robot.PhysicalStateSize];
        CommandInterface limits = robot.Description.Commands[0];
        for (int i = 0; i < 2000; i++)
        {
            robot.Write([i / 100 % 2 == 0 ? limits.Maximum : limits.Minimum]);
            robot.Advance();
            robot.Read(state);
            for (int k = 0; k < state.Length; k++)
            {
                Assert.InRange(state[k], robot.Description.States[k].Minimum, robot.Description.States[k].Maximum);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Teleport_ToEveryDocumentedBound_IsReadBackExactly(string name)
    {
        using ILockstepRobot robot = Powered(name);
        double[] wanted = new double[robot.PhysicalStateSize],
            state = new double[wanted.Length];
        foreach (bool maximum in new[] { false, true })
        {
            for (int k = 0; k < wanted.Length; k++)
            {
                double bound = maximum ? robot.Description.States[k].Maximum : robot.Description.States[k].Minimum;
                wanted[k] = double.IsFinite(bound) ? bound : 1.5;
            }

            robot.Teleport(wanted);
            Assert.Equal(IoStatus.Ok, robot.Read(state).Status);
            Assert.Equal(wanted, state);
            for (int k = 0; k < wanted.Length; k++)
            {
                double bound = maximum ? robot.Description.States[k].Maximum : robot.Description.States[k].Minimum;
                if (double.IsFinite(bound))
                {
                    double[] beyond = [.. wanted];
                    beyond[k] = maximum ? Math.BitIncrement(bound) : Math.BitDecrement(bound);
                    Assert.Throws<ArgumentOutOfRangeException>(() => robot.Teleport(beyond));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CopyPhysicalStateAndInternalState_IntoANewRobot_ContinueBitForBit(string name)
    {
        using ILockstepRobot original = Powered(name),
            copy = Powered(name);
        original.Write([original.Description.Commands[0].Maximum / 2]);
        for (int i = 0; i < 37; i++)
        {
            original.Advance();
        }

        double[] a = new double[original.PhysicalStateSize],
            b = new double[a.Length];
        original.CopyPhysicalState(a);
        copy.Teleport(a);
        copy.InternalState = original.InternalState;
        for (int i = 0; i < 20; i++)
        {
            original.Advance();
            copy.Advance();
            ReadResult first = original.Read(a),
                second = copy.Read(b);
            Assert.Equal(first, second);
            Assert.Equal(a, b);
        }
    }

    private static List<double> Trajectory(string name)
    {
        using ILockstepRobot robot = Powered(name);
        double[] state = new double[robot.PhysicalStateSize];
        var all = new List<double>();
        for (int i = 0; i < 300; i++)
        {
            robot.Write([robot.Description.Commands[0].Maximum * Math.Sin(0.37 * i)]);
            robot.Advance();
            robot.Read(state);
            all.AddRange(state);
        }

        return all;
    }

    private static ILockstepRobot Powered(string name)
    {
        ILockstepRobot robot = SimulatedRobots.Create(name);
        robot.Open();
        robot.PowerOn();
        return robot;
    }
}
