using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// Batch actor-critic: fit V to the rollout, evaluate advantages r + gamma V(s') - V(s), take a policy gradient step.
/// </summary>
/// <remarks>
/// <para>
/// Source: the course's "batch actor-critic algorithm", steps 1 to 5, with its three policy evaluations: Monte Carlo regression,
/// bootstrapped TD(0) and TD(lambda) targets; Sutton and Barto, "Reinforcement Learning", 2nd edition, chapters 6, 12 and 13.
/// </para>
/// <code>
/// symbol       identifier              shape
/// theta, phi   _state.Parameters       flat block: policy, then V (or a shared trunk)
/// y            _targets                [steps]
/// A            _advantages             [steps]
/// </code>
/// <para>Deviations, each with its reason:</para>
/// <list type="bullet">
/// <item>Adam; advantages standardised per rollout (option), so that one learning rate serves any scale of reward.</item>
/// <item>Bootstrapped targets are computed anew before each epoch of the regression, as repeated policy evaluation asks for.</item>
/// </list>
/// </remarks>
public sealed class BatchActorCriticLearner : ILearner
{
    private readonly BatchActorCriticOptions _options;
    private readonly OnPolicyState _state;
    private readonly FlatOptimiser _actor,
        _critic;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[4];
    private readonly int _criticStart;
    private float[] _advantages = [],
        _targets = [];

    /// <summary>Makes a learner with freshly drawn weights.</summary>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actions">What to choose from, discrete or continuous.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public BatchActorCriticLearner(int observationSize, ActionSpace actions, BatchActorCriticOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        Numbers.ThrowIfAny(options.Validate("Learner:BatchActorCritic"));
        _options = options;
        _state = new OnPolicyState(observationSize, actions, options.Network, options.StepsPerUpdate, SwapRule, options.Discount, seed);

        // Each network its own slice, so that momentum left in one optimiser does not move the other's network; a trunk is both's.
        int all = _state.Parameters.Length,
            policy = _state.Network.ActorCount;
        _criticStart = options.Network.SharedTrunk ? 0 : policy;
        _actor = new FlatOptimiser(OptimiserKind.Adam, options.ActorLearningRate, policy);
        _critic = new FlatOptimiser(OptimiserKind.Adam, options.CriticLearningRate, all - _criticStart);
        Report(default);
    }

    /// <inheritdoc/>
    public PolicySpec Policy => _state.Policy;

    /// <inheritdoc/>
    public SwapRule SwapRule => SwapRule.EpisodeEnd;

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
        // Step 1, the rollout, is there.
        _state.RequireReady();
        _state.Prepare();
        int steps = _state.Rollout.Count;
        if (_advantages.Length < steps)
        {
            (_advantages, _targets) = (new float[steps], new float[steps]);
        }

        // Step 2: fit V_phi to y.
        float loss = 0;
        for (int epoch = 0; epoch < _options.CriticEpochs; epoch++)
        {
            loss = FitValue(steps, newTargets: epoch == 0 || _options.Evaluation != PolicyEvaluation.MonteCarlo);
            _state.Evaluate();
        }

        // Step 3: A = r + gamma V(s') - V(s).
        Span<float> advantages = _advantages.AsSpan(0, steps);
        Advantages.Generalised(
            _state.Rewards,
            _state.Values,
            _state.NextValues,
            _state.Bootstraps,
            _state.Continues,
            _options.Discount,
            _options.AdvantageLambda,
            advantages
        );
        if (_options.StandardiseAdvantages)
        {
            Advantages.Standardise(advantages);
        }

        // Steps 4 and 5: theta <- theta + alpha (1/N) sum grad log pi(a|s) A.
        for (int epoch = 0; epoch < _options.ActorEpochs; epoch++)
        {
            ImprovePolicy(steps);
        }

        Report(loss);
        _state.Finish();
    }

    /// <summary>One step of regression; the mean loss before it.</summary>
    private float FitValue(int steps, bool newTargets)
    {
        Span<float> targets = _targets.AsSpan(0, steps);
        if (newTargets)
        {
            // TD(lambda) targets are V + GAE(lambda); lambda 0 and 1 are the TD(0) and Monte Carlo ones.
            double lambda = _options.Evaluation switch
            {
                PolicyEvaluation.MonteCarlo => 1,
                PolicyEvaluation.Td0 => 0,
                _ => _options.Lambda,
            };
            Advantages.Generalised(
                _state.Rewards,
                _state.Values,
                _state.NextValues,
                _state.Bootstraps,
                _state.Continues,
                _options.Discount,
                lambda,
                targets
            );
            for (int t = 0; t < steps; t++)
            {
                targets[t] += _state.Values[t];
            }
        }

        float loss = 0;
        Array.Clear(_state.Gradient);
        for (int t = 0; t < steps; t++)
        {
            float error = targets[t] - _state.Network.ValueAt(_state.Parameters, _state.Input(t));
            _state.Network.AccumulateValue(_state.Parameters, error / steps, _state.Gradient);
            loss += 0.5f * error * error / steps;
        }

        Ascend(_critic, _criticStart.._state.Parameters.Length);
        return loss;
    }

    private void ImprovePolicy(int steps)
    {
        Array.Clear(_state.Gradient);
        for (int t = 0; t < steps; t++)
        {
            _state.Score.Evaluate(_state.Network.OutputAt(_state.Parameters, _state.Input(t)), _state.Rollout.Action(t));
            for (int i = 0; i < _state.OutputGradient.Length; i++)
            {
                _state.OutputGradient[i] =
                    (
                        (_advantages[t] * _state.Score.ScoreGradient[i])
                        + ((float)_options.EntropyCoefficient * _state.Score.EntropyGradient[i])
                    ) / steps;
            }

            _state.Network.AccumulatePolicy(_state.Parameters, _state.OutputGradient, _state.Gradient);
        }

        Ascend(_actor, .._state.Network.ActorCount);
    }

    private void Ascend(FlatOptimiser optimiser, Range part)
    {
        if (_state.BoundGradient(0, policy: optimiser == _actor))
        {
            optimiser.Ascend(_state.Parameters.AsSpan(part), _state.Gradient.AsSpan(part));
        }
    }

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination) => _state.CopyPolicy(destination);

    /// <inheritdoc/>
    public void RevertPolicy(PolicyBlock source)
    {
        _state.RevertPolicy(source);
        _actor.Restart();
    }

    /// <inheritdoc/>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values) => _state.EstimateValues(observations, values);

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        _state.Save(writer);
        _actor.Save(writer, "actor");
        _critic.Save(writer, "critic");
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        _state.Load(reader);
        _actor.Load(reader, "actor");
        _critic.Load(reader, "critic");
    }

    /// <summary>Nothing to release: no native memory.</summary>
    public void Dispose() { }

    private void Report(float loss)
    {
        _metrics[0] = new("loss/critic", loss);
        _metrics[1] = new("value/advantage", _advantages.Length > 0 ? _advantages[0] : 0);
        _metrics[2] = new("rollout/steps", _state.Rollout.Count);
        _metrics[3] = new("rollout/refused", _state.Refused);
    }
}
