using System.Collections.Immutable;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Replay;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.Sac;

/// <summary>
/// SAC with twin Q and learned temperature on discrete actions (arXiv 1910.07207), in managed code. Every expectation over actions
/// is a sum over the choices, so that an update draws no noise.
/// </summary>
/// <remarks>
/// <code>
/// paper                 here                     shape
/// s_t, s_t+1            _actor.Input             [2B x obs]: rows 0 to B-1 and B to 2B-1
/// a_t                   _state.Actions           [B]: index of the choice that was executed
/// r_t, gamma            _returns, _bootstraps    [B]: sum of gamma^k r_t+k over k below m; gamma^m, or 0 where terminated
/// pi, log pi            _pi, _logPi              [2B x n]: n choices
/// phi                   _policy                  one packed block (DenseLayout)
/// theta_1, theta_2      _critics.Parameters      two networks with n outputs each in one packed block
/// theta-bar_1, 2        _critics.Targets         the same
/// alpha                 _temperature.Value
/// H-bar                 TargetEntropy            0.98 log n unless set (EntropyShare)
/// </code>
/// Deviations from the paper: (1) the temperature's loss has the factor log alpha for alpha: same sign and zero of the gradient, and
/// alpha stays positive; (2) all losses of an update use the alpha of its start, as in <c>ManagedSacLearner</c>; (3) n-step returns may be
/// used; (4) updates per transition may differ from 1; (5) rewards may be scaled.
/// One thread at a time. Same seed, options and kind of CPU: the same weights bit for bit.
/// </remarks>
public sealed unsafe class DiscreteSacLearner : ILearner
{
    /// <summary>
    /// Share of the largest entropy, log n, that the temperature holds the policy to where nothing is set (0.98 x -log(1 / |A|),
    /// the author's program: p-christ/Deep-Reinforcement-Learning-Algorithms-with-PyTorch).
    /// </summary>
    public const double EntropyShare = 0.98;

    private readonly SacOptions _options;
    private readonly int _observationSize,
        _choices,
        _batch;
    private readonly OffPolicyState _state;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[9];
    private readonly KernelMemory _memory = new();
    private readonly ManagedNetworks _policy,
        _critics;
    private readonly ManagedMlpPass _actor;
    private readonly ManagedMlpPass[] _online,
        _target; // Q at s_t; Q-bar at s_t+1
    private readonly ManagedValueProbe _probe;
    private readonly float[] _pi,
        _logPi,
        _returns,
        _bootstraps,
        _backup,
        _losses;
    private readonly float[][] _tdErrors;
    private readonly LearnedTemperature _temperature;

    /// <summary>Makes a learner.</summary>
    /// <param name="options">Settings; they must be valid.</param>
    /// <param name="observationSize">Floats per raw observation.</param>
    /// <param name="actions">The choices.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public DiscreteSacLearner(SacOptions options, int observationSize, DiscreteActionSpace actions, ulong seed)
        : this(options, observationSize, actions, seed, DenseVector.BestWidth) { }

    /// <summary>As the public one, with the registers of a choice.</summary>
    internal DiscreteSacLearner(SacOptions options, int observationSize, DiscreteActionSpace actions, ulong seed, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(actions);
        if (options.Validate("Sac").ToList() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        (_options, _observationSize, _choices, _batch) = (options, observationSize, actions.Count, options.BatchSize);
        ImmutableArray<int> hidden = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)];
        var shape = new MlpShape(observationSize, hidden, _choices);
        Policy = new(shape, PolicyHead.Categorical, 1);

        var initialisation = new CounterRandom(seed, RandomPurpose.Initialisation);
        _state = new("SAC", options, observationSize, 1, seed);
        _policy = new(_memory, shape, 1, options.ActorLearningRate, initialisation, width);
        _critics = new(_memory, shape, 2, options.CriticLearningRate, initialisation, width, targets: true);
        _temperature = new(
            options.InitialTemperature,
            options.TargetEntropy ?? (EntropyShare * Math.Log(_choices)),
            options.TemperatureLearningRate
        );

