using RobotRl.Algorithms;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// A session's figures at one moment. A session hands one to its <see cref="IProgress{T}"/> now and then (ten a second is
/// plenty), never from the control thread. A figure that does not exist is NaN; a rate is over the last few seconds.
/// </summary>
public readonly record struct RunProgress
{
    /// <summary>A snapshot with every figure unknown.</summary>
    public RunProgress() { }

    /// <summary>What the session is doing.</summary>
    public RunPhase Phase { get; init; }

    /// <summary>
    /// Environment steps done, through resumes (in <see cref="RunPhase.Evaluating"/>: episodes done, in
    /// <see cref="RunPhase.Measuring"/>: rows).
    /// </summary>
    public long Step { get; init; }

    /// <summary>Steps asked for; 0 where there is no end.</summary>
    public long TotalSteps { get; init; }

    /// <summary>Episodes ended.</summary>
    public long Episodes { get; init; }

    /// <summary>Return of the last ended episode.</summary>
    public double LastReturn { get; init; } = double.NaN;

    /// <summary>Mean return of the last 20 ended episodes.</summary>
    public double MeanReturn { get; init; } = double.NaN;

    /// <summary>
    /// Share of the last 20 ended episodes at whose end the task's goal was reached, 0 to 1; NaN where the task has none.
    /// </summary>
    public double SuccessRate { get; init; } = double.NaN;

    /// <summary>The champion's mean return over the episodes that made it champion: of the past, not of the policy that acts now.</summary>
    public double ChampionReturn { get; init; } = double.NaN;

    /// <summary>Environment steps per second.</summary>
    public double StepsPerSecond { get; init; } = double.NaN;

    /// <summary>Learner updates per second.</summary>
    public double UpdatesPerSecond { get; init; } = double.NaN;

    /// <summary>Achieved updates per step (UTD).</summary>
    public double UpdatesPerStep { get; init; } = double.NaN;

    /// <summary>Updates per step that the learner asks for.</summary>
    public double WantedUpdatesPerStep { get; init; } = double.NaN;

    /// <summary>Share of steps whose action the safety gate changed, 0 to 1.</summary>
    public double ShieldRate { get; init; } = double.NaN;

    /// <summary>The failsafe's action now, <c>None</c> where all is well.</summary>
    public string FailsafeAction { get; init; } = "None";

    /// <summary>Name of the cause; null where there is none.</summary>
    public string? FailsafeCause { get; init; }

    /// <summary>What was measured of the cause, and its threshold; null where there is none.</summary>
    public string? FailsafeMeasured { get; init; }

    /// <summary>
    /// Whether the robot is armed, held, stopped, and whether its stop is confirmed by read-back; null in lockstep, where it is a
    /// simulator.
    /// </summary>
    public string? Robot { get; init; }

    /// <summary>Ticks that came too late, since the start.</summary>
    public long MissedTicks { get; init; }

    /// <summary>Transitions that the recorder could not take, since the start.</summary>
    public long LostTransitions { get; init; }

    /// <summary>Transitions that nobody may learn from, through resumes.</summary>
    public long RefusedTransitions { get; init; }

    /// <summary>Updates that taught nothing, for a number in them was not finite, through resumes.</summary>
    public long RefusedUpdates { get; init; }

    /// <summary>Joints that do not get where they are commanded because they meet something.</summary>
    public int BlockedJoints { get; init; }

    /// <summary>Transitions that are not learned from because a joint did not do what it was commanded, since the start.</summary>
    public long UnfollowedSteps { get; init; }

    /// <summary>Why experience or checkpoints do not reach the disk now, in one sentence; null if they do.</summary>
    public string? StorageProblem { get; init; }

    /// <summary>Policies refused by the admission gate, since the start.</summary>
    public long RefusedPolicies { get; init; }

    /// <summary>Bytes that may still be allocated before a planned pause; -1 where there is no such budget.</summary>
    public long AllocationBudgetLeft { get; init; } = -1;

    /// <summary>Time since the session started.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The learner's newest figures (a copy: the view reads it later); empty where there are none.</summary>
    public ReadOnlyMemory<LearnerMetric> Metrics { get; init; }

    /// <summary>Time left at the present rate; null where unknown.</summary>
    public TimeSpan? Remaining =>
        TotalSteps > 0 && StepsPerSecond > 0
            ? TimeSpan.FromSeconds(Math.Min((TotalSteps - Step) / StepsPerSecond, TimeSpan.MaxValue.TotalSeconds / 2))
            : null;
}
