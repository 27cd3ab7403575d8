using System.Collections.Immutable;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Replay;
using RobotRl.Algorithms.Sac;

namespace RobotRl.Algorithms.Droq;

/// <summary>
/// DroQ, soft actor-critic with critics of dropout and layer norm and many updates a transition, in managed SIMD code, for a robot's
/// own CPU: no libtorch, no allocation. Hiraoka et al., "Dropout Q-Functions for Doubly Efficient Reinforcement Learning", arXiv
/// 2110.02034, algorithm 2.
/// </summary>
/// <remarks>
/// <code>
/// paper                 here                     shape
/// s, s'                 _actor.Input, _nextActor.Input   [B x obs]
/// a                     _online[i].Input         [B x (obs + action)]: s and the action that was executed
/// r, gamma              _returns, _bootstraps    [B]: sum of gamma^k r_t+k over k below m; gamma^m, or 0 where terminated
/// theta                 _policy                  one packed block (DenseLayout)
/// phi_1, phi_2          _critics.Parameters      two networks in one packed block; extras: layer norms' scale and shift
/// phi-bar_1, 2          _critics.Targets         the same
/// alpha                 _temperature.Value
/// G                     UpdatesPerTransition     critic updates a transition; the policy's is every PolicyDelay-th
/// M                     2                        critics
/// </code>
/// A hidden layer of a critic is dense, dropout, layer norm, ReLU, in this order; dropout acts in the targets too, each pass with
/// draws of its own. The policy climbs the mean of the critics. Deviations from the paper: (1) those of <c>TorchSacLearner</c>,
/// (1) to (6); (2) values reported to the admission gate are computed without dropout. The same algorithm, options, random streams
/// and checkpoints as <c>TorchDroqLearner</c>. One thread at a time. Same seed, options and kind of CPU: the same weights bit for bit.
/// </remarks>
public sealed unsafe class ManagedDroqLearner : ILearner
{
    private readonly DroqOptions _options;
    private readonly int _observationSize,
        _actionSize,
        _batch;
    private readonly OffPolicyState _state;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[9];
    private readonly KernelMemory _memory = new();
    private readonly ManagedNetworks _policy,
        _critics;
    private readonly ManagedMlpPass _actor,
        _nextActor;
    private readonly ManagedDropoutPass[] _online,
        _target,
        _proposed; // Q at: executed actions; next actions; the policy's
    private readonly ManagedValueProbe _probe;
    private readonly SquashedGaussian _gaussian,
        _nextGaussian;
    private readonly Matrix[] _actionGradients;
    private readonly float* _actionWeights;
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
    public ManagedDroqLearner(DroqOptions options, int observationSize, int actionSize, ulong seed)
        : this(options, observationSize, actionSize, seed, DenseVector.BestWidth) { }

