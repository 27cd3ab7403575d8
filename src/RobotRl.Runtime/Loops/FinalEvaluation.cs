using System.Globalization;
using RobotRl.Algorithms.Policies;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Evaluation;

namespace RobotRl.Runtime.Loops;

/// <summary>The evaluation at the end of a training run: the frozen policy over evenly spread starts, in a simulator of its own.</summary>
internal static class FinalEvaluation
{
    /// <summary>
    /// Runs the policy over the starts that <c>Run:EvaluationEpisodes</c> asks for; null where the robot is not simulated, or
    /// none is asked for.
    /// </summary>
    /// <param name="plan">The run.</param>
    /// <param name="period">Control period that the policy was trained at.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="progress">Takes the figures meanwhile.</param>
    /// <param name="report">Takes the result in words, or why there is none.</param>
    /// <param name="begins">Called when it begins.</param>
    public static EvaluationResult? Run(
        SessionPlan plan,
        TimeSpan period,
        PolicyBlock policy,
        IProgress<RunProgress> progress,
        List<string> report,
        Action begins
    )
    {
        int episodes = plan.Options.Run.EvaluationEpisodes;
        if (episodes == 0)
        {
            return null;
        }

        using IRobot robot = plan.CreateRobot();
        if (robot is not ILockstepRobot { Description.IsSimulated: true } simulator)
        {
            return null;
        }

        if (period != robot.Description.ControlPeriod)
        {
            report.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Not evaluated: robot {robot.Description.Name} is simulated in steps of "
                        + $"{robot.Description.ControlPeriod.TotalSeconds} s, and the policy was trained at {period.TotalSeconds} s "
                        + $"(Loop:RateHz)."
                )
            );
            return null;
        }

        begins();
        EvaluationResult result = PolicyEvaluator.Evaluate(
            simulator,
            plan.Task,
            plan.Options.Safety,
            policy,
            episodes,
            plan.Options.Loop.PolicyDivisor,
            done =>
                progress.Report(
                    new RunProgress
                    {
                        Phase = RunPhase.Evaluating,
                        Step = done,
                        TotalSteps = episodes,
                    }
                )
        );
        report.Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Frozen policy over {episodes} evenly spread starts: mean return {result.Mean:F1}, standard deviation "
                    + $"{result.StandardDeviation:F1}, worst {result.Minimum:F1}, best "
                    + $"{result.Maximum:F1}{(result.SuccessRate is { } rate ? $"; goal reached at the end of {rate:0.0%}" : "")}."
            )
        );
        return result;
    }
}
