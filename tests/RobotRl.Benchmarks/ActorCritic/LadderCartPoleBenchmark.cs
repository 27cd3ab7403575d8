using System.Globalization;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Learning;

namespace RobotRl.Benchmarks.ActorCritic;

/// <summary>
/// One learner on CartPole-v1: the newest policy after a fixed number of steps (no choice of a best one), frozen to its most probable
/// action, over 1,000 starts spread evenly over the reset box; five seeds, default options.
/// </summary>
internal sealed class LadderCartPoleBenchmark : IBenchmark
{
    private const int Seeds = 5, Starts = 1000, Floor = 475;
    private const long DefaultSteps = 100_000;

    public string Name => "ladder-cart-pole";

    public string Summary => "CartPole-v1 return of an on-policy learner with its defaults, 5 seeds x 1,000 starts [algorithm] [steps]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        string algorithm = arguments.Count > 0 ? arguments[0] : "ppo";
        long steps = arguments.Count > 1 ? long.Parse(arguments[1], CultureInfo.InvariantCulture) : DefaultSteps;
        log.WriteLine($"| {algorithm} | {steps} steps | worst start | refused | rollbacks |");
        log.WriteLine("|---|---|---|---|---|");
        double sum = 0;
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            using var training = new CartPoleTraining(new LearnerOptions { Algorithm = algorithm }, seed);
            training.RunTo(steps);
            EvaluationResult result = training.Evaluate(Starts);
            sum += result.Mean;
            log.WriteLine(FormattableString.Invariant($"| seed {seed} | {result.Mean:F1} | {result.Minimum:F0} | {training.Refused} | {training.Rollbacks} |"));
            log.Flush();
        }

        double mean = sum / Seeds;
        return new BenchmarkResult(Name, mean, $"mean return of {algorithm} after {steps} steps", "solved", Floor, mean / Floor, $"{Floor}", mean >= Floor);
    }
}
