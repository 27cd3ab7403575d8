using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// A policy network and V, as two networks or as one trunk with two heads, over one flat parameter block: actor, then critic; or the
/// trunk, whose last layer has the policy's outputs and then V. With state-dependent noise (gSDE), log sigma [features x action]
/// comes last.
/// </summary>
/// <remarks>Holds the activations of the newest <see cref="Forward"/>. Not thread safe; nothing but the constructor allocates.</remarks>
internal sealed class ActorCriticNetwork
{
    private const float LastLayerScale = 0.01f;
    private readonly SampleMlp _actor;
    private readonly SampleMlp? _critic;
    private readonly MlpShape _policy;
    private readonly float[] _both,
        _one = new float[1];
    private readonly float[] _head = [],
        _squares = [],
        _variances = [];

    /// <summary>Makes buffers.</summary>
    /// <param name="policy">Shape of the policy network.</param>
    /// <param name="shared">One trunk for both.</param>
    /// <param name="stateDependentNoise">
    /// Whether <see cref="Output"/> is [mean, log standard deviation] with the deviation of gSDE, log std_j = log(sum_i phi_i^2
    /// sigma_ij^2 + 1e-6) / 2 with phi the
    /// last hidden layer (arXiv 2005.05719); phi does not learn from it (SB3's learn_features is false, too).
    /// </param>
    public ActorCriticNetwork(MlpShape policy, bool shared, bool stateDependentNoise = false)
    {
        if (stateDependentNoise)
        {
            (_head, _variances) = (new float[2 * policy.Outputs], new float[policy.Outputs]);
            _squares = new float[policy.LayerInputs(policy.LayerCount - 1) * policy.Outputs];
        }

        _policy = policy;
        _actor = new SampleMlp(shared ? policy with { Outputs = policy.Outputs + 1 } : policy);
        _critic = shared ? null : new SampleMlp(policy with { Outputs = 1 });
        _both = new float[policy.Outputs + 1];
    }

    /// <summary>Length of the flat block.</summary>
    public int ParameterCount => NoiseStart + _squares.Length;

    /// <summary>Where log sigma starts.</summary>
    public int NoiseStart => ActorCount + (_critic?.Shape.ParameterCount ?? 0);

    /// <summary>The policy's outputs of the newest <see cref="Forward"/>, [outputs].</summary>
    public ReadOnlySpan<float> Output => _squares.Length > 0 ? _head : _actor.Output[.._policy.Outputs];

    /// <summary>V of the newest <see cref="Forward"/>.</summary>
    public float Value { get; private set; }

    /// <summary>Parameters that the policy depends on: the first ones.</summary>
    public int ActorCount => _actor.Shape.ParameterCount;

    /// <summary>
    /// Fresh weights: PyTorch's bounds, the policy's last layer a hundredth of that, so that the first actions are unbiased.
    /// </summary>
    public void Initialise(CounterRandom random, Span<float> parameters)
    {
        Initialiser.Dense(_actor.Shape, random, parameters[..ActorCount]);
        int last = _actor.Shape.LayerCount - 1,
            columns = _actor.Shape.Outputs;
        Span<float> layer = parameters[_actor.Shape.WeightOffset(last)..ActorCount];
        for (int i = 0; i < layer.Length; i++)
        {
            layer[i] *= i % columns < _policy.Outputs ? LastLayerScale : 1;
        }

        if (_critic is not null)
        {
            Initialiser.Dense(_critic.Shape, random, parameters[ActorCount..NoiseStart]);
        }
    }

    /// <summary>Computes <see cref="Output"/> and <see cref="Value"/> at <paramref name="input"/>, [obs], normalised.</summary>
    public void Forward(ReadOnlySpan<float> parameters, ReadOnlySpan<float> input)
    {
        _actor.Forward(parameters[..ActorCount], input);
        Spread(parameters);
        Value = _critic is null ? _actor.Output[^1] : _critic.Forward(parameters[ActorCount..NoiseStart], input)[0];
    }

    /// <summary>V alone.</summary>
    public float ValueAt(ReadOnlySpan<float> parameters, ReadOnlySpan<float> input)
    {
        if (_critic is not null)
        {
            return _critic.Forward(parameters[ActorCount..NoiseStart], input)[0];
        }

        return _actor.Forward(parameters[..ActorCount], input)[^1];
    }

    /// <summary>The policy's outputs alone.</summary>
    public ReadOnlySpan<float> OutputAt(ReadOnlySpan<float> parameters, ReadOnlySpan<float> input)
    {
        _actor.Forward(parameters[..ActorCount], input);
        Spread(parameters);
        return Output;
    }

    /// <summary>
    /// gradient += d(outputGradient . output + valueGradient V)/d(parameters) at the sample of the newest <see cref="Forward"/>, which must
    /// have had the same parameters.
    /// </summary>
    public void Accumulate(ReadOnlySpan<float> parameters, ReadOnlySpan<float> outputGradient, float valueGradient, Span<float> gradient)
    {
        AccumulateNoise(outputGradient, gradient);
        outputGradient = outputGradient[.._policy.Outputs];
        if (_critic is null)
        {
            outputGradient.CopyTo(_both);
            _both[^1] = valueGradient;
            _actor.Accumulate(parameters[..ActorCount], _both, 1, gradient[..ActorCount]);
            return;
        }

        _actor.Accumulate(parameters[..ActorCount], outputGradient, 1, gradient[..ActorCount]);
        if (valueGradient != 0)
        {
            _one[0] = valueGradient;
            _critic.Accumulate(parameters[ActorCount..NoiseStart], _one, 1, gradient[ActorCount..NoiseStart]);
        }
    }

