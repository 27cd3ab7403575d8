using RobotRl.Algorithms.Experience;

namespace RobotRl.Runtime.Experience;

/// <summary>A finished episode.</summary>
/// <param name="Episode">Its number, from 0.</param>
/// <param name="LastSequence">Position of its last transition in the run.</param>
/// <param name="Return">Undiscounted sum of its rewards.</param>
/// <param name="Length">Its policy steps.</param>
/// <param name="GatedSteps">Steps whose action the gate changed.</param>
/// <param name="End">How it ended.</param>
/// <param name="FirstPolicy">Version of the policy that took its first action.</param>
/// <param name="LastPolicy">Version of the policy that took its last action.</param>
/// <param name="Whole">Whether every one of its transitions was seen and nothing cut it short; the return of others means little.</param>
public readonly record struct EpisodeResult(
    long Episode,
    long LastSequence,
    double Return,
    int Length,
    int GatedSteps,
    EpisodeEnd End,
    long FirstPolicy,
    long LastPolicy,
    bool Whole
)
{
    /// <summary>
    /// Whether its return is one of the task: whole, and ended by the task or by its time limit, not by a fault or a takeover.
    /// </summary>
    public bool Counts => Whole && End is EpisodeEnd.Terminated or EpisodeEnd.Truncated;

    /// <summary>Whether the newest policy there was took each of its actions: none was uniform, none the champion's in its place.</summary>
    public bool ByNewestPolicies { get; init; }

    /// <summary>Whether the task's goal was reached at its end; null where the task has none.</summary>
    public bool? AtGoal { get; init; }
}
