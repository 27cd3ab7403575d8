using System.Diagnostics;
using RobotRl.Algorithms.Randomness;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim.Physics;

namespace RobotRl.Benchmarks.Simulation;

/// <summary>Times simulators: median of several rounds, after a warm-up, on the calling thread.</summary>
internal static class StepRate
{
    private const int Rounds = 7;
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(0.3);

    /// <summary>Steps a second over all instances, under random commands.</summary>
    public static double OfBatch(SimulationBatch batch, double limit)
    {
        var random = new CounterRandom(9, RandomPurpose.Acting);
        double[][] commands =
        [
            .. Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, batch.Count).Select(_ => random.NextDouble(-limit, limit)).ToArray()),
        ];
        int step = 0;
        return Median(batch.Count, () => batch.Step(commands[step++ & 7]));
    }

    /// <summary>
    /// Steps a second of the robot itself with its task, as the lockstep loop uses them: read, write, advance, reward, end,
    /// start.
    /// </summary>
    public static double OfRobot(ILockstepRobot robot, IControlTask task)
    {
        robot.Open();
        robot.PowerOn();
        var random = new CounterRandom(9, RandomPurpose.Reset);
        double[] state = new double[robot.PhysicalStateSize],
            next = new double[state.Length];
        double[] commands =
        [
            .. Enumerable
                .Range(0, 8)
                .Select(_ => random.NextDouble(robot.Description.Commands[0].Minimum, robot.Description.Commands[0].Maximum)),
        ];
        int step = 0,
            age = task.MaxEpisodeSteps;
        double total = 0;
        return Median(1, () =>
        {
            if (age >= task.MaxEpisodeSteps || task.IsTerminated(state))
            {
                task.DrawStart(random, state);
                robot.Teleport(state);
                age = 0;
            }

            robot.Read(state);
            ReadOnlySpan<double> command = commands.AsSpan(step++ & 7, 1);
            robot.Write(command);
            robot.Advance();
            robot.CopyPhysicalState(next);
            total += task.Reward(state, command, next);
            age++;
        });
    }

    private static double Median(int stepsACall, Action call)
    {
        double[] rates = new double[Rounds];
        for (int round = -2; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp(),
                calls = 0;
            TimeSpan elapsed;
            do
            {
                for (int i = 0; i < 256; i++)
                {
                    call();
                }

                calls += 256;
                elapsed = Stopwatch.GetElapsedTime(start);
            } while (elapsed < s_round);

            if (round >= 0)
            {
                rates[round] = calls * stepsACall / elapsed.TotalSeconds;
            }
        }

        Array.Sort(rates);
        return rates[Rounds / 2];
    }
}
