using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// Trust region policy optimisation: the best step for the surrogate objective within a bound on the mean divergence from the
/// acting policy,
/// and none where no step is both better and inside.
/// </summary>
/// <remarks>
/// <para>
/// Source: the course's trust region method; arXiv 1502.05477 eq. 14 (the constrained problem) and appendix C (conjugate
/// gradient, line search);
/// advantages: arXiv 1506.02438 eq. 16.
/// </para>
/// <code>
/// symbol       identifier               shape
/// theta, phi   _state.Parameters        flat block: policy, then V (or a shared trunk)
/// A            _advantages              [steps]
/// R            _targets                 [steps]
/// g, x         _natural.Gradient, .Direction   [policy's parameters]
/// beta         step
/// delta        maxKl                    MaxKl, where it does not decay
/// KL           divergence, mean over the rollout's states, in closed form
/// </code>
/// <para>Deviations, each with its reason:</para>
/// <list type="bullet">
/// <item>Damping is added to F, which a finite rollout leaves singular; it counts as part of F in the first step's size too, as
/// sb3-contrib has it.</item>
/// <item>V by regression on GAE targets with Adam instead of a trust region of its own (arXiv 1506.02438 section 5), as
/// sb3-contrib has it.</item>
/// <item>With a shared trunk the step moves the trunk, and the value's regression V's own column only: so the bound holds there too.</item>
/// </list>
/// </remarks>
public sealed class TrpoLearner : ILearner
{
    private readonly TrpoOptions _options;
    private readonly OnPolicyState _state;
    private readonly NaturalGradient _natural;
    private readonly ValueRegression _critic;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[7];
    private readonly float[] _oldParameters;
    private float[] _advantages = [],
        _targets = [],
        _oldOutputs = [],
        _oldLogs = [];

    /// <summary>Makes a learner with freshly drawn weights.</summary>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actions">What to choose from, discrete or continuous.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Seed of the initial weights and of the minibatches.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public TrpoLearner(int observationSize, ActionSpace actions, TrpoOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        Numbers.ThrowIfAny(options.Validate("Learner:Trpo"));
        _options = options;
        _state = new OnPolicyState(observationSize, actions, options.Network, options.StepsPerUpdate, SwapRule, options.Discount, seed);
        _natural = new NaturalGradient(_state, options.Damping);
        _critic = new ValueRegression(_state, options.CriticLearningRate);
        _oldParameters = new float[_state.Network.ActorCount];
        Report(default, default, default, default);
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
        Ensure(steps);

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

        (double step, double divergence, double gain) = (0, 0, 0);
        if (_natural.Compute(advantages, _options.ConjugateGradientSteps))
        {
            (step, divergence, gain) = Search(advantages);
        }

        float loss = _critic.Fit(targets, _options.CriticEpochs, _options.CriticBatchSize);
        Report(divergence, step, gain, loss);
        _state.Finish();
    }

    /// <summary>
    /// The largest of the tried steps that betters the surrogate within the bound; where there is none, the policy stays.
    /// </summary>
    private (double Step, double Divergence, double Gain) Search(ReadOnlySpan<float> advantages)
    {
        Remember(advantages.Length);

        // beta x with (beta x)^T F (beta x) / 2 = delta is the longest step of the quadratic model. [arXiv 1502.05477 appendix C]
        double factor = _options.StepDecay.Factor(_state.Learned),
            maxKl = _options.MaxKl * factor * factor,
            step = Math.Sqrt(2 * maxKl / _natural.Curvature);
        for (int tried = 0; tried < _options.BacktrackSteps; tried++, step *= _options.BacktrackFactor)
        {
            for (int i = 0; i < _oldParameters.Length; i++)
            {
                _state.Parameters[i] = _oldParameters[i] + ((float)step * _natural.Direction[i]);
            }

            (double divergence, double gain) = Judge(advantages);
            if (divergence <= maxKl && gain > 0)
            {
                return (step, divergence, gain);
            }
        }

        _oldParameters.CopyTo(_state.Parameters, 0);
        return (0, 0, 0);
    }

    /// <summary>The policy before the step: its parameters, outputs and log pi(a_t|s_t).</summary>
    private void Remember(int steps)
    {
        _state.Parameters.AsSpan(0, _oldParameters.Length).CopyTo(_oldParameters);
        for (int t = 0; t < steps; t++)
        {
            ReadOnlySpan<float> output = _state.Network.OutputAt(_state.Parameters, _state.Input(t));
            output.CopyTo(OldOutput(t));
            (_oldLogs[t], _) = _state.Score.Evaluate(output, _state.Rollout.Action(t));
        }
    }

    /// <summary>Mean KL(old, new) and mean (rho - 1) A with the present parameters. [arXiv 1502.05477 eq. 14]</summary>
    private (double Divergence, double Gain) Judge(ReadOnlySpan<float> advantages)
    {
        (double divergence, double gain) = (0, 0);
        for (int t = 0; t < advantages.Length; t++)
        {
            ReadOnlySpan<float> output = _state.Network.OutputAt(_state.Parameters, _state.Input(t));
            (float log, _) = _state.Score.Evaluate(output, _state.Rollout.Action(t));
            divergence += PolicyDivergence.Between(_state.Score.Head, OldOutput(t), output) / advantages.Length;
            gain += (Math.Exp((double)log - _oldLogs[t]) - 1) * advantages[t] / advantages.Length;
        }

        return (divergence, gain);
    }

    private Span<float> OldOutput(int t) => _oldOutputs.AsSpan(t * _state.Score.Outputs, _state.Score.Outputs);

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

    private void Ensure(int steps)
    {
        if (_advantages.Length < steps)
        {
            (_advantages, _targets, _oldLogs) = (new float[steps], new float[steps], new float[steps]);
            _oldOutputs = new float[steps * _state.Score.Outputs];
        }
    }

    private void Report(double divergence, double step, double gain, float valueLoss)
    {
        _metrics[0] = new("policy/kl", (float)divergence);
        _metrics[1] = new("policy/step", (float)step);
        _metrics[2] = new("policy/gain", (float)gain);
        _metrics[3] = new("policy/entropy", _natural.Entropy);
        _metrics[4] = new("loss/critic", valueLoss);
        _metrics[5] = new("rollout/steps", _state.Rollout.Count);
        _metrics[6] = new("rollout/refused", _state.Refused);
    }
}
