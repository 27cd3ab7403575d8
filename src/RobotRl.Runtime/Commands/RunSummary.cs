using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Commands;

/// <summary>The document of <c>robotrl train --json</c> and <c>robotrl deploy --json</c>.</summary>
/// <param name="End">How the session ended.</param>
/// <param name="Message">One sentence: what was reached, or which cause ended it and what to do.</param>
/// <param name="Run">Full path of the run's directory.</param>
/// <param name="Steps">Environment steps done, through resumes.</param>
/// <param name="Episodes">Episodes ended, through resumes.</param>
/// <param name="Updates">Learner updates done, through resumes.</param>
/// <param name="MeanReturn">Mean return of the evaluation at the end; null where there was none.</param>
/// <param name="SuccessRate">Share of the evaluation's episodes at whose end the task's goal was reached; null where there was
/// none, or the task has no goal.</param>
/// <param name="RefusedTransitions">Transitions that nobody may learn from, through resumes.</param>
/// <param name="RefusedUpdates">Updates that taught nothing, for a number in them was not finite, through resumes.</param>
/// <param name="Report">Further lines for the operator.</param>
internal sealed record RunSummary(
    RunEnd End,
    string Message,
    string Run,
    long Steps,
    long Episodes,
    long Updates,
    double MeanReturn,
    double SuccessRate,
    long RefusedTransitions,
    long RefusedUpdates,
    IReadOnlyList<string> Report
)
{
    public static RunSummary Of(RunOutcome outcome, string run) =>
        new(
            outcome.End,
            outcome.Message,
            Path.GetFullPath(run),
            outcome.Steps,
            outcome.Episodes,
            outcome.Updates,
            outcome.MeanReturn,
            outcome.SuccessRate,
            outcome.RefusedTransitions,
            outcome.RefusedUpdates,
            outcome.Report
        );
}
