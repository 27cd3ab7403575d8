using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim;

namespace RobotRl.Runtime.Tests.Tasks;

public sealed class ControlTasksTests
{
    public static TheoryData<string> Robots => [.. SimulatedRobots.Names];

    [Fact]
    public void Create_UnknownName_ListsTheNames()
    {
        string message = Assert.Throws<ArgumentException>(() => ControlTasks.Create("swing")).Message;
        Assert.All(ControlTasks.Names, n => Assert.Contains(n, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Create_RobotWithOtherInterfaces_NamesWhatIsMissing()
    {
        using ILockstepRobot robot = SimulatedRobots.Create("cart-pole");
        string message = Assert
            .Throws<BadInputException>(() => ControlTasks.Create(PendulumTask.TaskName, robot.Description, new TaskOptions()))
            .Message;
        Assert.StartsWith(
            "Task pendulum-swing-up does not fit robot cart-pole: command pole/effort is missing, command cart/effort would not be used.",
            message,
            StringComparison.Ordinal
        );
        message = Assert
            .Throws<BadInputException>(() => ControlTasks.Create(MountainCarTask.TaskName, robot.Description, new TaskOptions()))
            .Message;
        Assert.Contains(
            "state car/position is missing, state car/velocity is missing, command car/effort is missing",
            message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Create_StatesInAnotherOrder_SaysSo()
    {
        using ILockstepRobot robot = SimulatedRobots.Create("pendulum");
        RobotDescription turned = robot.Description with { States = [.. robot.Description.States.Reverse()] };
        string message = Assert
            .Throws<BadInputException>(() => ControlTasks.Create(PendulumTask.TaskName, turned, new TaskOptions()))
            .Message;
        Assert.Contains("its states must begin with pole/position, pole/velocity", message, StringComparison.Ordinal);
    }

    [Fact]
    public void DefaultFor_UnknownRobot_IsNull() => Assert.Null(ControlTasks.DefaultFor("arm"));

    [Theory]
    [MemberData(nameof(Robots))]
    public void DefaultTask_EverySimulatedRobot_FitsItForAWholeEpisode(string robotName)
    {
        using ILockstepRobot robot = SimulatedRobots.Create(robotName);
        IControlTask task = ControlTasks.Create(ControlTasks.DefaultFor(robotName)!);
        Assert.Contains(task.Name, ControlTasks.Names);
        double[] state = new double[robot.Description.States.Length],
            next = new double[state.Length],
            command = new double[1];
        float[] observation = new float[task.ObservationNames.Length],
            action = new float[task.Actions.ActionSize],
            back = new float[action.Length];
        var random = new CounterRandom(11, RandomPurpose.Reset);
        robot.Open();
        robot.PowerOn();
        task.DrawStart(random, state);
        robot.Teleport(state);
        for (int i = 0; i < task.MaxEpisodeSteps; i++)
        {
            robot.Read(state);
            task.Observe(state, command, observation);
            Assert.All(observation, v => Assert.True(float.IsFinite(v)));
            action[0] = task.Actions is DiscreteActionSpace choices ? random.NextInt32(choices.Count) : (2 * random.NextSingle()) - 1;
            task.ToCommand(action, [0], command);
            task.ToAction(command, [0], back);
            Assert.Equal(action, back);
            Assert.Equal(IoStatus.Ok, robot.Write(command).Status);
            robot.Advance();
            robot.CopyPhysicalState(next);
            Assert.True(double.IsFinite(task.Reward(state, command, next)));
        }
    }

    [Theory]
    [MemberData(nameof(Robots))]
    public void Starts_DrawnAndSpread_HaveTheSameBoxAndTeleport(string robotName)
    {
        using ILockstepRobot robot = SimulatedRobots.Create(robotName);
        robot.Open();
        IControlTask task = ControlTasks.Create(ControlTasks.DefaultFor(robotName)!);
        int size = robot.PhysicalStateSize;
        var random = new CounterRandom(13, RandomPurpose.Reset);
        double[] start = new double[size],
            drawnSum = new double[size],
            spreadSum = new double[size],
            drawnSquares = new double[size],
            spreadSquares = new double[size];
        const int Count = 2000;
        for (int i = 0; i < Count; i++)
        {
            task.DrawStart(random, start);
            robot.Teleport(start);
            Assert.False(task.IsTerminated(start));
            Add(start, drawnSum, drawnSquares);
            task.SpreadStart(i, Count, start);
            robot.Teleport(start);
            Assert.False(task.IsTerminated(start));
            Add(start, spreadSum, spreadSquares);
        }

        for (int k = 0; k < size; k++)
        {
            double drawnMean = drawnSum[k] / Count,
                spreadMean = spreadSum[k] / Count;
            double drawnDeviation = Math.Sqrt(Math.Max(0, (drawnSquares[k] / Count) - (drawnMean * drawnMean)));
            double spreadDeviation = Math.Sqrt(Math.Max(0, (spreadSquares[k] / Count) - (spreadMean * spreadMean)));
            Assert.Equal(drawnMean, spreadMean, (0.1 * drawnDeviation) + 1e-9);
            Assert.Equal(drawnDeviation, spreadDeviation, (0.1 * drawnDeviation) + 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Robots))]
    public void ToCommand_NaN_NeverBecomesACommand(string robotName)
    {
        IControlTask task = ControlTasks.Create(ControlTasks.DefaultFor(robotName)!);
        double[] command = [0];
        task.ToCommand([float.NaN], [0], command);
        Assert.True(double.IsNaN(command[0]));
    }

    [Theory]
    [MemberData(nameof(Robots))]
    public void EveryMethod_CalledATick_AllocatesNothing(string robotName)
    {
        IControlTask task = ControlTasks.Create(ControlTasks.DefaultFor(robotName)!);
        double[] state = new double[4],
            command = new double[1];
        float[] observation = new float[8],
            action = [1];
        var random = new CounterRandom(3, RandomPurpose.Reset);
        long allocated = 0;
        for (int pass = 0; pass < 3; pass++)
        {
            allocated = GC.GetAllocatedBytesForCurrentThread();
            task.DrawStart(random, state);
            task.SpreadStart(3, 10, state);
            task.Observe(state, command, observation);
            task.ToCommand(action, [0], command);
            task.ToAction(command, [0], action);
            _ = task.Reward(state, command, state);
            _ = task.IsTerminated(state);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        }

        Assert.Equal(0, allocated);
    }

    private static void Add(double[] values, double[] sum, double[] squares)
    {
        for (int k = 0; k < values.Length; k++)
        {
            sum[k] += values[k];
            squares[k] += values[k] * values[k];
        }
    }
}
