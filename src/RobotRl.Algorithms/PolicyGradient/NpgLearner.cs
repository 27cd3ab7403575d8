using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// Natural policy gradient: a step along F^-1 g instead of g, F the policy's Fisher information, so that it does not matter how
/// the policy is
/// written down.
/// </summary>
/// <remarks>
/// <para>
/// Source: the course's natural gradient; S. Kakade, "A natural policy gradient", NIPS 2001; F^-1 g by conjugate gradient and the
/// step's size
/// from its divergence: arXiv 1502.05477 appendix C; advantages: arXiv 1506.02438 eq. 16.
/// </para>
/// <code>
/// symbol       identifier               shape
/// theta, phi   _state.Parameters        flat block: policy, then V (or a shared trunk)
/// A            _advantages              [steps]
/// R            _targets                 [steps]
/// g, x         _natural.Gradient, .Direction   [policy's parameters]
/// alpha        step
/// </code>
/// <para>Deviations, each with its reason:</para>
/// <list type="bullet">
/// <item>Damping is added to F, which a finite rollout leaves singular; it counts as part of F in the step's size too, as
/// sb3-contrib has it.</item>
/// <item>The step is sized by its divergence (option), since the size of x varies by orders of magnitude over a run.</item>
/// <item>With a shared trunk the step moves the trunk, and the value's regression V's own column only.</item>
/// </list>
/// </remarks>
public sealed class NpgLearner : ILearner
{
    private readonly NpgOptions _options;
    private readonly OnPolicyState _state;
    private readonly NaturalGradient _natural;
    private readonly ValueRegression _critic;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[5];
    private float[] _advantages = [],
        _targets = [];

    /// <summary>Makes a learner with freshly drawn weights.</summary>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actions">What to choose from, discrete or continuous.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Seed of the initial weights and of the minibatches.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public NpgLearner(int observationSize, ActionSpace actions, NpgOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        Numbers.ThrowIfAny(options.Validate("Learner:Npg"));
        _options = options;
        _state = new OnPolicyState(observationSize, actions, options.Network, options.StepsPerUpdate, SwapRule, options.Discount, seed);
        _natural = new NaturalGradient(_state, options.Damping);
        _critic = new ValueRegression(_state, options.CriticLearningRate);
        Report(default, default);
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
        if (_advantages.Length < steps)
        {
            (_advantages, _targets) = (new float[steps], new float[steps]);
        }

        // A_t by GAE, R_t = A_t + V(s_t).
        Span<float> advantages = _advantages.AsSpan(0, steps),
            targets = _targets.AsSpan(0, steps);
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
        for (int t = 0; t < steps; t++)
        {
            targets[t] = advantages[t] + _state.Values[t];
        }

        if (_options.StandardiseAdvantages)
        {
            Advantages.Standardise(advantages);
        }

        // theta <- theta + alpha F^-1 g [Kakade 2001], or with (alpha x)^T F (alpha x) / 2 = delta [arXiv 1502.05477 appendix C].
        double step = 0;
        if (_natural.Compute(advantages, _options.ConjugateGradientSteps))
        {
            step =
                _options.StepDecay.Factor(_state.Learned)
                * (_options.LearningRate > 0 ? _options.LearningRate : Math.Sqrt(2 * _options.StepKl / _natural.Curvature));
            for (int i = 0; i < _natural.Direction.Length; i++)
            {
                _state.Parameters[i] += (float)step * _natural.Direction[i];
            }
        }

        float loss = _critic.Fit(targets, _options.CriticEpochs, _options.CriticBatchSize);
        Report(0.5 * step * step * _natural.Curvature, loss);
        _state.Finish();
    }

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination) => _state.CopyPolicy(destination);

    /// <inheritdoc/>
    public void RevertPolicy(PolicyBlock source) => _state.RevertPolicy(source);

    /// <inheritdoc/>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values) => _state.EstimateValues(observations, values);

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        _state.Save(writer);
        _critic.Save(writer);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        _state.Load(reader);
        _critic.Load(reader);
    }

    /// <summary>Nothing to release: no native memory.</summary>
    public void Dispose() { }

    private void Report(double kl, float valueLoss)
    {
        _metrics[0] = new("policy/quadratic_kl", (float)kl);
        _metrics[1] = new("policy/entropy", _natural.Entropy);
        _metrics[2] = new("loss/critic", valueLoss);
        _metrics[3] = new("rollout/steps", _state.Rollout.Count);
        _metrics[4] = new("rollout/refused", _state.Refused);
    }
}
