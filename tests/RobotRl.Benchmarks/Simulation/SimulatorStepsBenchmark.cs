using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim;
using RobotRl.Sim.Physics;
using RobotRl.Sim.Robots.CartPole;
using RobotRl.Sim.Robots.CartPoleSwingUp;
using RobotRl.Sim.Robots.MountainCarContinuous;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Benchmarks.Simulation;

/// <summary>Steps a second of every simulator, one at a time and in a batch, on one core.</summary>
internal sealed class SimulatorStepsBenchmark : IBenchmark
{
    private const int Count = 256;

    /// <inheritdoc/>
    public string Name => "simulator-steps";

    /// <inheritdoc/>
    public string Summary => "steps/s of every simulator on one core: one robot behind the HAL, and 256 in a batch";

    /// <inheritdoc/>
    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        log.WriteLine("| robot | one, million steps/s | batch of 256, million steps/s | ratio |");
        log.WriteLine("|---|---|---|---|");
        double least = double.PositiveInfinity;
        foreach (string name in SimulatedRobots.Names)
        {
            using ILockstepRobot robot = SimulatedRobots.Create(name);
            double one = StepRate.OfRobot(robot, ControlTasks.Create(ControlTasks.DefaultFor(name)!));
            double many = StepRate.OfBatch(Batch(name), robot.Description.Commands[0].Maximum);
            log.WriteLine($"| {name} | {one / 1e6:F1} | {many / 1e6:F1} | {many / one:F1} |");
            least = Math.Min(least, many / one);
        }

        return new(Name, least, "batch over one, least", null, null, null, "the batch form is faster for every robot", least > 1);
    }

    private static SimulationBatch Batch(string name) =>
        name switch
        {
            PendulumRobot.RobotName => new PendulumBatch(Count, 1),
            MountainCarContinuousRobot.RobotName => new MountainCarContinuousBatch(Count, 1),
            CartPoleRobot.RobotName => new CartPoleBatch(Count, 1),
            CartPoleSwingUpRobot.RobotName => new CartPoleSwingUpBatch(Count, 1),
            _ => throw new ArgumentException($"Robot {name} has no batch form.", nameof(name)),
        };
}
