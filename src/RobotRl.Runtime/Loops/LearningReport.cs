using System.Globalization;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>Says what was not learned from, and whether anything was learned at all.</summary>
internal static class LearningReport
{
    // As many refusals in a row put a learner back (Admission:RefusalsToRevert): fewer offers say nothing yet.
    private const int OffersToJudge = 5;

    // A run of a second or two that was stopped says nothing either.
    private const int StepsToJudge = 20;

    /// <summary>Lines for the closing report; none where all was well.</summary>
    public static IEnumerable<string> Lines(LearnerStatus learner)
    {
        if (Experience(learner) is { } experience)
        {
            yield return $"Not learned from: {experience}.";
        }

        if (learner.RefusedUpdates > 0)
        {
            yield return FormattableString.Invariant(
                $"Updates refused: {learner.RefusedUpdates} of {learner.TriedUpdates}, for a number in them was not finite."
            );
        }
    }

    /// <summary>
    /// Why nothing at all was learned, in one sentence; null where something was, or where nothing was to be learned yet.
    /// </summary>
    public static string? NothingLearned(LearnerStatus learner) =>
        learner switch
        {
            { Steps: >= StepsToJudge } when learner.RefusedSteps == learner.Steps => string.Create(
                CultureInfo.InvariantCulture,
                $"Nothing was learned: none of {learner.Steps} transitions could be learned from. Check the task's "
                    + $"observation and reward for numbers that are not finite, and that the robot's readings are fresh (robotrl "
                    + $"doctor)."
            ),
            { TriedUpdates: > 0 } when learner.RefusedUpdates == learner.TriedUpdates => string.Create(
                CultureInfo.InvariantCulture,
                $"Nothing was learned: each of {learner.TriedUpdates} updates was refused, for a number in it was not finite. "
                    + $"Check the size of the task's rewards, and the learning rates."
            ),
            { Admitted: <= 1, Refused: >= OffersToJudge } => string.Create(
                CultureInfo.InvariantCulture,
                $"Nothing was learned that could act: each of {learner.Refused} policies was refused by the admission gate, "
                    + $"the last one for {learner.LastRefusal ?? "a reason of an earlier part of the run"}. Check the size of the "
                    + $"task's rewards, the learning rates, and section Admission."
            ),
            _ => null,
        };

    /// <summary>What is known of a cause that is present.</summary>
    public static string? Describe(FailsafeCause cause, LearnerStatus? learner) =>
        learner switch
        {
            null => null,
            _ when cause == FailsafeCause.ExperienceRefused => Experience(learner),
            _ => FormattableString.Invariant(
                $"{learner.RefusedUpdates} of {learner.TriedUpdates} updates so far were refused, for a number in them was not finite"
            ),
        };

    private static string? Experience(LearnerStatus learner) =>
        learner.RefusedSteps == 0
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{learner.RefusedSteps} of {learner.Steps} transitions, {learner.RefusedEnds} of {learner.Ends} ends of "
                    + $"episodes (a number that is not finite, a stale reading, or a command that the device did not take)"
            );
}
