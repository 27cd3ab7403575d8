using System.Collections.Immutable;
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Replay;

namespace RobotRl.Algorithms.Sac;

/// <summary>
/// Soft actor-critic in its 2018 form, with Q, V and target V, in managed code: Haarnoja et al., "Soft Actor-Critic: Off-Policy Maximum
/// Entropy Deep Reinforcement Learning with a Stochastic Actor", arXiv 1801.01290v2, algorithm 1. The later form without V is
/// <see cref="ManagedSacLearner"/>.
/// </summary>
/// <remarks>
/// <code>
/// paper                 here                     shape
/// s_t, s_t+1            _actor.Input, _value.Input; _target.Input   [B x obs]
/// a_t                   _online[i].Input         [B x (obs + action)]: s_t and the action that was executed
/// r_t, gamma            _returns, _bootstraps    [B]: sum of gamma^k r_t+k over k below m; gamma^m, or 0 where terminated
/// f_phi(eps; s), log pi _gaussian                [B x action], [B]
/// psi, psi-bar          _values.Parameters, .Targets   one packed block each (DenseLayout)
/// theta_1, theta_2      _critics                 two networks in one packed block
/// phi                   _policy                  one packed block
/// alpha                 Temperature              a setting; the paper has 1 and scales the reward instead
/// </code>
/// All gradients of an update are taken at the parameters that it starts from, as algorithm 1's list allows: Q at the policy's own action
/// then serves J_V and J_pi at once. Deviations from the paper: (1) alpha is a factor on log pi instead of 1 / alpha on the
/// reward, which is
/// the same objective; (2) log sigma is clamped to [-20, 2] (as the other SACs here); (3) n-step returns may be used; (4) updates per
/// transition may differ from 1; (5) rewards may be scaled. One thread at a time. Same seed, options and kind of CPU: the same
/// weights bit for bit.
/// </remarks>
public sealed unsafe class SacVLearner : ILearner
{
    private readonly SacVOptions _options;
    private readonly int _observationSize,
        _actionSize,
        _batch;
    private readonly float _alpha;
    private readonly OffPolicyState _state;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[8];
    private readonly KernelMemory _memory = new();
    private readonly ManagedNetworks _policy,
        _values,
        _critics;
    private readonly ManagedMlpPass _actor,
        _value,
        _target; // V at s_t; V-bar at s_t+1
    private readonly ManagedMlpPass[] _online,
        _proposed; // Q at: executed actions; the policy's
    private readonly ManagedValueProbe _probe;
    private readonly SquashedGaussian _gaussian;
    private readonly ManagedLowerCritic _lowerCritic;
    private readonly float[] _returns,
        _bootstraps,
        _backup,
        _valueErrors;
    private readonly float[][] _tdErrors;

    /// <summary>Makes a learner.</summary>
    /// <param name="options">Settings; they must be valid.</param>
    /// <param name="observationSize">Floats per raw observation.</param>
    /// <param name="actionSize">Action dimensions.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public SacVLearner(SacVOptions options, int observationSize, int actionSize, ulong seed)
        : this(options, observationSize, actionSize, seed, DenseVector.BestWidth) { }

