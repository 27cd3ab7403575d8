using System.Globalization;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Learning;

namespace RobotRl.Benchmarks.ActorCritic;

/// <summary>
/// One learner on CartPole-v1: the newest policy after a fixed number of steps (no choice of a best one), frozen to its most probable
/// action, over 1,000 starts spread evenly over the reset box; five seeds, the product's options for the task.
/// </summary>
internal sealed class LadderCartPoleBenchmark : IBenchmark
{
    private const int Seeds = 5, Starts = 1000, Floor = 475;
    private const long DefaultSteps = 100_000;

    public string Name => "ladder-cart-pole";

    public string Summary => "CartPole-v1 return of a learner with the product's settings, 5 seeds x 1,000 starts [algorithm] [steps] [settings]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        string algorithm = arguments.Count > 0 ? arguments[0] : "ppo";
        long steps = arguments.Count > 1 ? long.Parse(arguments[1], CultureInfo.InvariantCulture) : DefaultSteps;
        LearnerOptions options = OptionsLoader.Load(null, ["Robot:Name=cart-pole", $"Learner:Algorithm={algorithm}", .. arguments.Skip(2)], null).Learner;
        log.WriteLine($"| {algorithm} | {steps} steps | worst start | refused | rollbacks |");
        log.WriteLine("|---|---|---|---|---|");
        double sum = 0;
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            using var training = new CartPoleTraining(options, seed);
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
