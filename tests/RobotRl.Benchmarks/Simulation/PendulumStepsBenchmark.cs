using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Benchmarks.Simulation;

/// <summary>Steps a second of the batch pendulum on one core: dynamics, reward, ends and new starts, all timed.</summary>
internal sealed class PendulumStepsBenchmark : IBenchmark
{
    private const double Floor = 60e6;

    /// <inheritdoc/>
    public string Name => "pendulum-steps";

    /// <inheritdoc/>
    public string Summary => "pendulum steps/s, batch form, one core, with reward, truncation and resets";

    /// <inheritdoc/>
    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        foreach (int count in new[] { 64, 256, 1024, 16384 })
        {
            log.WriteLine(
                $"{count, 6} instances: "
                    + $"{StepRate.OfBatch(new PendulumBatch(count, 1), PendulumRobot.MaxTorqueNm) / 1e6, 7:F1} million steps/s"
            );
        }

        double best = StepRate.OfBatch(new PendulumBatch(256, 1), PendulumRobot.MaxTorqueNm);
        return new(Name, best, "steps/s", null, null, null, "at least 60 million", best >= Floor);
    }
}
