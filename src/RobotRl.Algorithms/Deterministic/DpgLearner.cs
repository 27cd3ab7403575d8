using System.Collections.Immutable;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Replay;

namespace RobotRl.Algorithms.Deterministic;

/// <summary>
/// Off-policy deterministic actor-critic (OPDAC) with a network for a critic and none of DDPG's target networks, in managed SIMD code.
/// Silver et al., "Deterministic Policy Gradient Algorithms", ICML 2014, section 4.2.
/// </summary>
/// <remarks>
/// <code>
/// paper                 here                     shape
/// s_t, s_t+1            _actor.Input, _nextActor.Input   [B x obs]
/// a_t                   _online.Input            [B x (obs + action)]: s_t and the action that was executed (behaviour policy beta)
/// r_t, gamma            _returns, _bootstraps    [B]: sum of gamma^k r_t+k over k below m; gamma^m, or 0 where terminated
/// delta_t               -_tdErrors               [B]
/// theta                 _policy                  packed (DenseLayout)
/// w                     _critic                  packed
/// </code>
/// No importance weights are needed: the policy gradient has no integral over actions, and Q-learning none either [section 4.2].
/// Deviations from the paper: (1) the critic is a network, not a compatible linear function (COPDAC, section 4.3), as in the course's
/// form; (2) one minibatch from a replay for each step instead of the newest sample alone;
/// (3) Adam in place of plain steps; (4) the policy's output goes through tanh. One thread at a time. Same seed,
/// options and kind of CPU: the same weights bit for bit.
/// </remarks>
public sealed unsafe class DpgLearner : ILearner
{
    private readonly DpgOptions _options;
    private readonly int _observationSize,
        _actionSize,
        _batch;
    private readonly OffPolicyState _state;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[6];
    private readonly KernelMemory _memory = new();
    private readonly ManagedNetworks _policy,
        _critic;
    private readonly ManagedMlpPass _actor,
        _nextActor;
    private readonly ManagedMlpPass _online,
        _target,
        _proposed; // Q at: executed actions; next actions; the policy's
    private readonly ManagedValueProbe _probe;
    private readonly Matrix _actionGradient;
    private readonly float* _actionWeights;
    private readonly float[] _returns,
        _bootstraps,
        _backup,
        _tdErrors;

    /// <summary>Makes a learner.</summary>
    /// <param name="options">Settings; they must be valid.</param>
    /// <param name="observationSize">Floats per raw observation.</param>
    /// <param name="actionSize">Action dimensions.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public DpgLearner(DpgOptions options, int observationSize, int actionSize, ulong seed)
        : this(options, observationSize, actionSize, seed, DenseVector.BestWidth) { }

