using System.Globalization;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Learning;

namespace RobotRl.Benchmarks.ActorCritic;

/// <summary>
/// Online actor-critic on CartPole-v1: the newest policy after a fixed number of steps (no choice of a best one), frozen to its
/// most probable action, over 1,000 starts spread evenly over the reset box; five seeds, default options.
/// </summary>
internal sealed class OnlineCartPoleBenchmark : IBenchmark
{
    private const int Seeds = 5,
        Starts = 1000,
        Floor = 475;
    private const long DefaultSteps = 30_000;

    public string Name => "online-cart-pole";

    public string Summary => "CartPole-v1 return of online actor-critic, streaming and one-step form, 5 seeds x 1,000 starts [steps]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        long steps = arguments.Count > 0 ? long.Parse(arguments[0], CultureInfo.InvariantCulture) : DefaultSteps;
        double streaming = Measure("stream-actor-critic", steps, log);
        double oneStep = Measure("online-actor-critic", steps, log);
        log.WriteLine(FormattableString.Invariant($"mean over seeds at {steps} steps: streaming {streaming:F1}, one-step {oneStep:F1}"));
        return new BenchmarkResult(
            Name,
            streaming,
            $"mean return after {steps} steps",
            "one-step form",
            oneStep,
            streaming / oneStep,
            $"{Floor} (streaming form)",
            streaming >= Floor
        );
    }

    private static double Measure(string algorithm, long steps, TextWriter log)
    {
        long[] marks = [steps / 3, 2 * steps / 3, steps];
        log.WriteLine(
            $"| {algorithm} | {string.Join(" | ", marks.Select(m => $"{m} steps"))} | worst start at the end | refused | rollbacks |"
        );
        log.WriteLine("|---|---|---|---|---|---|---|");
        double sum = 0;
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            using var training = new CartPoleTraining(new LearnerOptions { Algorithm = algorithm }, seed);
            EvaluationResult[] results =
            [
                .. marks.Select(mark =>
                {
                    training.RunTo(mark);
                    return training.Evaluate(Starts);
                }),
            ];
            sum += results[^1].Mean;
            log.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| seed {seed} | "
                        + $"{string.Join(" | ", results.Select(r => r.Mean.ToString("F1", CultureInfo.InvariantCulture)))} | "
                        + $"{results[^1].Minimum:F0} | {training.Refused} | {training.Rollbacks} |"
                )
            );
        }

        return sum / Seeds;
    }
}
