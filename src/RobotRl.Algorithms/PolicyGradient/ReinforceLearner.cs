using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// REINFORCE: follow grad log pi(a_t|s_t) times what came of it, over whole episodes, minus a baseline.
/// </summary>
/// <remarks>
/// <para>
/// Source: the course's policy gradients: the gradient with the full return, causality (reward-to-go), discount placements 1 and 2,
/// baselines (average, variance-optimal) and the state-value baseline; R. J. Williams, "Simple statistical gradient-following
/// algorithms", 1992.
/// </para>
/// <code>
/// symbol     identifier              shape
/// theta      _state.Parameters       flat block: policy, then V (state-value baseline only)
/// tau        rows of _state.Rollout
/// Q_t        _returns                [steps]: the full return or reward-to-go
/// b          _baseline               [steps], or per parameter where variance-optimal
/// gamma^t    _factors                [steps], 1 with placement 1
/// </code>
/// <para>
/// Discount placement 1 counts time from the step (each step's gradient has weight 1); placement 2 from the episode's start: it is the true
/// gradient of the discounted objective, and gives step t the explicit factor gamma^(t - 1) of the course (t from 1).
/// </para>
/// <para>Deviations, each with its reason:</para>
/// <list type="bullet">
/// <item>The average is leave-one-out over episodes (so the baseline does not depend on the action, and the gradient stays
/// unbiased); with a single episode there is none.</item>
/// <item>The optimal baseline is per parameter, b = E[S P] / E[S^2] with S = sum_t g_t, P = sum_t g_t Q_t (the course's E[g^2 r]
/// / E[g^2], for rewards-to-go too), over
/// the other episodes, for the same reason.</item>
/// <item>Adam; an episode cut by a time limit counts as if it ended there (there is no critic to go on with), but for the
/// state-value baseline, whose V stands in.</item>
/// </list>
/// </remarks>
public sealed class ReinforceLearner : ILearner
{
    private readonly ReinforceOptions _options;
    private readonly OnPolicyState _state;
    private readonly FlatOptimiser _actor,
        _critic;
    private readonly ReinforceGradient _gradient;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[5];

    /// <summary>Makes a learner with freshly drawn weights.</summary>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actions">What to choose from, discrete or continuous.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public ReinforceLearner(int observationSize, ActionSpace actions, ReinforceOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        Numbers.ThrowIfAny(options.Validate("Learner:Reinforce"));
        _options = options;
        _state = new OnPolicyState(observationSize, actions, options.Network, options.StepsPerUpdate, SwapRule, options.Discount, seed);
        int policy = _state.Network.ActorCount;
        _actor = new FlatOptimiser(OptimiserKind.Adam, options.LearningRate, policy);
        _critic = new FlatOptimiser(OptimiserKind.Adam, options.CriticLearningRate, _state.Parameters.Length - policy);
        _gradient = new ReinforceGradient(_state, options);
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
        _state.RequireReady();
        _state.Prepare();
        int policy = _state.Network.ActorCount;
        float meanReturn = _gradient.Compute();
        if (_state.BoundGradient(_options.MaxGradientNorm, policy: true))
        {
            _actor.Ascend(_state.Parameters.AsSpan(0, policy), _state.Gradient.AsSpan(0, policy));
        }

        for (int epoch = 0; _options.Baseline == BaselineKind.StateValue && epoch < _options.CriticEpochs; epoch++)
        {
            FitValue(policy);
        }

        Report(meanReturn);
        _state.Finish();
    }

    /// <summary>Regression of V on the rewards-to-go: ascent on -(Q - V)^2 / 2.</summary>
    private void FitValue(int policy)
    {
        Array.Clear(_state.Gradient);
        for (int t = 0; t < _state.Rollout.Count; t++)
        {
            float error = _gradient.Targets[t] - _state.Network.ValueAt(_state.Parameters, _state.Input(t));
            _state.Network.AccumulateValue(_state.Parameters, error / _state.Rollout.Count, _state.Gradient);
        }

        if (_state.BoundGradient(0, policy: false))
        {
            _critic.Ascend(_state.Parameters.AsSpan(policy), _state.Gradient.AsSpan(policy));
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

    private void Report(float meanReturn)
    {
        _metrics[0] = new("rollout/mean_return", meanReturn);
        _metrics[1] = new("policy/gradient_norm", _gradient.Norm);
        _metrics[2] = new("value/baseline", _gradient.MeanBaseline);
        _metrics[3] = new("rollout/steps", _state.Rollout.Count);
        _metrics[4] = new("rollout/refused", _state.Refused);
    }
}
