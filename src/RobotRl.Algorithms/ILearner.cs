using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Algorithms;

/// <summary>
/// Turns experience into policies. It knows no thread, loop or robot: one caller at a time gives it transitions in their
/// order, asks for updates, and takes policies.
/// </summary>
public interface ILearner : IDisposable
{
    /// <summary>What its policies look like; fixed for life.</summary>
    PolicySpec Policy { get; }

    /// <summary>When its policies may be swapped in.</summary>
    SwapRule SwapRule { get; }

    /// <summary>Updates done since the learner was made, through checkpoints.</summary>
    long Updates { get; }

    /// <summary>
    /// Those of <see cref="Updates"/>, and of streaming learners those beside them, that taught nothing because a number was not
    /// finite. 0 for
    /// learners that refuse no update: their weights show it, and the admission gate refuses them.
    /// </summary>
    long RefusedUpdates => 0;

    /// <summary>Whether <see cref="Update"/> has something to learn from now.</summary>
    bool CanUpdate { get; }

    /// <summary>
    /// Updates the learner asks for after one observed transition: replay ratio (UTD) for off-policy learners; for streaming
    /// and on-policy ones 1, to be gated by <see cref="CanUpdate"/>. Fractions accumulate with the caller.
    /// </summary>
    double UpdatesPerTransition { get; }

    /// <summary>
    /// Takes one transition. Transitions that are not <see cref="Transition.Learnable"/> must be passed too (they break n-step
    /// windows and traces) and are not learned from.
    /// </summary>
    void Observe(in Transition transition);

    /// <summary>
    /// Refills memory from the journal after a checkpoint was loaded: as <see cref="Observe"/>, but nothing that
    /// <see cref="Load"/> restored (counters, normaliser, random state) may change.
    /// </summary>
    void Restore(in Transition transition);

    /// <summary>Newest transitions that <see cref="Restore"/> must be shown again after a load; 0 where none.</summary>
    long RestoreLength { get; }

    /// <summary>One update. Throws where <see cref="CanUpdate"/> is false.</summary>
    void Update();

    /// <summary>Writes the current acting policy; allocates nothing.</summary>
    void CopyPolicy(PolicyBlock destination);

    /// <summary>Puts the actor back to an earlier policy (rollback to the champion); optimiser moments of the actor restart.</summary>
    void RevertPolicy(PolicyBlock source);

    /// <summary>
    /// The learner's estimate of the discounted return from each raw observation under its current policy, for the admission
    /// gate. <paramref name="observations"/> [n x obs] row-major, <paramref name="values"/> [n].
    /// </summary>
    void EstimateValues(ReadOnlySpan<float> observations, Span<float> values);

    /// <summary>Figures of the newest update, always in the same order; the length of the answer is fixed for life.</summary>
    ReadOnlySpan<LearnerMetric> Metrics { get; }

    /// <summary>Writes everything but what <see cref="Restore"/> brings back.</summary>
    void Save(IStateWriter writer);

    /// <summary>Reads what <see cref="Save"/> wrote; throws <see cref="StateMismatchException"/> where shapes differ.</summary>
    void Load(IStateReader reader);
}