    /// <summary>As the public one, with the registers of a choice.</summary>
    internal SacVLearner(SacVOptions options, int observationSize, int actionSize, ulong seed, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate("SacV").ToList() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        (_options, _observationSize, _actionSize, _batch, _alpha) = (
            options,
            observationSize,
            actionSize,
            options.BatchSize,
            (float)options.Temperature
        );
        ImmutableArray<int> hidden = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)];
        var actorShape = new MlpShape(observationSize, hidden, 2 * actionSize);
        Policy = new(actorShape, PolicyHead.SquashedGaussian, actionSize);

        var initialisation = new CounterRandom(seed, RandomPurpose.Initialisation);
        _state = new("SAC-V", options, observationSize, actionSize, seed);
        _policy = new(_memory, actorShape, 1, options.ActorLearningRate, initialisation, width);
        _critics = new(_memory, new(observationSize + actionSize, hidden, 1), 2, options.CriticLearningRate, initialisation, width);
        _values = new(_memory, new(observationSize, hidden, 1), 1, options.ValueLearningRate, initialisation, width, targets: true);

        _actor = new(_memory, _policy.Layout, _batch, _batch);
        _gaussian = new(_memory, _batch, actionSize, Policy.LogStdMin, Policy.LogStdMax);
        _lowerCritic = new(_memory, _critics.Layout, _batch, actionSize);
        _value = new(_memory, _values.Layout, _batch, _batch);
        _target = new(_memory, _values.Layout, _batch, 0);
        _online = Passes(_batch);
        _proposed = Passes(0);
        _probe = new(_memory, _policy.Layout, _critics, _batch, _actionSize);
        _returns = new float[_batch];
        _bootstraps = new float[_batch];
        _backup = new float[_batch];
        _valueErrors = new float[_batch];
        _tdErrors = [new float[_batch], new float[_batch]];

        ManagedMlpPass[] Passes(int backwardRows) =>
            [new(_memory, _critics.Layout, _batch, backwardRows), new(_memory, _critics.Layout, _batch, backwardRows)];
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
        _state.NoiseRandom.FillGaussian(new Span<float>(_gaussian.Noise, _batch * _actionSize));
        PlaceMinibatch(_state.Observations, _state.Actions, _state.Returns, _state.Bootstraps, _state.NextObservations);
        EvaluatePolicy();
        EvaluateValueLoss();
        ComputeValueGradient();
        EvaluateCriticLoss();
        ComputeCriticGradient();
        ComputePolicyGradient();
        _state.Note(_critics.Step());
        _state.Note(_policy.Step());

        // psi <- psi - lambda_V grad J_V; psi-bar = tau psi + (1 - tau) psi-bar                  [algorithm 1]
        _state.Note(_values.Step((float)_options.TargetRate));
        _state.Finish();
        GC.KeepAlive(this);
    }

    /// <summary>Puts a minibatch, already normalised, where the passes read it; the noise is in place.</summary>
    internal void PlaceMinibatch(
        ReadOnlySpan<float> observations,
        ReadOnlySpan<float> actions,
        ReadOnlySpan<float> returns,
        ReadOnlySpan<float> bootstraps,
        ReadOnlySpan<float> nextObservations
    )
    {
        int o = _observationSize,
            a = _actionSize;
        ManagedRows.Place(observations, o, _actor.Input);
        ManagedRows.Place(observations, o, _value.Input);
        ManagedRows.Place(nextObservations, o, _target.Input);
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.Place(observations, o, _online[i].Input);
            ManagedRows.Place(actions, a, _online[i].Input, o);
            ManagedRows.Place(observations, o, _proposed[i].Input);
        }

        for (int row = 0; row < _batch; row++)
        {
            _returns[row] = returns[row] * (float)_options.RewardScale;
            _bootstraps[row] = bootstraps[row];
        }
    }

    /// <summary>a = f_phi(eps; s_t), log pi(a | s_t) [eq. 11], and Q_i(s_t, a).</summary>
    internal void EvaluatePolicy()
    {
        _actor.Forward(_policy.Parameters);
        _gaussian.Forward(_actor.Output);
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.PlaceActions(_gaussian.Action, _batch, _actionSize, _proposed[i].Input, _observationSize);
            _proposed[i].Forward(_critics.Network(_critics.Parameters, i));
        }
    }

    /// <summary>J_V(psi) = E[(V(s_t) - E_a[min_i Q_i(s_t, a) - alpha log pi(a | s_t)])^2 / 2], one a of the policy each  [eq. 5].</summary>
    internal void EvaluateValueLoss()
    {
        _value.Forward(_values.Parameters);
        for (int row = 0; row < _batch; row++)
        {
            float soft = ManagedRows.Lowest(_proposed[0].Output, _proposed[1].Output, row) - (_alpha * _gaussian.LogProbability[row]);
            _valueErrors[row] = *_value.Output.Row(row) - soft;
        }
    }

    /// <summary>dJ_V/dV = (V(s_t) - (min_i Q_i - alpha log pi)) / B  [eq. 6].</summary>
    internal void ComputeValueGradient()
    {
        for (int row = 0; row < _batch; row++)
        {
            *_value.OutputGradient.Row(row) = _valueErrors[row] / _batch;
        }

        _value.Backward(_values, 0, weights: true);
    }

    /// <summary>J_Q(theta_i) = E[(Q_i(s_t, a_t) - (r_t + gamma V-bar(s_t+1)))^2 / 2]  [eqs. 7, 8].</summary>
    internal void EvaluateCriticLoss()
    {
        _target.Forward(_values.Targets);
        for (int i = 0; i < 2; i++)
        {
            _online[i].Forward(_critics.Network(_critics.Parameters, i));
        }

        for (int row = 0; row < _batch; row++)
        {
            _backup[row] = _returns[row] + (_bootstraps[row] * *_target.Output.Row(row));
            for (int i = 0; i < 2; i++)
            {
                _tdErrors[i][row] = *_online[i].Output.Row(row) - _backup[row];
            }
        }
    }

    /// <summary>dJ_Q/dQ_i = (Q_i - backup) / B  [eq. 9].</summary>
    internal void ComputeCriticGradient()
    {
        for (int i = 0; i < 2; i++)
        {
            for (int row = 0; row < _batch; row++)
            {
                *_online[i].OutputGradient.Row(row) = _tdErrors[i][row] / _batch;
            }

            _online[i].Backward(_critics, i, weights: true);
        }
    }

    /// <summary>
    /// J_pi(phi) = E[alpha log pi(f_phi(eps; s_t) | s_t) - min_i Q_i(s_t, f_phi(eps; s_t))] [eq. 12]; its gradient by -dQ/da / B
    /// of the lower
    /// Q and the policy's own gradient [eq. 13].
    /// </summary>
    internal void ComputePolicyGradient()
    {
        _lowerCritic.Compute(_proposed, _critics, -1f / _batch);
        _gaussian.Backward(_lowerCritic.Result, _alpha / _batch, _actor.OutputGradient);
        _actor.Backward(_policy, 0, weights: true);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// <c>loss/critic</c> is the sum of both Qs'; <c>policy/entropy</c> = -E log pi; <c>value/q</c> is the mean lower Q of the policy's
    /// actions, <c>value/target</c> the mean backup, both in the rewards' own units; the losses are scaled.
    /// </remarks>
    public ReadOnlySpan<LearnerMetric> Metrics
    {
        get
        {
            _metrics[0] = new("loss/critic", CriticLoss);
            _metrics[1] = new("loss/value", ValueLoss);
            _metrics[2] = new("loss/actor", PolicyLoss);
            _metrics[3] = new("policy/entropy", -MeanLogPi());
            _metrics[4] = new("value/q", ManagedRows.MeanLowest(_proposed[0].Output, _proposed[1].Output) / _options.RewardScale);
            _metrics[5] = new("value/target", ManagedRows.Mean(_backup) / _options.RewardScale);
            _metrics[6] = new("replay/size", _state.Count);
            _metrics[7] = new("replay/refused", _state.Refused);
            return _metrics;
        }
    }

    // For tests: networks, noise and the newest losses.
    internal ManagedNetworks PolicyNetworks => _policy;

    internal ManagedNetworks CriticNetworks => _critics;

    internal ManagedNetworks ValueNetworks => _values;

    internal Span<float> Noise => new(_gaussian.Noise, _batch * _actionSize);

    internal double CriticLoss => 0.5 * (ManagedRows.MeanSquare(_tdErrors[0]) + ManagedRows.MeanSquare(_tdErrors[1]));

    internal double ValueLoss => 0.5 * ManagedRows.MeanSquare(_valueErrors);

    internal double PolicyLoss => (_alpha * MeanLogPi()) - ManagedRows.MeanLowest(_proposed[0].Output, _proposed[1].Output);

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
        NormaliserChange? change = _state.RevertNormaliser(source);
        _values.Carry(change);
        _critics.Carry(change);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// min_i Q_i(s, tanh(mu(s))): the value of the frozen policy's action. V holds the entropies to come and would be off by
    /// them.
    /// </remarks>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values)
    {
        _probe.Estimate(_state, _policy.Parameters, observations, values, _options.RewardScale);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _policy.Save(writer, "sac-v/policy");
        _critics.Save(writer, "sac-v/critics");
        _values.Save(writer, "sac-v/values");
        _values.SaveTargets(writer, "sac-v/targets/parameters");
        _state.Save(writer);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _policy.Load(reader, "sac-v/policy");
        _critics.Load(reader, "sac-v/critics");
        _values.Load(reader, "sac-v/values");
        _values.LoadTargets(reader, "sac-v/targets/parameters");
        _state.Load(reader);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private double MeanLogPi() => ManagedRows.Mean(new ReadOnlySpan<float>(_gaussian.LogProbability, _batch));
}
