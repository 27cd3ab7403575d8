using RobotRl.Algorithms.Randomness;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim;
using RobotRl.Sim.Physics;
using RobotRl.Sim.Robots.CartPole;
using RobotRl.Sim.Robots.CartPoleSwingUp;
using RobotRl.Sim.Robots.MountainCarContinuous;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Runtime.Tests.Tasks;

/// <summary>The batch forms against the robots and tasks that they stand for.</summary>
public sealed class SimulationBatchTests
{
    private const ulong Seed = 21;
    private const int Count = 16;

    public static TheoryData<string> Robots => [.. SimulatedRobots.Names];

    [Theory]
    [MemberData(nameof(Robots))]
    public void Step_EveryRobot_AgreesWithRobotAndTaskThroughEndsAndNewStarts(string name)
    {
        SimulationBatch batch = Make(name, Count);
        IControlTask task = ControlTasks.Create(ControlTasks.DefaultFor(name)!);
        using ILockstepRobot robot = SimulatedRobots.Create(name);
        robot.Open();
        robot.PowerOn();
        var starts = new CounterRandom[Count];
        double[][] states = new double[Count][];
        int[] ages = new int[Count];
        for (int i = 0; i < Count; i++)
        {
            (starts[i], states[i]) = (new CounterRandom(Seed, (ulong)i), new double[batch.StateSize]);
            task.DrawStart(starts[i], states[i]);
        }

        var random = new CounterRandom(4, RandomPurpose.Acting);
        double limit = robot.Description.Commands[0].Maximum;
        double[] commands = new double[Count],
            next = new double[batch.StateSize];
        int ends = 0,
            terminations = 0;
        for (int step = 0; step < 2100; step++)
        {
            for (int i = 0; i < Count; i++)
            {
                // Along the velocity half of the time: it brings the mountain car to its goal.
                commands[i] = i % 2 == 0 ? random.NextDouble(-limit, limit) : Math.CopySign(limit, states[i][1]);
            }

            batch.Step(commands);
            for (int i = 0; i < Count; i++)
            {
                robot.Teleport(states[i]);
                robot.Write(commands.AsSpan(i, 1));
                robot.Advance();
                robot.CopyPhysicalState(next);
                ages[i]++;
                BatchEnd end =
                    task.IsTerminated(next) ? BatchEnd.Terminated
                    : ages[i] == task.MaxEpisodeSteps ? BatchEnd.Truncated
                    : BatchEnd.None;
                Assert.Equal(end, batch.Ends[i]);
                Assert.Equal(task.Reward(states[i], commands.AsSpan(i, 1), next), batch.Rewards[i], 1e-12);
                for (int k = 0; k < next.Length; k++)
                {
                    Assert.Equal(next[k], end == BatchEnd.None ? batch.State(k)[i] : batch.FinalState(k)[i], 1e-13);
                }

                if (end != BatchEnd.None)
                {
                    ends++;
                    terminations += end == BatchEnd.Terminated ? 1 : 0;
                    ages[i] = 0;
                    task.DrawStart(starts[i], next);
                    for (int k = 0; k < next.Length; k++)
                    {
                        Assert.Equal(next[k], batch.State(k)[i]);
                    }
                }

                for (int k = 0; k < next.Length; k++)
                {
                    states[i][k] = batch.State(k)[i];
                }
            }
        }

        Assert.True(ends >= 2 * Count);
        Assert.Equal(name is CartPoleRobot.RobotName or MountainCarContinuousRobot.RobotName, terminations > 0);
    }

    [Theory]
    [MemberData(nameof(Robots))]
    public void Step_NaNCommand_ThrowsAndChangesNothing(string name)
    {
        SimulationBatch batch = Make(name, Count);
        double before = batch.State(0)[0];
        double[] commands = new double[Count];
        commands[Count - 1] = double.NaN;
        Assert.Throws<ArgumentException>(() => batch.Step(commands));
        Assert.Equal(before, batch.State(0)[0]);
    }

    [Theory]
    [MemberData(nameof(Robots))]
    public void Step_ManySteps_AllocatesNothing(string name)
    {
        SimulationBatch batch = Make(name, Count);
        double[] commands = new double[Count];
        long before = 0;
        for (int i = 0; i < 3000; i++)
        {
            if (i == 1000)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            batch.Step(commands);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Constructor_CountNotWholeVectors_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PendulumBatch(SimulationBatch.Lanes + 1, 1));

    private static SimulationBatch Make(string name, int count) =>
        name switch
        {
            PendulumRobot.RobotName => new PendulumBatch(count, Seed),
            MountainCarContinuousRobot.RobotName => new MountainCarContinuousBatch(count, Seed),
            CartPoleRobot.RobotName => new CartPoleBatch(count, Seed),
            CartPoleSwingUpRobot.RobotName => new CartPoleSwingUpBatch(count, Seed),
            _ => throw new ArgumentException(name),
        };
}