    /// <summary>As the public one, with the registers of a choice.</summary>
    internal ManagedDroqLearner(DroqOptions options, int observationSize, int actionSize, ulong seed, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate("Droq").ToList() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        (_options, _observationSize, _actionSize, _batch) = (options, observationSize, actionSize, options.BatchSize);
        ImmutableArray<int> hidden = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)];
        var actorShape = new MlpShape(observationSize, hidden, 2 * actionSize);
        var criticShape = new MlpShape(observationSize + actionSize, hidden, 1);
        Policy = new(actorShape, PolicyHead.SquashedGaussian, actionSize);

        var initialisation = new CounterRandom(seed, RandomPurpose.Initialisation);
        _state = new("DroQ", options, observationSize, actionSize, seed);
        _policy = new(_memory, actorShape, 1, options.ActorLearningRate, initialisation, width);
        _critics = new(
            _memory,
            criticShape,
            2,
            options.CriticLearningRate,
            initialisation,
            width,
            targets: true,
            extras: ManagedDropoutPass.InitialExtras(criticShape)
        );
        _temperature = new(options.InitialTemperature, options.TargetEntropy ?? -actionSize, options.TemperatureLearningRate);

        _actor = new(_memory, _policy.Layout, _batch, _batch);
        _nextActor = new(_memory, _policy.Layout, _batch, 0);
        _gaussian = new(_memory, _batch, actionSize, Policy.LogStdMin, Policy.LogStdMax);
        _nextGaussian = new(_memory, _batch, actionSize, Policy.LogStdMin, Policy.LogStdMax);
        _online = Passes(true);
        _target = Passes(false);
        _proposed = Passes(true);
        _probe = new(_memory, _policy.Layout, _critics, Passes(false), _batch, _actionSize);
        _actionGradients = [_memory.Matrix(_batch, actionSize), _memory.Matrix(_batch, actionSize)];
        _actionWeights = _memory.Floats(DenseKernels.TransposedLength(actionSize, options.HiddenWidth, width));
        _returns = new float[_batch];
        _bootstraps = new float[_batch];
        _backup = new float[_batch];
        _tdErrors = [new float[_batch], new float[_batch]];

        ManagedDropoutPass[] Passes(bool backward) =>
            [.. Enumerable.Range(0, 2).Select(_ => new ManagedDropoutPass(_memory, _critics, _batch, backward, options.DropoutRate))];
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
        bool delayed = (Updates + 1) % _options.PolicyDelay == 0;
        SampleMinibatch(delayed);
        EvaluateCriticLoss();
        ComputeCriticGradient();

        // phi-bar = rho phi-bar + (1 - rho) phi                                                    [algorithm 2, line 9]
        _state.Note(_critics.Step((float)_options.TargetRate));
        if (delayed)
        {
            EvaluatePolicyLoss();
            ComputePolicyGradient();
            _state.Note(_policy.Step());
            if (_options.LearnTemperature)
            {
                ComputeTemperatureGradient();
                _state.Note(_temperature.Step());
            }
        }

        _state.Finish();
        GC.KeepAlive(this);
    }

    private void SampleMinibatch(bool delayed)
    {
        _state.Sample();
        _state.NoiseRandom.FillGaussian(NextNoise);
        ManagedDropoutPass.Draw(_state.NoiseRandom, _target);
        ManagedDropoutPass.Draw(_state.NoiseRandom, _online);
        if (delayed)
        {
            _state.NoiseRandom.FillGaussian(Noise);
            ManagedDropoutPass.Draw(_state.NoiseRandom, _proposed);
        }

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
        ManagedRows.Place(nextObservations, o, _nextActor.Input);
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

    /// <summary>
    /// J_Q(phi_i) = E[(Q_i(s, a) - y)^2 / 2], y = r + gamma (min_i Q-bar_i(s', a') - alpha log pi(a' | s')), a' from the policy, dropout in
    /// all Qs  [algorithm 2, lines 6 to 8].
    /// </summary>
    internal void EvaluateCriticLoss()
    {
        _temperature.Refresh();
        _nextActor.Forward(_policy.Parameters);
        _nextGaussian.Forward(_nextActor.Output);
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.PlaceActions(_nextGaussian.Action, _batch, _actionSize, _target[i].Input, _observationSize);
            _target[i].Forward(_critics.Targets, i);
            _online[i].Forward(_critics.Parameters, i);
        }

        for (int row = 0; row < _batch; row++)
        {
            float value =
                ManagedRows.Lowest(_target[0].Output, _target[1].Output, row) - (_temperature.Value * _nextGaussian.LogProbability[row]);
            _backup[row] = _returns[row] + (_bootstraps[row] * value);
            for (int i = 0; i < 2; i++)
            {
                _tdErrors[i][row] = *_online[i].Output.Row(row) - _backup[row];
            }
        }
    }

    /// <summary>dJ_Q/dQ_i = (Q_i - y) / B.</summary>
    internal void ComputeCriticGradient()
    {
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.PlaceQuotients(_tdErrors[i], _batch, _online[i].OutputGradient);
            _online[i].Backward(i, weights: true);
        }
    }

    /// <summary>
    /// J_pi(theta) = E[alpha log pi(a | s) - mean_i Q_i(s, a)], a from the policy, dropout in both Qs [algorithm 2, line 10].
    /// </summary>
    internal void EvaluatePolicyLoss()
    {
        _actor.Forward(_policy.Parameters);
        _gaussian.Forward(_actor.Output);
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.PlaceActions(_gaussian.Action, _batch, _actionSize, _proposed[i].Input, _observationSize);
            _proposed[i].Forward(_critics.Parameters, i);
        }
    }

    /// <summary>dJ_pi/dtheta by dJ_pi/da = -sum_i dQ_i/da / 2B and the policy's own gradient.</summary>
    internal void ComputePolicyGradient()
    {
        MlpShape shape = _critics.Layout.Shape;
        for (int i = 0; i < 2; i++)
        {
            for (int row = 0; row < _batch; row++)
            {
                *_proposed[i].OutputGradient.Row(row) = -0.5f / _batch;
            }

            _proposed[i].Backward(i, weights: false);
            float* network = _critics.Network(_critics.Parameters, i);
            DenseKernels.PackTransposed(
                network,
                shape.Inputs,
                shape.LayerOutputs(0),
                _observationSize,
                _actionSize,
                _actionWeights,
                _critics.Layout.Width
            );
            DenseKernels.InputGradient(_proposed[i].FirstGradient, _actionWeights, default, _actionGradients[i], _critics.Layout.Width);
        }

        for (int row = 0; row < _batch; row++)
        {
            for (int a = 0; a < _actionSize; a++)
            {
                _actionGradients[0].Row(row)[a] += _actionGradients[1].Row(row)[a];
            }
        }

        _gaussian.Backward(_actionGradients[0], _temperature.Value / _batch, _actor.OutputGradient);
        _actor.Backward(_policy, 0, weights: true);
    }

    /// <summary>J(alpha) = E[-log alpha (log pi(a_t | s_t) + H-bar)]  [as in SAC, log alpha for alpha].</summary>
    internal void ComputeTemperatureGradient() => _temperature.ComputeGradient(MeanLogPi());

    /// <inheritdoc/>
    /// <remarks>
    /// <c>loss/critic</c> is the sum of both; <c>policy/entropy</c> = -E log pi; <c>value/q</c> is the mean Q of the
    /// policy's actions, <c>value/target</c> the mean backup, both in the rewards' own units; the losses are scaled.
    /// </remarks>
    public ReadOnlySpan<LearnerMetric> Metrics
    {
        get
        {
            double logPi = MeanLogPi(),
                value = MeanProposed();
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

    internal Span<float> Noise => new(_gaussian.Noise, _batch * _actionSize);

    internal Span<float> NextNoise => new(_nextGaussian.Noise, _batch * _actionSize);

    /// <summary>Draws the dropout of all passes in the order of an update.</summary>
    internal void DrawDropout(CounterRandom random)
    {
        ManagedDropoutPass.Draw(random, _target);
        ManagedDropoutPass.Draw(random, _online);
        ManagedDropoutPass.Draw(random, _proposed);
    }

    internal float TemperatureGradient => _temperature.Gradient;

    internal double CriticLoss => 0.5 * (ManagedRows.MeanSquare(_tdErrors[0]) + ManagedRows.MeanSquare(_tdErrors[1]));

    internal double PolicyLoss => (_temperature.Value * MeanLogPi()) - MeanProposed();

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
        _policy.Save(writer, "droq/policy");
        _critics.Save(writer, "droq/critics");
        _critics.SaveTargets(writer, "droq/targets/parameters");
        _temperature.Save(writer, "droq/temperature");
        _state.Save(writer);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _policy.Load(reader, "droq/policy");
        _critics.Load(reader, "droq/critics");
        _critics.LoadTargets(reader, "droq/targets/parameters");
        _temperature.Load(reader, "droq/temperature");
        _state.Load(reader);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private double MeanLogPi() => ManagedRows.Mean(new ReadOnlySpan<float>(_gaussian.LogProbability, _batch));

    private double MeanProposed() => 0.5 * (ManagedRows.Mean(_proposed[0].Output) + ManagedRows.Mean(_proposed[1].Output));
}
