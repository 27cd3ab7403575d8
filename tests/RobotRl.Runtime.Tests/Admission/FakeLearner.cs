using RobotRl.Algorithms;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Runtime.Tests.Admission;

/// <summary>A learner whose policy is tanh(bias): what is offered is what a test says.</summary>
internal sealed class FakeLearner : ILearner
{
    public static readonly PolicySpec Spec = new(new MlpShape(2, [], 1), PolicyHead.Deterministic, 1);

    public float Value { get; set; }

    public PolicyBlock? Reverted { get; private set; }

    public PolicySpec Policy => Spec;

    public SwapRule SwapRule => SwapRule.AnyTick;

    public long Updates => 0;

    public bool CanUpdate => false;

    public double UpdatesPerTransition => 0;

    public long RestoreLength => 0;

    public ReadOnlySpan<LearnerMetric> Metrics => [];

    public static PolicyBlock Offer(float bias, long version = 1)
    {
        var block = new PolicyBlock(Spec) { Version = version };
        block.Parameters[^1] = bias;
        return block;
    }

    public void RevertPolicy(PolicyBlock source)
    {
        Reverted = new(Spec);
        Reverted.CopyFrom(source);
    }

    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values) => values.Fill(Value);

    public void Observe(in Transition transition) => throw new NotSupportedException();

    public void Restore(in Transition transition) => throw new NotSupportedException();

    public void Update() => throw new NotSupportedException();

    public void CopyPolicy(PolicyBlock destination) => throw new NotSupportedException();

    public void Save(IStateWriter writer) => throw new NotSupportedException();

    public void Load(IStateReader reader) => throw new NotSupportedException();

    public void Dispose() { }
}
