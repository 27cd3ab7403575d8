using System.Collections.Immutable;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Replay;

namespace RobotRl.Algorithms.Sac;

/// <summary>
/// Soft actor-critic with twin Q functions and a learned temperature in managed SIMD code, for a robot's own CPU: no libtorch, no
/// allocation. Haarnoja et al., "Soft Actor-Critic Algorithms and Applications", arXiv 1812.05905v2, algorithm 1.
/// </summary>
/// <remarks>
/// <code>
/// paper                 here                     shape
/// s_t, s_t+1            _actor.Input             [2B x obs]: rows 0 to B-1 and B to 2B-1
/// a_t                   _online[i].Input         [B x (obs + action)]: s_t and the action that was executed
/// r_t, gamma            _returns, _bootstraps    [B]: sum of gamma^k r_t+k over k below m; gamma^m, or 0 where terminated
/// f_phi(eps; s), log pi _gaussian                [2B x action], [2B]
/// phi                   _policy                  one packed block (DenseLayout)
/// theta_1, theta_2      _critics.Parameters      two networks in one packed block
/// theta-bar_1, 2        _critics.Targets         the same
/// alpha                 _temperature.Value
/// sigma (gSDE) _policy's extras [last hidden x action], as logarithms; arXiv 2005.05719, where StateDependentExploration is set
/// H-bar                 TargetEntropy            -(action dimensions) unless set
/// </code>
/// The same algorithm, options, random streams and checkpoints as <c>TorchSacLearner</c>, whose header lists the deviations from
/// the paper; a checkpoint of one continues in the other, and tests hold their gradients and 200 updates together. The target
/// average is done in the pass of the critics' optimiser: nothing reads it in between. One thread at a time. Same seed, options
/// and kind of CPU: the same weights bit for bit.
/// </remarks>
public sealed unsafe class ManagedSacLearner : ILearner
{
    private readonly SacOptions _options;
    private readonly int _observationSize,
        _actionSize,
        _batch;
    private readonly OffPolicyState _state;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[9];
    private readonly KernelMemory _memory = new();
    private readonly ManagedNetworks _policy,
        _critics;
    private readonly ManagedMlpPass _actor;
    private readonly ManagedMlpPass[] _online,
        _target,
        _proposed; // Q at: executed actions; next actions; the policy's
    private readonly ManagedValueProbe _probe;
    private readonly SquashedGaussian _gaussian;
    private readonly StateDependentNoise? _noise; // gSDE, or null
    private readonly ManagedLowerCritic _lowerCritic;
    private readonly float[] _returns,
        _bootstraps,
        _backup;
    private readonly float[][] _tdErrors;
    private readonly LearnedTemperature _temperature;

    /// <summary>Makes a learner.</summary>
    /// <param name="options">Settings; they must be valid.</param>
    /// <param name="observationSize">Floats per raw observation.</param>
    /// <param name="actionSize">Action dimensions.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public ManagedSacLearner(SacOptions options, int observationSize, int actionSize, ulong seed)
        : this(options, observationSize, actionSize, seed, DenseVector.BestWidth) { }

    /// <summary>As the public one, with the registers of a choice.</summary>
    internal ManagedSacLearner(SacOptions options, int observationSize, int actionSize, ulong seed, SimdWidth width)
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
        _policy = new(_memory, actorShape, 1, options.ActorLearningRate, initialisation, width, extras: logSigma);
        _critics = new(_memory, criticShape, 2, options.CriticLearningRate, initialisation, width, targets: true);
        _temperature = new(options.InitialTemperature, options.TargetEntropy ?? -actionSize, options.TemperatureLearningRate);

        _actor = new(_memory, _policy.Layout, 2 * _batch, _batch);
        _noise = stateDependent ? new(_memory, 2 * _batch, _batch, options.HiddenWidth, actionSize) : null;
        _gaussian = new(_memory, 2 * _batch, actionSize, Policy.LogStdMin, Policy.LogStdMax);
        _lowerCritic = new(_memory, _critics.Layout, _batch, actionSize);
        _online = Passes(_batch);
        _target = Passes(0);
        _proposed = Passes(0);
        _probe = new(_memory, _policy.Layout, _critics, _batch, _actionSize);
        _returns = new float[_batch];
        _bootstraps = new float[_batch];
        _backup = new float[_batch];
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
        SampleMinibatch();
        EvaluatePolicy();
        EvaluateCriticLoss();
        ComputeCriticGradient();

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

    private void SampleMinibatch()
    {
        _state.Sample();
        _state.NoiseRandom.FillGaussian(new Span<float>(_gaussian.Noise, 2 * _batch * _actionSize));
        PlaceMinibatch(_state.Observations, _state.Actions, _state.Returns, _state.Bootstraps, _state.NextObservations);
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
        ManagedRows.Place(nextObservations, o, _actor.Input.Part(_batch, _batch));
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.Place(observations, o, _online[i].Input);
            ManagedRows.Place(actions, a, _online[i].Input, o);
            ManagedRows.Place(nextObservations, o, _target[i].Input);
            ManagedRows.Place(observations, o, _proposed[i].Input);
        }

