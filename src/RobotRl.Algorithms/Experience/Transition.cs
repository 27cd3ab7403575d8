namespace RobotRl.Algorithms.Experience;

/// <summary>
/// One step of experience, viewed in somebody else's buffer; copy what must outlive the call.
/// Critics learn from <see cref="Executed"/>; score-function methods use <see cref="Proposed"/> and take the safety gate for
/// part of the environment.
/// </summary>
public readonly ref struct Transition
{
    /// <summary>Raw (not normalised) observation, [obs].</summary>
    public ReadOnlySpan<float> Observation { get; init; }

    /// <summary>Action the policy proposed, [action], in [-1, 1] or a discrete index.</summary>
    public ReadOnlySpan<float> Proposed { get; init; }

    /// <summary>The proposed action before squashing or clipping, [action] (the index again where discrete).</summary>
    public ReadOnlySpan<float> PreSquash { get; init; }

    /// <summary>Action that the safety gate let through, in the policy's units, [action].</summary>
    public ReadOnlySpan<float> Executed { get; init; }

    /// <summary>Raw observation after the action, [obs].</summary>
    public ReadOnlySpan<float> NextObservation { get; init; }

    /// <summary>Log-density (or log-probability) of <see cref="Proposed"/> under the policy that acted.</summary>
    public float LogProbability { get; init; }

    /// <summary>Reward for this step.</summary>
    public float Reward { get; init; }

    /// <summary>Whether and how the episode ended here.</summary>
    public EpisodeEnd End { get; init; }

    /// <summary>False where <see cref="NextObservation"/> is not fresh: it is kept for the record and never learned from.</summary>
    public bool Learnable { get; init; }

    /// <summary>True where <see cref="Executed"/> differs from <see cref="Proposed"/>.</summary>
    public bool Gated { get; init; }

    /// <summary>Version of the policy that acted.</summary>
    public long PolicyVersion { get; init; }

    /// <summary>Position in the run, from 0, without gaps in what a learner is shown except where frames were dropped.</summary>
    public long Sequence { get; init; }
}
