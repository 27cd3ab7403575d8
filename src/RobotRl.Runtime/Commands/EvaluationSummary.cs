using System.Globalization;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Evaluation;

namespace RobotRl.Runtime.Commands;

/// <summary>The document of <c>robotrl eval --json</c>.</summary>
/// <param name="Policy">The policy file.</param>
/// <param name="Robot">The simulated robot.</param>
/// <param name="Task">The task.</param>
/// <param name="Episodes">How many starts.</param>
/// <param name="Mean">Mean return.</param>
/// <param name="StandardDeviation">Of single episodes.</param>
/// <param name="StandardError">Of the mean.</param>
/// <param name="Minimum">Worst return.</param>
/// <param name="Maximum">Best return.</param>
/// <param name="MeanLength">Mean steps of an episode.</param>
/// <param name="ShieldRate">Share of steps whose action the gate changed.</param>
/// <param name="SuccessRate">Share of episodes at whose end the task's goal was reached, 0 to 1; null where the task has none.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record EvaluationSummary(
    string Policy,
    string Robot,
    string Task,
    int Episodes,
    double Mean,
    double StandardDeviation,
    double StandardError,
    double Minimum,
    double Maximum,
    double MeanLength,
    double ShieldRate,
    double? SuccessRate,
    double Seconds
)
{
    public static EvaluationSummary Of(PolicySource source, RobotRlOptions options, EvaluationResult result, TimeSpan elapsed) =>
        new(
            source.Path,
            options.Robot.Name,
            source.File.Manifest.Task,
            result.Returns.Length,
            result.Mean,
            result.StandardDeviation,
            result.StandardDeviation / Math.Sqrt(result.Returns.Length),
            result.Minimum,
            result.Maximum,
            result.MeanLength,
            result.Steps == 0 ? 0 : (double)result.GatedSteps / result.Steps,
            result.SuccessRate,
            elapsed.TotalSeconds
        );

    public string ToText() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Task}: mean return {Mean:F1} +- {StandardError:F1} over {Episodes:N0} starts (worst {Minimum:F1}, best "
                + $"{Maximum:F1}), {MeanLength:F0} steps "
                + $"each,{(SuccessRate is { } success ? $" goal reached at the end of {success:0.0%}," : "")} shield "
                + $"{ShieldRate:0.0%}, {Seconds:F1} s"
        );
}