        _actor = new(_memory, _policy.Layout, 2 * _batch, _batch);
        _online = Passes(_batch);
        _target = Passes(0);
        _probe = new(_memory, _policy.Layout, _critics, _batch, actionSize: 0);
        _pi = new float[2 * _batch * _choices];
        _logPi = new float[2 * _batch * _choices];
        _returns = new float[_batch];
        _bootstraps = new float[_batch];
        _backup = new float[_batch];
        _losses = new float[_batch];
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
    /// <exception cref="ArgumentException">The executed action is no index of a choice.</exception>
    public void Observe(in Transition transition)
    {
        CheckChoice(transition);
        _state.Observe(transition);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The executed action is no index of a choice.</exception>
    public void Restore(in Transition transition)
    {
        CheckChoice(transition);
        _state.Restore(transition);
    }

    /// <inheritdoc/>
    public void Update()
    {
        _state.RequireReady();
        _state.Sample();
        PlaceMinibatch(_state.Observations, _state.Returns, _state.Bootstraps, _state.NextObservations);
        EvaluatePolicy();
        EvaluateCriticLoss(_state.Actions);
        ComputeCriticGradient(_state.Actions);

        // theta-bar = tau theta + (1 - tau) theta-bar                                             [algorithm 1, last line]
        _state.Note(_critics.Step((float)_options.TargetRate));
        EvaluatePolicyLoss();
        ComputePolicyGradient();
        _state.Note(_policy.Step());
        if (_options.LearnTemperature)
        {
            ComputeTemperatureGradient();
            _state.Note(_temperature.Step());
        }

        _state.Finish();
        GC.KeepAlive(this);
    }

    /// <summary>Puts a minibatch, already normalised, where the passes read it.</summary>
    internal void PlaceMinibatch(
        ReadOnlySpan<float> observations,
        ReadOnlySpan<float> returns,
        ReadOnlySpan<float> bootstraps,
        ReadOnlySpan<float> nextObservations
    )
    {
        ManagedRows.Place(observations, _observationSize, _actor.Input);
        ManagedRows.Place(nextObservations, _observationSize, _actor.Input.Part(_batch, _batch));
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.Place(observations, _observationSize, _online[i].Input);
            ManagedRows.Place(nextObservations, _observationSize, _target[i].Input);
        }

        for (int row = 0; row < _batch; row++)
        {
            _returns[row] = returns[row] * (float)_options.RewardScale;
            _bootstraps[row] = bootstraps[row];
        }
    }

    /// <summary>pi(. | s) = softmax of the network's outputs, and its logarithm, at s_t and s_t+1; and alpha.</summary>
    internal void EvaluatePolicy()
    {
        _temperature.Refresh();
        _actor.Forward(_policy.Parameters);
        for (int row = 0; row < 2 * _batch; row++)
        {
            ManagedRows.LogSoftmax(_actor.Output.Span(row), Row(_logPi, row));
            for (int a = 0; a < _choices; a++)
            {
                Row(_pi, row)[a] = MathF.Exp(Row(_logPi, row)[a]);
            }
        }
    }

    /// <summary>
    /// J_Q(theta_i) = E[(Q_i(s_t, a_t) - (r_t + gamma V(s_t+1)))^2 / 2], V(s) = pi(s)^T (min_i Q-bar_i(s) - alpha log pi(s))
    /// [eqs. 4, 10].
    /// </summary>
    internal void EvaluateCriticLoss(ReadOnlySpan<float> actions)
    {
        for (int i = 0; i < 2; i++)
        {
            _target[i].Forward(_critics.Network(_critics.Targets, i));
            _online[i].Forward(_critics.Network(_critics.Parameters, i));
        }

        for (int row = 0; row < _batch; row++)
        {
            ReadOnlySpan<float> pi = Row(_pi, _batch + row),
                logPi = Row(_logPi, _batch + row);
            float value = 0;
            for (int a = 0; a < _choices; a++)
            {
                value += pi[a] * (Lowest(_target, row, a) - (_temperature.Value * logPi[a]));
            }

            _backup[row] = _returns[row] + (_bootstraps[row] * value);
            for (int i = 0; i < 2; i++)
            {
                _tdErrors[i][row] = _online[i].Output.Row(row)[(int)actions[row]] - _backup[row];
            }
        }
    }

    /// <summary>dJ_Q/dQ_i(s_t, a_t) = (Q_i - backup) / B, and 0 for the other choices.</summary>
    internal void ComputeCriticGradient(ReadOnlySpan<float> actions)
    {
        for (int i = 0; i < 2; i++)
        {
            for (int row = 0; row < _batch; row++)
            {
                Span<float> gradient = _online[i].OutputGradient.Span(row);
                gradient.Clear();
                gradient[(int)actions[row]] = _tdErrors[i][row] / _batch;
            }

            _online[i].Backward(_critics, i, weights: true);
        }
    }

    /// <summary>J_pi(phi) = E[pi(s_t)^T (alpha log pi(s_t) - min_i Q_i(s_t))]  [eq. 12].</summary>
    internal void EvaluatePolicyLoss()
    {
        for (int i = 0; i < 2; i++)
        {
            _online[i].Forward(_critics.Network(_critics.Parameters, i));
        }

        for (int row = 0; row < _batch; row++)
        {
            float loss = 0;
            for (int a = 0; a < _choices; a++)
            {
                loss += Row(_pi, row)[a] * Advantage(row, a);
            }

            _losses[row] = loss;
        }
    }

