using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// A policy network and V for learners of one sample at a time, as two networks with a block each, or as one trunk with two
/// heads, whose one block is both
/// <see cref="Actor"/> and <see cref="Critic"/>: the policy's outputs, then V.
/// </summary>
/// <remarks>Not thread safe; nothing but the constructor allocates.</remarks>
internal sealed class SampleActorCritic
{
    private readonly SampleMlp _actor,
        _critic;
    private readonly MlpShape _policy;
    private readonly float[] _outputGradient,
        _valueGradient,
        _scratch;

    /// <summary>Makes networks of zeros.</summary>
    /// <param name="policy">Shape of the policy network; V has the same hidden layers.</param>
    /// <param name="sharedTrunk">One trunk for both.</param>
    public SampleActorCritic(MlpShape policy, bool sharedTrunk)
    {
        (_policy, SharedTrunk) = (policy, sharedTrunk);
        _actor = new SampleMlp(sharedTrunk ? policy with { Outputs = policy.Outputs + 1 } : policy);
        _critic = new SampleMlp(sharedTrunk ? _actor.Shape : policy with { Outputs = 1 });
        Actor = new float[_actor.Shape.ParameterCount];
        Critic = sharedTrunk ? Actor : new float[_critic.Shape.ParameterCount];
        (_outputGradient, _valueGradient, _scratch) = (
            new float[_actor.Shape.Outputs],
            new float[_critic.Shape.Outputs],
            new float[policy.ParameterCount]
        );
    }

    /// <summary>Whether <see cref="Actor"/> and <see cref="Critic"/> are one block.</summary>
    public bool SharedTrunk { get; }

    /// <summary>What the policy depends on, in the layout of <see cref="MlpShape"/>.</summary>
    public float[] Actor { get; }

    /// <summary>What V depends on.</summary>
    public float[] Critic { get; }

    /// <summary>Fills the parameters: the actor's, then the critic's where it has some of its own.</summary>
    /// <param name="fill">Given a shape and its block.</param>
    public void Initialise(Action<MlpShape, float[]> fill)
    {
        fill(_actor.Shape, Actor);
        if (!SharedTrunk)
        {
            fill(_critic.Shape, Critic);
        }
    }

    /// <summary>The policy's outputs at <paramref name="input"/>; overwritten by the next call.</summary>
    public ReadOnlySpan<float> Policy(ReadOnlySpan<float> input) => _actor.Forward(Actor, input)[.._policy.Outputs];

    /// <summary>V at <paramref name="input"/>.</summary>
    public float Value(ReadOnlySpan<float> input) => _critic.Forward(Critic, input)[^1];

    /// <summary>
    /// trace = decay trace + d(outputGradient . outputs)/d(<see cref="Actor"/>) at the newest <see cref="Policy"/>; returns the
    /// trace's 1-norm.
    /// </summary>
    public float AccumulatePolicy(ReadOnlySpan<float> outputGradient, float decay, Span<float> trace)
    {
        outputGradient.CopyTo(_outputGradient);
        return _actor.Accumulate(Actor, _outputGradient, decay, trace);
    }

    /// <summary>
    /// trace = decay trace + valueGradient dV/d(<see cref="Critic"/>) at the newest <see cref="Value"/>; returns the trace's
    /// 1-norm.
    /// </summary>
    public float AccumulateValue(float valueGradient, float decay, Span<float> trace)
    {
        _valueGradient[^1] = valueGradient;
        return _critic.Accumulate(Critic, _valueGradient, decay, trace);
    }

    /// <summary>Copies the policy out, in the layout that a <see cref="PolicyBlock"/> has.</summary>
    public void CopyPolicy(Span<float> destination) => TrunkLayout.CopyPolicy(_policy, _actor.Shape.Outputs, Actor, destination);

    /// <summary>
    /// Takes an earlier policy and puts the normaliser back to the one that it acts with. V stays the same function of the raw
    /// observation, but for
    /// what a shared trunk does to it.
    /// </summary>
    /// <param name="source">The policy, with the normaliser that it was made with.</param>
    /// <param name="normaliser">The learner's normaliser; null where none is.</param>
    /// <param name="change">Changes a copy of its parameters first; null for nothing.</param>
    public void TakePolicy(PolicyBlock source, RunningNormaliser? normaliser, Action<float[]>? change = null)
    {
        source.Parameters.CopyTo(_scratch, 0);
        change?.Invoke(_scratch);
        if (normaliser is not null)
        {
            var moved = NormaliserChange.Revert(normaliser, source);
            if (!SharedTrunk)
            {
                moved.Carry(_critic.Shape, Critic);
            }
        }

        TrunkLayout.TakePolicy(_policy, _actor.Shape.Outputs, _scratch, Actor);
    }
}