    /// <summary>As the public one, with the registers of a choice.</summary>
    internal DpgLearner(DpgOptions options, int observationSize, int actionSize, ulong seed, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate("Dpg").ToList() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        (_options, _observationSize, _actionSize, _batch) = (options, observationSize, actionSize, options.BatchSize);
        ImmutableArray<int> hidden = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)];
        var actorShape = new MlpShape(observationSize, hidden, actionSize);
        var criticShape = new MlpShape(observationSize + actionSize, hidden, 1);
        Policy = Exploration.Spec(
            actorShape,
            actionSize,
            options.Exploration,
            options.ExplorationNoise,
            options.NoiseReversion,
            options.NoiseTimeStep
        );
        _state = new("DPG", options, observationSize, actionSize, seed);
        var initialisation = new CounterRandom(seed, RandomPurpose.Initialisation);
        _policy = new(_memory, actorShape, 1, options.ActorLearningRate, initialisation, width);
        _critic = new(_memory, criticShape, 1, options.CriticLearningRate, initialisation, width);
        _actor = new(_memory, _policy.Layout, _batch, _batch);
        _nextActor = new(_memory, _policy.Layout, _batch, 0);
        _online = new(_memory, _critic.Layout, _batch, _batch);
        _target = new(_memory, _critic.Layout, _batch, 0);
        _proposed = new(_memory, _critic.Layout, _batch, _batch);
        _probe = new(_memory, _policy.Layout, _critic, _batch, actionSize);
        _actionGradient = _memory.Matrix(_batch, actionSize);
        _actionWeights = _memory.Floats(DenseKernels.TransposedLength(actionSize, options.HiddenWidth, width));
        _returns = new float[_batch];
        _bootstraps = new float[_batch];
        _backup = new float[_batch];
        _tdErrors = new float[_batch];
    }

    /// <inheritdoc/>
    public PolicySpec Policy { get; }

    /// <inheritdoc/>
    public SwapRule SwapRule => SwapRule.AnyTick;

    /// <inheritdoc/>
    public long Updates => _state.Updates;

    /// <inheritdoc/>
    public long RefusedUpdates => _state.RefusedUpdates;

    /// <inheritdoc/>
    public bool CanUpdate => _state.CanUpdate;

    /// <inheritdoc/>
    public double UpdatesPerTransition => _state.UpdatesPerTransition;

    /// <inheritdoc/>
    public long RestoreLength => _state.RestoreLength;

    /// <inheritdoc/>
    /// <remarks>A transition with a number that is not finite is counted (<c>replay/refused</c>) and never learned from.</remarks>
    public void Observe(in Transition transition) => _state.Observe(transition);

    /// <inheritdoc/>
    public void Restore(in Transition transition) => _state.Restore(transition);

    /// <inheritdoc/>
    public void Update()
    {
        _state.RequireReady();
        _state.Sample();
        PlaceMinibatch(_state.Observations, _state.Actions, _state.Returns, _state.Bootstraps, _state.NextObservations);
        EvaluateCriticLoss();
        ComputeCriticGradient();
        _state.Note(_critic.Step());
        EvaluatePolicyLoss();
        ComputePolicyGradient();
        _state.Note(_policy.Step());
        _state.Finish();
        GC.KeepAlive(this);
    }

    /// <summary>Puts a minibatch, already normalised, where the passes read it.</summary>
    internal void PlaceMinibatch(
        ReadOnlySpan<float> observations,
        ReadOnlySpan<float> actions,
        ReadOnlySpan<float> returns,
        ReadOnlySpan<float> bootstraps,
        ReadOnlySpan<float> nextObservations
    )
    {
        ManagedRows.Place(observations, _observationSize, _actor.Input);
        ManagedRows.Place(nextObservations, _observationSize, _nextActor.Input);
        ManagedRows.Place(observations, _observationSize, _online.Input);
        ManagedRows.Place(actions, _actionSize, _online.Input, _observationSize);
        for (int row = 0; row < _batch; row++)
        {
            _returns[row] = returns[row] * (float)_options.RewardScale;
            _bootstraps[row] = bootstraps[row];
        }
    }

    /// <summary>
    /// delta_t = r_t + gamma Q(s_t+1, mu(s_t+1)) - Q(s_t, a_t) [section 4.2, eq. 16]; no gradient goes through the first two
    /// terms.
    /// </summary>
    internal void EvaluateCriticLoss()
    {
        _nextActor.Forward(_policy.Parameters);
        ManagedRows.PlaceSquashed(_nextActor.Input, _nextActor.Output, _batch, _actionSize, _target.Input);
        _target.Forward(_critic.Parameters);
        _online.Forward(_critic.Parameters);
        for (int row = 0; row < _batch; row++)
        {
            _backup[row] = _returns[row] + (_bootstraps[row] * *_target.Output.Row(row));
            _tdErrors[row] = *_online.Output.Row(row) - _backup[row];
        }
    }

    /// <summary>w climbs E[delta dQ/dw]  [eq. 17]: dL/dQ = -delta / B of L = E[delta^2] / 2.</summary>
    internal void ComputeCriticGradient()
    {
        ManagedRows.PlaceQuotients(_tdErrors, _batch, _online.OutputGradient);
        _online.Backward(_critic, 0, weights: true);
    }

    /// <summary>J = E[Q(s_t, mu(s_t))], climbed  [eq. 14].</summary>
    internal void EvaluatePolicyLoss()
    {
        _actor.Forward(_policy.Parameters);
        ManagedRows.PlaceSquashed(_actor.Input, _actor.Output, _batch, _actionSize, _proposed.Input);
        _proposed.Forward(_critic.Parameters);
    }

    /// <summary>dJ/dtheta = E[dmu/dtheta dQ/da at a = mu(s)]  [eqs. 15, 18], of -J, with d tanh u / du = 1 - a^2.</summary>
    internal void ComputePolicyGradient()
    {
        for (int row = 0; row < _batch; row++)
        {
            *_proposed.OutputGradient.Row(row) = -1f / _batch;
        }

        _proposed.Backward(_critic, 0, weights: false);
        MlpShape shape = _critic.Layout.Shape;
        DenseKernels.PackTransposed(
            _critic.Parameters,
            shape.Inputs,
            shape.LayerOutputs(0),
            _observationSize,
            _actionSize,
            _actionWeights,
            _critic.Layout.Width
        );
        DenseKernels.InputGradient(_proposed.FirstGradient, _actionWeights, default, _actionGradient, _critic.Layout.Width);
        for (int row = 0; row < _batch; row++)
        {
            for (int a = 0; a < _actionSize; a++)
            {
                float action = _proposed.Input.Row(row)[_observationSize + a];
                _actor.OutputGradient.Row(row)[a] = _actionGradient.Row(row)[a] * (1 - (action * action));
            }
        }

        _actor.Backward(_policy, 0, weights: true);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// <c>value/q</c> is the mean Q of the policy's actions, <c>value/target</c> the mean backup, both in the rewards' own units.
    /// </remarks>
    public ReadOnlySpan<LearnerMetric> Metrics
    {
        get
        {
            double policyLoss = PolicyLoss;
            _metrics[0] = new("loss/critic", CriticLoss);
            _metrics[1] = new("loss/actor", policyLoss);
            _metrics[2] = new("value/q", -policyLoss / _options.RewardScale);
            _metrics[3] = new("value/target", ManagedRows.Mean(_backup) / _options.RewardScale);
            _metrics[4] = new("replay/size", _state.Count);
            _metrics[5] = new("replay/refused", _state.Refused);
            return _metrics;
        }
    }

    // For tests: networks and the newest losses.
    internal ManagedNetworks PolicyNetworks => _policy;

    internal ManagedNetworks CriticNetworks => _critic;

    internal double CriticLoss => 0.5 * ManagedRows.MeanSquare(_tdErrors);

    internal double PolicyLoss => -ManagedRows.Mean(_proposed.Output);

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _policy.CopyTo(0, destination.Parameters);
        _state.CopyPolicy(destination);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void RevertPolicy(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _policy.Replace(0, source.Parameters);
        _critic.Carry(_state.RevertNormaliser(source));
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <remarks>Q(s, mu(s)): the value of the frozen policy's action.</remarks>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values)
    {
        _probe.Estimate(_state, _policy.Parameters, observations, values, _options.RewardScale);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _policy.Save(writer, "dpg/policy");
        _critic.Save(writer, "dpg/critic");
        _state.Save(writer);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _policy.Load(reader, "dpg/policy");
        _critic.Load(reader, "dpg/critic");
        _state.Load(reader);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
