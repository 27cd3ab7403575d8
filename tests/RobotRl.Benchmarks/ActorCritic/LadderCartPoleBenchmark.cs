using System.Globalization;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Learning;

namespace RobotRl.Benchmarks.ActorCritic;

/// <summary>
/// The ladder on CartPole-v1: each rung with the product's settings for the task, five seeds; the newest policy (no choice of a
/// best one), frozen to its most probable action, over
/// 1,000 starts spread evenly over the reset box at the end, and over 100 at every tenth of the way: the first of these checks
/// that reaches the floor is told.
/// </summary>
internal sealed class LadderCartPoleBenchmark : IBenchmark
{
    private const int Starts = 1000,
        CheckStarts = 100,
        Checks = 10,
        A3cWorkers = 4;
    private const double Floor = 475;
    private const long OtherSteps = 100_000;

    /// <summary>Rungs, and the steps that each is given.</summary>
    private static readonly (string Name, long Steps)[] s_rungs =
    [
        ("reinforce-none", 500_000),
        ("reinforce-average", 300_000),
        ("reinforce-optimal", 300_000),
        ("reinforce-state-value", 300_000),
        ("batch-actor-critic", 300_000),
        ("online-actor-critic", 100_000),
        ("stream-actor-critic", 30_000),
        ("a2c", 200_000),
        ("a3c", 200_000),
        ("ppo", 100_000),
        ("npg", 100_000),
        ("trpo", 100_000),
        ("off-pac", 100_000),
        ("sac", 30_000),
    ];

    public string Name => "ladder-cart-pole";

    public string Summary =>
        "CartPole-v1 return of each learner with the product's settings, 5 seeds x 1,000 starts [algorithm [steps [seeds]]] [key=value...]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        string[] settings = [.. arguments.Where(a => a.Contains('=', StringComparison.Ordinal))],
            words = [.. arguments.Except(settings)];
        string asked = words.Length > 0 ? words[0] : "all";
        (string Name, long Steps)[] rungs =
        [
            .. s_rungs.Where(r =>
                asked == "all" || r.Name == asked || (asked == "reinforce" && r.Name.StartsWith("reinforce", StringComparison.Ordinal))
            ),
        ];
        rungs = rungs.Length == 0 ? [(asked, OtherSteps)] : rungs;
        int seeds = words.Length > 2 ? int.Parse(words[2], CultureInfo.InvariantCulture) : 5;
        double worst = double.PositiveInfinity;
        log.WriteLine(
            "| learner | steps | mean return by seed at the end (worst start) | mean | first check with 475, by seed | "
                + "refused | rollbacks |"
        );
        log.WriteLine("|---|---|---|---|---|---|---|");
        foreach ((string name, long given) in rungs)
        {
            long steps = words.Length > 1 ? long.Parse(words[1], CultureInfo.InvariantCulture) : given;
            worst = Math.Min(worst, Measure(name, steps, seeds, settings, log));
        }

        return new BenchmarkResult(
            Name,
            worst,
            $"mean return of {(rungs.Length == 1 ? asked : "the lowest rung")}",
            "solved",
            Floor,
            worst / Floor,
            $"{Floor}",
            worst >= Floor
        );
    }

    private static double Measure(string name, long steps, int seeds, string[] settings, TextWriter log)
    {
        LearnerOptions options = Options(name, settings);
        List<double> means = [];
        List<string> ends = [],
            firsts = [];
        (long refused, long rollbacks) = (0, 0);
        for (ulong seed = 0; seed < (ulong)seeds; seed++)
        {
            using var training = new CartPoleTraining(options, seed, options.Algorithm == "a3c" ? A3cWorkers : 1);
            long first = 0;
            EvaluationResult? result = null;
            for (int check = 1; check <= Checks; check++)
            {
                training.RunTo(check * steps / Checks);
                result = training.Evaluate(check == Checks ? Starts : CheckStarts);
                first = first == 0 && result.Mean >= Floor ? training.Steps : first;
            }

            means.Add(result!.Mean);
            ends.Add(FormattableString.Invariant($"{result.Mean:F1} ({result.Minimum:F0})"));
            firsts.Add(first == 0 ? "-" : FormattableString.Invariant($"{first:N0}"));
            (refused, rollbacks) = (refused + training.Refused, rollbacks + training.Rollbacks);
        }

        log.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {steps:N0} | {string.Join(", ", ends)} | {means.Average():F1} | {string.Join("; ", firsts)} | "
                    + $"{refused} | {rollbacks} |"
            )
        );
        log.Flush();
        return means.Average();
    }

    private static LearnerOptions Options(string name, string[] settings)
    {
        const string Reinforce = "reinforce-";
        string[] algorithm = name.StartsWith(Reinforce, StringComparison.Ordinal)
            ?
            [
                "Learner:Algorithm=reinforce",
                $"Learner:Reinforce:Baseline={name[Reinforce.Length..].Replace("-", "", StringComparison.Ordinal)}",
            ]
            : [$"Learner:Algorithm={name}"];
        return OptionsLoader.Load(null, ["Robot:Name=cart-pole", .. algorithm, .. settings], null).Learner;
    }
}
