#if TORCH
using System.Collections.Immutable;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Replay;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Sac;

/// <summary>
/// Soft actor-critic with twin Q functions and a learned temperature, on TorchSharp (CPU or CUDA), for continuous actions.
/// Haarnoja et al., "Soft Actor-Critic Algorithms and Applications", arXiv 1812.05905v2, algorithm 1.
/// </summary>
/// <remarks>
/// <code>
/// paper                 here                     shape
/// s_t, s_t+1            _actor.Input             [2B x obs]: rows 0 to B-1 and B to 2B-1
/// a_t                   _online[i].Input         [B x (obs + action)]: s_t and the action that was executed
/// r_t, gamma            _returns, _bootstraps    [B x 1]: scaled sum of gamma^k r_t+k over k below m; gamma^m, or 0 where terminated
/// f_phi(eps; s), log pi _gaussian                [2B x action], [2B x 1]
/// phi                   _policy                  [actor], laid out as MlpShape says
/// theta_1, theta_2      _critics                 [2 x critic], one flat tensor
/// theta-bar_1, 2        _targetParameters        [2 x critic]
/// alpha                 _temperature.Value       [1]
/// sigma (gSDE) _policy's extras [last hidden x action], as logarithms; arXiv 2005.05719, where StateDependentExploration is set
/// H-bar                 TargetEntropy            a number, -(action dimensions) unless set
/// tau                   _targetRate
/// </code>
/// Gradients are written out beside their losses instead of recorded: no graph, no temporaries, every product goes into a
/// buffer made once. Tests hold them against finite differences and automatic differentiation.
/// Deviations from the paper: (1) the temperature's loss has the factor log alpha for alpha (as in SB3: same sign and zero of
/// the gradient, and alpha stays positive); (2) all losses of an update use the alpha of its start (SB3); (3) log sigma is
/// clamped to [-20, 2] (SB3); (4) n-step returns may be used, without the entropies of the steps between and without a
/// correction for the policy that acted; (5) updates per transition may differ from 1; (6) rewards may be scaled.
/// One thread at a time. Same seed, options, thread count and kind of CPU: the same weights bit for bit.
/// </remarks>
public sealed class TorchSacLearner : ILearner
{
    private readonly SacOptions _options;
    private readonly int _observationSize,
        _actionSize,
        _batch;
    private readonly OffPolicyState _state;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[9];
    private readonly List<IDisposable> _owned = [];

    private readonly TorchNetworks _policy,
        _critics;
    private readonly TorchMlp[] _targets;
    private readonly Tensor _targetParameters,
        _targetRate;
    private readonly TorchTemperature _temperature;

    private readonly TorchMlpPass _actor;
    private readonly TorchMlpPass[] _online,
        _target,
        _proposed; // Q at: executed actions; next actions; the policy's
    private readonly TorchSquashedGaussian _gaussian;
    private readonly TorchStateDependentNoise? _noise; // gSDE, or null
    private readonly TorchLowerCritic? _lowerCritic; // null: both critics in full (CUDA, where gathering samples costs more; float64)

    private readonly TorchHostBatch _host;
    private readonly TorchTwinProbe _probe;
    private readonly Tensor _hostPolicy;
    private readonly Tensor _states,
        _nextStates,
        _returns,
        _bootstraps,
        _actions,
        _nextActions,
        _logPi,
        _nextLogPi;
    private readonly Tensor[] _onlineStates,
        _onlineActions,
        _targetStates,
        _targetActions,
        _proposedStates,
        _proposedActions;
    private readonly Tensor[] _tdErrors,
        _actionWeights,
        _share;
    private readonly Tensor _backup,
        _lowest,
        _weight,
        _actionGradient;
    private readonly Scalar _one = TorchArithmetic.Constant(1),
        _minusOne = TorchArithmetic.Constant(-1),
        _half = TorchArithmetic.Constant(0.5),
        _perSample,
        _minusPerSample,
        _rewardScale;

    /// <summary>Makes a learner.</summary>
    /// <param name="options">Settings; they must be valid.</param>
    /// <param name="observationSize">Floats per raw observation.</param>
    /// <param name="actionSize">Action dimensions.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</param>
    public TorchSacLearner(SacOptions options, int observationSize, int actionSize, ulong seed, string device = "cpu")
        : this(options, observationSize, actionSize, seed, new Device(device), ScalarType.Float32) { }

