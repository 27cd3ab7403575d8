using System.Globalization;
using RobotRl.Algorithms.PolicyGradient;

namespace RobotRl.Benchmarks.PolicyGradient;

/// <summary>
/// The table of bias and variance: each estimate of the policy gradient against the exact one, on a process small enough to know
/// it.
/// </summary>
internal sealed class VarianceBenchmark : IBenchmark
{
    private const int DefaultRollouts = 20_000;

    public string Name => "variance";

    public string Summary => "bias and variance of each policy gradient estimate against the exact gradient [rollouts]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        int rollouts = arguments.Count > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : DefaultRollouts;
        var study = new GradientStudy(1);
        GradientStudy.Estimator[] estimators =
        [
            new("full return", Return: ReturnKind.Full),
            new("reward-to-go"),
            new("reward-to-go, placement 1", Placement: DiscountPlacement.FromStep),
            new("reward-to-go - average", Baseline: BaselineKind.Average),
            new("reward-to-go - optimal", Baseline: BaselineKind.Optimal),
            new("reward-to-go - exact V", Baseline: BaselineKind.StateValue, Critic: study.Value),
            new("reward-to-go - wrong V", Baseline: BaselineKind.StateValue, Critic: study.WrongValue),
            .. new[] { 1, 0.95, 0.8, 0.5, 0 }.Select(lambda => new GradientStudy.Estimator(
                $"GAE({lambda.ToString(CultureInfo.InvariantCulture)}), wrong V",
                Critic: study.WrongValue,
                Lambda: lambda
            )),
            new("GAE(0), exact V: the TD error", Critic: study.Value, Lambda: 0),
        ];
        double length = Math.Sqrt(study.Gradient.Sum(g => g * g));
        log.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"|exact gradient| = {length:F4}; {rollouts} rollouts of {GradientStudy.EpisodesPerRollout} episodes; bias "
                    + $"and its sampling noise as parts of |exact gradient|."
            )
        );
        log.WriteLine("| estimate | variance of a rollout's gradient | bias | of sampling alone | largest deviation, standard errors |");
        log.WriteLine("|---|---|---|---|---|");
        (GradientStudy.Moments Own, GradientStudy.Moments Difference)[] moments = study.Measure(estimators, rollouts);
        for (int k = 0; k < estimators.Length; k++)
        {
            GradientStudy.Moments own = moments[k].Own;
            log.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {estimators[k].Name} | {own.TotalVariance:F4} | {own.Bias(study.Gradient) / length:F4} | "
                        + $"{own.Noise / length:F4} | {own.LargestDeviation(study.Gradient):F1} |"
                )
            );
        }

        double ratio = moments[0].Own.TotalVariance / moments[5].Own.TotalVariance;
        return new BenchmarkResult(
            Name,
            ratio,
            "times less variance with reward-to-go and exact V",
            "full return",
            1,
            ratio,
            "above 1, and the order of the table",
            ratio > 1
        );
    }
}