    /// <summary>As <see cref="Accumulate"/> for V alone, after <see cref="ValueAt"/>.</summary>
    public void AccumulateValue(ReadOnlySpan<float> parameters, float valueGradient, Span<float> gradient)
    {
        if (_critic is null)
        {
            _both.AsSpan().Clear();
            _both[^1] = valueGradient;
            _actor.Accumulate(parameters[..ActorCount], _both, 1, gradient[..ActorCount]);
        }
        else
        {
            _one[0] = valueGradient;
            _critic.Accumulate(parameters[ActorCount..NoiseStart], _one, 1, gradient[ActorCount..NoiseStart]);
        }
    }

    /// <summary>As <see cref="Accumulate"/> for the policy alone, after <see cref="OutputAt"/>.</summary>
    public void AccumulatePolicy(ReadOnlySpan<float> parameters, ReadOnlySpan<float> outputGradient, Span<float> gradient)
    {
        AccumulateNoise(outputGradient, gradient);
        outputGradient = outputGradient[.._policy.Outputs];
        if (_critic is null)
        {
            outputGradient.CopyTo(_both);
            _both[^1] = 0;
            _actor.Accumulate(parameters[..ActorCount], _both, 1, gradient[..ActorCount]);
        }
        else
        {
            _actor.Accumulate(parameters[..ActorCount], outputGradient, 1, gradient[..ActorCount]);
        }
    }

    /// <summary>
    /// How the policy's outputs move when its parameters move along <paramref name="direction"/>, [outputs], after
    /// <see cref="OutputAt"/>.
    /// </summary>
    public ReadOnlySpan<float> OutputTangent(ReadOnlySpan<float> parameters, ReadOnlySpan<float> direction) =>
        _actor.Tangent(parameters[..ActorCount], direction[..ActorCount])[.._policy.Outputs];

    /// <summary>Clears all of a gradient but what V alone depends on: its network, or its column of a shared trunk's last layer.</summary>
    public void KeepValueOnly(Span<float> gradient)
    {
        if (_critic is not null)
        {
            gradient[..ActorCount].Clear();
            return;
        }

        int columns = _actor.Shape.Outputs;
        for (int i = 0; i < ActorCount; i++)
        {
            gradient[i] = i >= LastLayer && (i - LastLayer) % columns == columns - 1 ? gradient[i] : 0;
        }
    }

    /// <summary>Copies the policy's part out, in the layout that a <see cref="PolicyBlock"/> has.</summary>
    public void CopyPolicy(ReadOnlySpan<float> parameters, Span<float> destination)
    {
        TrunkLayout.CopyPolicy(_policy, _actor.Shape.Outputs, parameters, destination);
        parameters[NoiseStart..].CopyTo(destination[_policy.ParameterCount..]);
    }

    /// <summary>Copies a policy in; V stays, but for what a shared trunk does to it.</summary>
    public void TakePolicy(ReadOnlySpan<float> policy, Span<float> parameters)
    {
        TrunkLayout.TakePolicy(_policy, _actor.Shape.Outputs, policy, parameters);
        policy[_policy.ParameterCount..].CopyTo(parameters[NoiseStart..]);
    }

    /// <summary>Carries V over to another normaliser of the observation; nothing where it shares the policy's trunk.</summary>
    public void CarryValue(NormaliserChange change, Span<float> parameters)
    {
        if (_critic is not null)
        {
            change.Carry(_critic.Shape, parameters[ActorCount..NoiseStart]);
        }
    }

    /// <summary>From the actor's mean and phi to [mean, log standard deviation], where noise depends on the state.</summary>
    private void Spread(ReadOnlySpan<float> parameters)
    {
        int actions = _variances.Length;
        if (actions == 0)
        {
            return;
        }

        ReadOnlySpan<float> phi = _actor.Features;
        _variances.AsSpan().Fill(PolicyHeads.NoiseVarianceFloor);
        for (int i = 0; i < _squares.Length; i++)
        {
            _squares[i] = MathF.Exp(2 * parameters[NoiseStart + i]);
            _variances[i % actions] += phi[i / actions] * phi[i / actions] * _squares[i];
        }

        for (int a = 0; a < actions; a++)
        {
            (_head[a], _head[actions + a]) = (_actor.Output[a], 0.5f * MathF.Log(_variances[a]));
        }
    }

    /// <summary>dlog std_j / dlog sigma_ij = phi_i^2 sigma_ij^2 / variance_j.</summary>
    private void AccumulateNoise(ReadOnlySpan<float> outputGradient, Span<float> gradient)
    {
        int actions = _variances.Length;
        ReadOnlySpan<float> phi = _actor.Features;
        for (int i = 0; i < _squares.Length; i++)
        {
            int a = i % actions;
            gradient[NoiseStart + i] += outputGradient[actions + a] / _variances[a] * phi[i / actions] * phi[i / actions] * _squares[i];
        }
    }

    private int LastLayer => _policy.WeightOffset(_policy.LayerCount - 1);
}