    /// <summary>As the public one; tests compute gradients in float64 (only <see cref="Update"/> needs float32).</summary>
    internal TorchSacLearner(SacOptions options, int observationSize, int actionSize, ulong seed, Device device, ScalarType type)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate("Sac").ToList() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        (_options, _observationSize, _actionSize, _batch) = (options, observationSize, actionSize, options.BatchSize);
        ImmutableArray<int> hidden = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)];
        bool stateDependent = options.StateDependentExploration;
        var actorShape = new MlpShape(observationSize, hidden, stateDependent ? actionSize : 2 * actionSize);
        var criticShape = new MlpShape(observationSize + actionSize, hidden, 1);
        Policy = new(actorShape, stateDependent ? PolicyHead.StateDependentGaussian : PolicyHead.SquashedGaussian, actionSize)
        {
            NoiseSteps = options.SdeSampleFrequency,
        };

        var initialisation = new CounterRandom(seed, RandomPurpose.Initialisation);
        _state = new("SAC", options, observationSize, actionSize, seed);
        float[] logSigma = [.. Enumerable.Repeat((float)options.SdeLogStd, Policy.NoiseParameterCount)];
        _policy = Own(new TorchNetworks(actorShape, 1, options.ActorLearningRate, initialisation, type, device, logSigma));
        _critics = Own(new TorchNetworks(criticShape, 2, options.CriticLearningRate, initialisation, type, device));
        _targetParameters = Own(_critics.Parameters.clone());
        _targets = TorchNetworks.Views(criticShape, 2, _targetParameters);
        _owned.AddRange(_targets);
        _targetRate = Own(TorchArithmetic.One(options.TargetRate, type, device));
        _temperature = Own(
            new TorchTemperature(
                options.InitialTemperature,
                options.TargetEntropy ?? -actionSize,
                options.TemperatureLearningRate,
                _batch,
                type,
                device
            )
        );

        _actor = Own(new TorchMlpPass(actorShape, 2 * _batch, _batch, type, device));
        _noise = stateDependent
            ? Own(
                new TorchStateDependentNoise(
                    _actor.Output,
                    _actor.Features,
                    _batch,
                    _policy.LastExtras(_policy.Parameters),
                    _policy.LastExtras(_policy.Gradients)
                )
            )
            : null;
        _gaussian = Own(new TorchSquashedGaussian(_noise?.Head ?? _actor.Output, _batch, Policy.LogStdMin, Policy.LogStdMax));
        _lowerCritic =
            device.type == DeviceType.CPU && type == ScalarType.Float32 ? Own(new TorchLowerCritic(criticShape, _batch, actionSize)) : null;
        _online = Passes(_batch);
        _target = Passes(0);
        _proposed = Passes(_batch);
        _probe = Own(new TorchTwinProbe(actorShape, criticShape, _batch, actionSize, type, device));

        _host = Own(new TorchHostBatch(_batch, observationSize, actionSize, 2 * _batch, device));
        _hostPolicy = Own(zeros(Policy.ParameterCount));

        _states = Own(_actor.Input.narrow(0, 0, _batch));
        _nextStates = Own(_actor.Input.narrow(0, _batch, _batch));
        _actions = Own(_gaussian.Action.narrow(0, 0, _batch));
        _nextActions = Own(_gaussian.Action.narrow(0, _batch, _batch));
        _logPi = Own(_gaussian.LogProbability.narrow(0, 0, _batch));
        _nextLogPi = Own(_gaussian.LogProbability.narrow(0, _batch, _batch));
        (_onlineStates, _onlineActions) = Columns(_online);
        (_targetStates, _targetActions) = Columns(_target);
        (_proposedStates, _proposedActions) = Columns(_proposed);
        _actionWeights = [.. _critics.Networks.Select(c => Own(c.WeightsTransposed[0].narrow(1, observationSize, actionSize)))];

        _returns = Column();
        _bootstraps = Column();
        _backup = Column();
        _lowest = Column();
        _tdErrors = [Column(), Column()];
        _share = [Column(), Column()];
        _weight = Own(zeros(1, type, device));
        _actionGradient = Own(zeros(_batch, actionSize, type, device));
        _rewardScale = TorchArithmetic.Constant(options.RewardScale);
        _perSample = TorchArithmetic.Constant(1.0 / _batch);
        _minusPerSample = TorchArithmetic.Constant(-1.0 / _batch);

        TorchMlpPass[] Passes(int backwardRows) =>
            [.. Enumerable.Range(0, 2).Select(_ => Own(new TorchMlpPass(criticShape, _batch, backwardRows, type, device)))];
        (Tensor[] States, Tensor[] Actions) Columns(TorchMlpPass[] passes) =>
            (
                [.. passes.Select(p => p.InputColumns(0, observationSize))],
                [.. passes.Select(p => p.InputColumns(observationSize, actionSize))]
            );
        Tensor Column() => Own(zeros(_batch, 1, type, device));
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
        TorchThreads.Apply();
        SampleMinibatch();
        EvaluatePolicy();
        EvaluateCriticLoss();
        ComputeCriticGradient();
        _state.Note(_critics.Adam.Step());
        EvaluatePolicyLoss();
        ComputePolicyGradient();
        _state.Note(_policy.Adam.Step());
        if (_options.LearnTemperature)
        {
            ComputeTemperatureGradient();
            _state.Note(_temperature.Step());
        }

        // theta-bar = tau theta + (1 - tau) theta-bar                                             [algorithm 1, last line]
        _targetParameters.lerp_(_critics.Parameters, _targetRate);
        _state.Finish();
    }

    private void SampleMinibatch()
    {
        _host.Sample(_state);
        CopyMinibatch(_host.Observations, _host.Actions, _host.Returns, _host.Bootstraps, _host.NextObservations, _host.Noise);
    }

    /// <summary>Puts a minibatch, already normalised, where the passes read it.</summary>
    internal void CopyMinibatch(
        Tensor observations,
        Tensor actions,
        Tensor returns,
        Tensor bootstraps,
        Tensor nextObservations,
        Tensor noise
    )
    {
        _states.copy_(observations);
        _nextStates.copy_(nextObservations);
        _returns.copy_(returns).mul_(_rewardScale);
        _bootstraps.copy_(bootstraps);
        _gaussian.Noise.copy_(noise);
        for (int i = 0; i < 2; i++)
        {
            _onlineStates[i].copy_(_states);
            _onlineActions[i].copy_(actions);
            _targetStates[i].copy_(_nextStates);
            _proposedStates[i].copy_(_states);
        }
    }

    /// <summary>a = f_phi(eps; s) and log pi(a | s) at s_t and s_t+1 [eq. 8], and alpha.</summary>
    internal void EvaluatePolicy()
    {
        _temperature.Refresh();
        _actor.Forward(_policy.Networks[0]);
        _noise?.Forward();
        _gaussian.Forward();
    }

    /// <summary>
    /// J_Q(theta_i) = E[(Q_i(s_t, a_t) - (r_t + gamma V(s_t+1)))^2 / 2], V(s) = min_i Q-bar_i(s, a) - alpha log pi(a | s) [eqs.
    /// 5, 3].
    /// </summary>
    internal void EvaluateCriticLoss()
    {
        for (int i = 0; i < 2; i++)
        {
            _targetActions[i].copy_(_nextActions);
            _target[i].Forward(_targets[i]);
            _online[i].Forward(_critics.Networks[i]);
        }

        using Tensor lowest = minimum(_target[0].Output, _target[1].Output);
        _backup.copy_(_nextLogPi).mul_(_temperature.Value).mul_(_minusOne).add_(lowest, _one).mul_(_bootstraps).add_(_returns, _one);
        for (int i = 0; i < 2; i++)
        {
            _tdErrors[i].copy_(_online[i].Output).add_(_backup, _minusOne);
        }
    }

    /// <summary>dJ_Q/dQ_i = (Q_i - backup) / B  [eq. 6].</summary>
    internal void ComputeCriticGradient()
    {
        for (int i = 0; i < 2; i++)
        {
            _online[i].Output.copy_(_tdErrors[i]).mul_(_perSample);
            _online[i].Backward(_critics.Networks[i], _critics.NetworkGradients[i], _online[i].Output);
        }
    }

    /// <summary>J_pi(phi) = E[alpha log pi(f_phi(eps; s) | s) - min_i Q_i(s, f_phi(eps; s))]  [eq. 9, with the lower of two Qs].</summary>
    internal void EvaluatePolicyLoss()
    {
        for (int i = 0; i < 2; i++)
        {
            _proposedActions[i].copy_(_actions);
            _proposed[i].Forward(_critics.Networks[i]);
        }

        using Tensor lowest = minimum(_proposed[0].Output, _proposed[1].Output);
        _lowest.copy_(lowest);
    }

    /// <summary>dJ_pi/dphi by dJ_pi/da = -dQ/da / B of the lower Q and the policy's own gradient  [eq. 10].</summary>
    internal void ComputePolicyGradient()
    {
        _weight.copy_(_temperature.Value).mul_(_perSample);
        if (_lowerCritic is not null)
        {
            _lowerCritic.Compute(_proposed, _critics.Networks, _actionWeights, -1f / _batch, _actionGradient);
        }
        else
        {
            BackThroughBothCritics();
        }

        _gaussian.Backward(_actionGradient, _weight);
        _noise?.Backward(_gaussian.LogStdGradient);
        _actor.Backward(
            _policy.Networks[0],
            _policy.NetworkGradients[0],
            _noise is null ? _gaussian.HeadGradient : _gaussian.MeanGradient,
            _noise?.FeatureGradient
        );
    }

    private void BackThroughBothCritics()
    {
        _share[1].copy_(_proposed[0].Output).add_(_proposed[1].Output, _minusOne).sign_().Increase(_one).mul_(_half);
        _share[0].copy_(_share[1]).mul_(_minusOne).Increase(_one);
        for (int i = 0; i < 2; i++)
        {
            _share[i].mul_(_minusPerSample);
            _proposed[i].Backward(_critics.Networks[i], null, _share[i]);
            _actionGradient.addmm_(_proposed[i].FirstGradient, _actionWeights[i], beta: i, alpha: 1);
        }
    }

    /// <summary>J(alpha) = E[-log alpha (log pi(a_t | s_t) + H-bar)]  [eq. 18, log alpha for alpha].</summary>
    internal void ComputeTemperatureGradient() => _temperature.ComputeGradient(_logPi);

    /// <inheritdoc/>
    /// <remarks>
    /// <c>loss/critic</c> is the sum of both; <c>policy/entropy</c> = -E log pi; <c>value/q</c> is the mean lower Q of the
    /// policy's actions, <c>value/target</c> the mean backup, both in the rewards' own units; the losses are scaled.
    /// </remarks>
    public ReadOnlySpan<LearnerMetric> Metrics
    {
        get
        {
            double logPi = TorchMemory.Mean(_logPi),
                value = TorchMemory.Mean(_lowest);
            _metrics[0] = new("loss/critic", CriticLoss);
            _metrics[1] = new("loss/actor", PolicyLoss);
            _metrics[2] = new("loss/temperature", TemperatureLoss);
            _metrics[3] = new("policy/temperature", TorchMemory.Mean(_temperature.Value));
            _metrics[4] = new("policy/entropy", -logPi);
            _metrics[5] = new("value/q", value / _options.RewardScale);
            _metrics[6] = new("value/target", TorchMemory.Mean(_backup) / _options.RewardScale);
            _metrics[7] = new("replay/size", _state.Count);
            _metrics[8] = new("replay/refused", _state.Refused);
            return _metrics;
        }
    }

    // For tests: parameters and the gradients of the newest losses.
    internal Tensor PolicyParameters => _policy.Parameters;
    internal Tensor PolicyGradients => _policy.Gradients;
    internal Tensor CriticParameters => _critics.Parameters;
    internal Tensor CriticGradients => _critics.Gradients;
    internal Tensor TargetParameters => _targetParameters;
    internal Tensor LogTemperature => _temperature.Log;
    internal Tensor TemperatureGradient => _temperature.Gradient;
    internal double CriticLoss => _tdErrors.Sum(e => 0.5 * TorchMemory.MeanSquare(e));
    internal double PolicyLoss => (TorchMemory.Mean(_temperature.Value) * TorchMemory.Mean(_logPi)) - TorchMemory.Mean(_lowest);
    internal double TemperatureLoss => _temperature.Loss(_logPi);

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _hostPolicy.copy_(_policy.Parameters);
        TorchMemory.Host(_hostPolicy).CopyTo(destination.Parameters);
        _state.CopyPolicy(destination);
    }

    /// <inheritdoc/>
    public void RevertPolicy(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        source.Parameters.CopyTo(TorchMemory.Host(_hostPolicy));
        _policy.Parameters.copy_(_hostPolicy);
        _policy.Adam.Reset();
        _critics.Carry(_state.RevertNormaliser(source), _targetParameters);
    }

    /// <inheritdoc/>
    /// <remarks>min_i Q_i(s, tanh(mu(s))): the value of the frozen policy's action.</remarks>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values)
    {
        TorchThreads.Apply();
        _probe.Estimate(_state, _policy.Networks[0], _critics.Networks, observations, values, _options.RewardScale);
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _policy.Save(writer, "sac/policy");
        _critics.Save(writer, "sac/critics");
        TorchMemory.Write(writer, "sac/targets/parameters", _targetParameters);
        _temperature.Save(writer, "sac/temperature");
        _state.Save(writer);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _policy.Load(reader, "sac/policy");
        _critics.Load(reader, "sac/critics");
        TorchMemory.Read(reader, "sac/targets/parameters", _targetParameters);
        _temperature.Load(reader, "sac/temperature");
        _state.Load(reader);
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.ForEach(o => o.Dispose());

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }
}
#endif
