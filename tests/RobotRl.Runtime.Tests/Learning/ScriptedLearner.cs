using RobotRl.Algorithms;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Runtime.Tests.Learning;

/// <summary>
/// A learner that does what a test says: its policy is the hyperbolic tangent of a bias, its updates do nothing, fail or block.
/// </summary>
internal sealed class ScriptedLearner(int observations) : ILearner
{
    private long _observed,
        _updates;

    public PolicySpec Policy { get; } = new(new MlpShape(observations, [], 1), PolicyHead.Deterministic, 1);

    public SwapRule SwapRule { get; init; }

    public float Bias { get; set; }

    public Action? InUpdate { get; set; }

    public Action? InDispose { get; set; }

    public long Observed => Volatile.Read(ref _observed);

    public float? Reverted { get; private set; }

    public List<long> Restored { get; } = [];

    public long Updates => Volatile.Read(ref _updates);

    public long RefusedUpdates { get; private set; }

    /// <summary>Whether its updates teach nothing.</summary>
    public bool Refuses { get; set; }

    public bool CanUpdate => Observed > 0;

    public double UpdatesPerTransition { get; init; } = 1;

    public long RestoreLength { get; set; } = 1000;

    public ReadOnlySpan<LearnerMetric> Metrics => [];

    public List<long> LearnableVersions { get; } = [];

    public void Observe(in Transition transition)
    {
        Volatile.Write(ref _observed, _observed + 1);
        if (transition.Learnable && SwapRule != SwapRule.AnyTick)
        {
            LearnableVersions.Add(transition.PolicyVersion);
        }
    }

    public void Restore(in Transition transition) => Restored.Add(transition.Sequence);

    public void Update()
    {
        InUpdate?.Invoke();
        RefusedUpdates += Refuses ? 1 : 0;
        Volatile.Write(ref _updates, _updates + 1);
    }

    public void CopyPolicy(PolicyBlock destination)
    {
        Array.Clear(destination.Parameters);
        destination.Parameters[^1] = Bias;
        destination.Version = Updates + 1;
    }

    public void RevertPolicy(PolicyBlock source) => Reverted = Bias = source.Parameters[^1];

    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values) => values.Clear();

    public void Save(IStateWriter writer) => writer.Write("scripted", [_observed, _updates]);

    public void Load(IStateReader reader)
    {
        Span<long> counters = stackalloc long[2];
        reader.Read("scripted", counters);
        (_observed, _updates) = (counters[0], counters[1]);
    }

    public void Dispose() => InDispose?.Invoke();
}