    /// <summary>With z the network's outputs: dJ_pi/dz_a = pi_a ((alpha log pi_a - min_i Q_i(s, a)) - J_pi(s)) / B.</summary>
    internal void ComputePolicyGradient()
    {
        for (int row = 0; row < _batch; row++)
        {
            for (int a = 0; a < _choices; a++)
            {
                _actor.OutputGradient.Row(row)[a] = Row(_pi, row)[a] * (Advantage(row, a) - _losses[row]) / _batch;
            }
        }

        _actor.Backward(_policy, 0, weights: true);
    }

    /// <summary>J(alpha) = E[pi(s_t)^T (-log alpha (log pi(s_t) + H-bar))]  [eq. 11, log alpha for alpha].</summary>
    internal void ComputeTemperatureGradient() => _temperature.ComputeGradient(-MeanEntropy());

    /// <inheritdoc/>
    /// <remarks>
    /// <c>loss/critic</c> is the sum of both; <c>policy/entropy</c> is that of pi at the minibatch's states; <c>value/q</c> is E
    /// pi^T min_i Q,
    /// <c>value/target</c> the mean backup, both in the rewards' own units; the losses are scaled.
    /// </remarks>
    public ReadOnlySpan<LearnerMetric> Metrics
    {
        get
        {
            double entropy = MeanEntropy(),
                loss = PolicyLoss;
            _metrics[0] = new("loss/critic", CriticLoss);
            _metrics[1] = new("loss/actor", loss);
            _metrics[2] = new("loss/temperature", _temperature.Loss(-entropy));
            _metrics[3] = new("policy/temperature", _temperature.Value);
            _metrics[4] = new("policy/entropy", entropy);
            _metrics[5] = new("value/q", -(loss + (_temperature.Value * entropy)) / _options.RewardScale);
            _metrics[6] = new("value/target", ManagedRows.Mean(_backup) / _options.RewardScale);
            _metrics[7] = new("replay/size", _state.Count);
            _metrics[8] = new("replay/refused", _state.Refused);
            return _metrics;
        }
    }

    // For tests: networks and the gradients of the newest losses.
    internal ManagedNetworks PolicyNetworks => _policy;

    internal ManagedNetworks CriticNetworks => _critics;

    internal float TemperatureGradient => _temperature.Gradient;

    internal double CriticLoss => 0.5 * (ManagedRows.MeanSquare(_tdErrors[0]) + ManagedRows.MeanSquare(_tdErrors[1]));

    internal double PolicyLoss => ManagedRows.Mean(_losses);

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
        _critics.Carry(_state.RevertNormaliser(source));
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <remarks>min_i Q_i(s, argmax pi(s)): the value of the frozen policy's choice.</remarks>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values)
    {
        _probe.Estimate(_state, _policy.Parameters, observations, values, _options.RewardScale);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _policy.Save(writer, "sac/policy");
        _critics.Save(writer, "sac/critics");
        _critics.SaveTargets(writer, "sac/targets/parameters");
        _temperature.Save(writer, "sac/temperature");
        _state.Save(writer);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _policy.Load(reader, "sac/policy");
        _critics.Load(reader, "sac/critics");
        _critics.LoadTargets(reader, "sac/targets/parameters");
        _temperature.Load(reader, "sac/temperature");
        _state.Load(reader);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    /// <summary>alpha log pi(a | s_t) - min_i Q_i(s_t, a).</summary>
    private float Advantage(int row, int a) => (_temperature.Value * Row(_logPi, row)[a]) - Lowest(_online, row, a);

    private double MeanEntropy()
    {
        double sum = 0;
        for (int i = 0; i < _batch * _choices; i++)
        {
            sum -= (double)_pi[i] * _logPi[i];
        }

        return sum / _batch;
    }

    private Span<float> Row(float[] values, int row) => values.AsSpan(row * _choices, _choices);

    /// <summary>min(Q1, Q2) of a choice; NaN in either is NaN.</summary>
    private static float Lowest(ManagedMlpPass[] q, int row, int a) => MathF.Min(q[0].Output.Row(row)[a], q[1].Output.Row(row)[a]);

    // An index from elsewhere would be read and written beside the networks' outputs.
    private void CheckChoice(in Transition transition)
    {
        float choice = transition.Executed[0];
        if (float.IsFinite(choice) && (choice < 0 || choice >= _choices || choice != MathF.Floor(choice)))
        {
            throw new ArgumentException(
                $"SAC: the executed action is {choice}; allowed: a choice from 0 to {_choices - 1}.",
                nameof(transition)
            );
        }
    }
}
