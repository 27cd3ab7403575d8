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
/// <param name="Whole">Whether every one of its transitions was seen; the return of others means little.</param>
public readonly record struct EpisodeResult(
    long Episode, long LastSequence, double Return, int Length, int GatedSteps, EpisodeEnd End, long FirstPolicy, long LastPolicy, bool Whole);
