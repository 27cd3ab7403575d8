namespace RobotRl.Runtime.Loops;

/// <summary>The end of a session.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Message">One sentence: what was reached, or which cause ended it and what to do.</param>
/// <param name="Report">Further lines for the operator: evaluation, counters. May be empty.</param>
public sealed record RunOutcome(RunEnd End, string Message, IReadOnlyList<string> Report)
{
    /// <summary>Environment steps done, through resumes.</summary>
    public long Steps { get; init; }

    /// <summary>Episodes ended, through resumes.</summary>
    public long Episodes { get; init; }

    /// <summary>Learner updates done, through resumes.</summary>
    public long Updates { get; init; }

    /// <summary>Mean return of the evaluation at the end; NaN where there was none.</summary>
    public double MeanReturn { get; init; } = double.NaN;

    /// <summary>
    /// Share of the evaluation's episodes at whose end the task's goal was reached, 0 to 1; NaN where there was none, or the task
    /// has no goal.
    /// </summary>
    public double SuccessRate { get; init; } = double.NaN;

    /// <summary>Transitions that nobody may learn from, through resumes.</summary>
    public long RefusedTransitions { get; init; }

    /// <summary>Updates that taught nothing, for a number in them was not finite, through resumes.</summary>
    public long RefusedUpdates { get; init; }
}