        for (int row = 0; row < _batch; row++)
        {
            _returns[row] = returns[row] * (float)_options.RewardScale;
            _bootstraps[row] = bootstraps[row];
        }
    }

    /// <summary>a = f_phi(eps; s) and log pi(a | s) at s_t and s_t+1 [eq. 8], and alpha.</summary>
    internal void EvaluatePolicy()
    {
        _temperature.Refresh();
        _actor.Forward(_policy.Parameters);
        _noise?.Forward(_actor.Output, _actor.Activations(_options.HiddenLayers), _policy.Extras(_policy.Parameters, 0));
        _gaussian.Forward(_noise?.Head ?? _actor.Output);
    }

    /// <summary>
    /// J_Q(theta_i) = E[(Q_i(s_t, a_t) - (r_t + gamma V(s_t+1)))^2 / 2], V(s) = min_i Q-bar_i(s, a) - alpha log pi(a | s) [eqs.
    /// 5, 3].
    /// </summary>
    internal void EvaluateCriticLoss()
    {
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.PlaceActions(_gaussian.Action + (_batch * _actionSize), _batch, _actionSize, _target[i].Input, _observationSize);
            _target[i].Forward(_critics.Network(_critics.Targets, i));
            _online[i].Forward(_critics.Network(_critics.Parameters, i));
        }

        for (int row = 0; row < _batch; row++)
        {
            float value =
                ManagedRows.Lowest(_target[0].Output, _target[1].Output, row)
                - (_temperature.Value * _gaussian.LogProbability[_batch + row]);
            _backup[row] = _returns[row] + (_bootstraps[row] * value);
            for (int i = 0; i < 2; i++)
            {
                _tdErrors[i][row] = *_online[i].Output.Row(row) - _backup[row];
            }
        }
    }

    /// <summary>dJ_Q/dQ_i = (Q_i - backup) / B  [eq. 6].</summary>
    internal void ComputeCriticGradient()
    {
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.PlaceQuotients(_tdErrors[i], _batch, _online[i].OutputGradient);
            _online[i].Backward(_critics, i, weights: true);
        }
    }

    /// <summary>J_pi(phi) = E[alpha log pi(f_phi(eps; s) | s) - min_i Q_i(s, f_phi(eps; s))]  [eq. 9, with the lower of two Qs].</summary>
    internal void EvaluatePolicyLoss()
    {
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.PlaceActions(_gaussian.Action, _batch, _actionSize, _proposed[i].Input, _observationSize);
            _proposed[i].Forward(_critics.Network(_critics.Parameters, i));
        }
    }

    /// <summary>dJ_pi/dphi by dJ_pi/da = -dQ/da / B of the lower Q and the policy's own gradient  [eq. 10].</summary>
    internal void ComputePolicyGradient()
    {
        _lowerCritic.Compute(_proposed, _critics, -1f / _batch);
        _gaussian.Backward(_lowerCritic.Result, _temperature.Value / _batch, _noise?.HeadGradient ?? _actor.OutputGradient);
        _noise?.Backward(_actor.Activations(_options.HiddenLayers), _actor.OutputGradient, _policy.Extras(_policy.Gradients, 0));
        _actor.Backward(_policy, 0, weights: true, _noise?.FeatureGradient ?? default);
    }

    /// <summary>J(alpha) = E[-log alpha (log pi(a_t | s_t) + H-bar)]  [eq. 18, log alpha for alpha].</summary>
    internal void ComputeTemperatureGradient() => _temperature.ComputeGradient(MeanLogPi());

    /// <inheritdoc/>
    /// <remarks>
    /// <c>loss/critic</c> is the sum of both; <c>policy/entropy</c> = -E log pi; <c>value/q</c> is the mean lower Q of the
    /// policy's actions, <c>value/target</c> the mean backup, both in the rewards' own units; the losses are scaled.
    /// </remarks>
    public ReadOnlySpan<LearnerMetric> Metrics
    {
        get
        {
            double logPi = MeanLogPi(),
                value = ManagedRows.MeanLowest(_proposed[0].Output, _proposed[1].Output);
            _metrics[0] = new("loss/critic", CriticLoss);
            _metrics[1] = new("loss/actor", PolicyLoss);
            _metrics[2] = new("loss/temperature", _temperature.Loss(logPi));
            _metrics[3] = new("policy/temperature", _temperature.Value);
            _metrics[4] = new("policy/entropy", -logPi);
            _metrics[5] = new("value/q", value / _options.RewardScale);
            _metrics[6] = new("value/target", ManagedRows.Mean(_backup) / _options.RewardScale);
            _metrics[7] = new("replay/size", _state.Count);
            _metrics[8] = new("replay/refused", _state.Refused);
            return _metrics;
        }
    }

    // For tests: networks, noise and the gradients of the newest losses.
    internal ManagedNetworks PolicyNetworks => _policy;

    internal ManagedNetworks CriticNetworks => _critics;

    internal Span<float> Noise => new(_gaussian.Noise, 2 * _batch * _actionSize);

    internal float TemperatureGradient => _temperature.Gradient;

    internal double CriticLoss => 0.5 * (ManagedRows.MeanSquare(_tdErrors[0]) + ManagedRows.MeanSquare(_tdErrors[1]));

    internal double PolicyLoss => (_temperature.Value * MeanLogPi()) - ManagedRows.MeanLowest(_proposed[0].Output, _proposed[1].Output);

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _policy.CopyWithExtras(0, destination.Parameters);
        _state.CopyPolicy(destination);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void RevertPolicy(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _policy.ReplaceWithExtras(0, source.Parameters);
        _critics.Carry(_state.RevertNormaliser(source));
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <remarks>min_i Q_i(s, tanh(mu(s))): the value of the frozen policy's action.</remarks>
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

    private double MeanLogPi() => ManagedRows.Mean(new ReadOnlySpan<float>(_gaussian.LogProbability, _batch));
}
