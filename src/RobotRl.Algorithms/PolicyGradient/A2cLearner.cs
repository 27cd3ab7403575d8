using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// Advantage actor-critic, synchronous: one gradient step on each short rollout, policy and V at once, with advantages of any lambda.
/// </summary>
/// <remarks>
/// <para>
/// Source: the course's actor-critic with n-step and generalised advantages; arXiv 1602.01783 (A3C, of which this is the synchronous
/// form: section 4 and supplement S3, loss with entropy bonus); advantages: arXiv 1506.02438 eq. 16.
/// </para>
/// <code>
/// symbol       identifier              shape
/// theta, phi   _state.Parameters       flat block: policy, then V (or a shared trunk)
/// A            _advantages             [steps]
/// R            A + V(s)                [steps]
/// </code>
/// <para>
/// Deviations: Adam instead of RMSProp (one setting for all tasks); gSDE
/// (<see cref="OnPolicyNetworkOptions.StateDependentExploration"/>, arXiv 2005.05719)
/// squashes actions by tanh where SB3's A2C clips them.
/// </para>
/// </remarks>
public sealed class A2cLearner : ILearner
{
    private readonly A2cOptions _options;
    private readonly OnPolicyState _state;
    private readonly FlatOptimiser _optimiser;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[5];
    private float[] _advantages = [],
        _weights = [];

    /// <summary>Makes a learner with freshly drawn weights.</summary>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actions">What to choose from, discrete or continuous.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public A2cLearner(int observationSize, ActionSpace actions, A2cOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        Numbers.ThrowIfAny(options.Validate("Learner:A2c"));
        _options = options;
        _state = new OnPolicyState(observationSize, actions, options.Network, options.StepsPerUpdate, SwapRule, options.Discount, seed);
        _optimiser = new FlatOptimiser(OptimiserKind.Adam, options.LearningRate, _state.Parameters.Length);
        Report(default, default, default);
    }

    /// <inheritdoc/>
    public PolicySpec Policy => _state.Policy;

    /// <inheritdoc/>
    public SwapRule SwapRule => SwapRule.RolloutEnd;

    /// <inheritdoc/>
    public long Updates => _state.Updates;

    /// <inheritdoc/>
    public long RefusedUpdates => _state.RefusedUpdates;

    /// <inheritdoc/>
    public bool CanUpdate => _state.IsReady;

    /// <inheritdoc/>
    public double UpdatesPerTransition => _state.UpdatesPerTransition;

    /// <inheritdoc/>
    public long RestoreLength => 0;

    /// <inheritdoc/>
    public ReadOnlySpan<LearnerMetric> Metrics => _metrics;

    /// <inheritdoc/>
    public void Observe(in Transition transition) => _state.Observe(in transition);

    /// <inheritdoc/>
    public void Restore(in Transition transition) { }

    /// <inheritdoc/>
    public void Update()
    {
        _state.RequireReady();
        _state.Prepare();
        int steps = _state.Rollout.Count;
        _optimiser.Scale = _options.StepDecay.Factor(_state.Learned);
        if (_advantages.Length < steps)
        {
            (_advantages, _weights) = (new float[steps], new float[steps]);
        }

        Span<float> advantages = _advantages.AsSpan(0, steps),
            weights = _weights.AsSpan(0, steps);
        Advantages.Generalised(
            _state.Rewards,
            _state.Values,
            _state.NextValues,
            _state.Bootstraps,
            _state.Continues,
            _options.Discount,
            _options.Lambda,
            advantages
        );
        advantages.CopyTo(weights);
        if (_options.StandardiseAdvantages)
        {
            Advantages.Standardise(weights);
        }

        Array.Clear(_state.Gradient);
        (float entropies, float losses) = (0, 0);
        for (int t = 0; t < steps; t++)
        {
            _state.Network.Forward(_state.Parameters, _state.Input(t));
            (_, float entropy) = _state.Score.Evaluate(_state.Network.Output, _state.Rollout.Action(t));

            // grad J = E[grad log pi(a|s) A + c grad H]. [arXiv 1602.01783 section 4]
            for (int i = 0; i < _state.OutputGradient.Length; i++)
            {
                _state.OutputGradient[i] =
                    ((weights[t] * _state.Score.ScoreGradient[i]) + ((float)_options.EntropyCoefficient * _state.Score.EntropyGradient[i]))
                    / steps;
            }

            // (R - V)^2 / 2 with R = A + V_old held fixed, and V as it was: the error is A.
            _state.Network.Accumulate(
                _state.Parameters,
                _state.OutputGradient,
                (float)_options.ValueCoefficient * advantages[t] / steps,
                _state.Gradient
            );
            entropies += entropy;
            losses += 0.5f * advantages[t] * advantages[t];
        }

        if (_state.BoundGradient(_options.MaxGradientNorm, policy: true))
        {
            _optimiser.Ascend(_state.Parameters, _state.Gradient);
        }

        Report(entropies / steps, losses / steps, advantages[0]);
        _state.Finish();
    }

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination) => _state.CopyPolicy(destination);

    /// <inheritdoc/>
    public void RevertPolicy(PolicyBlock source)
    {
        _state.RevertPolicy(source);
        _optimiser.Restart();
    }

    /// <inheritdoc/>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values) => _state.EstimateValues(observations, values);

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        _state.Save(writer);
        _optimiser.Save(writer, "optimiser");
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        _state.Load(reader);
        _optimiser.Load(reader, "optimiser");
    }

    /// <summary>Nothing to release: no native memory.</summary>
    public void Dispose() { }

    private void Report(float entropy, float valueLoss, float advantage)
    {
        _metrics[0] = new("policy/entropy", entropy);
        _metrics[1] = new("loss/critic", valueLoss);
        _metrics[2] = new("value/advantage", advantage);
        _metrics[3] = new("rollout/steps", _state.Rollout.Count);
        _metrics[4] = new("rollout/refused", _state.Refused);
    }
}
