#if TORCH
using System.Collections.Immutable;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Replay;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Droq;

/// <summary>
/// DroQ on TorchSharp with recorded gradients (CPU or CUDA): the reference that proves <see cref="ManagedDroqLearner"/>, whose header
/// has the sources, the symbols and the deviations. Hiraoka et al., arXiv 2110.02034, algorithm 2.
/// </summary>
/// <remarks>One thread at a time. Same seed, options, thread count and kind of CPU: the same weights bit for bit.</remarks>
public sealed class TorchDroqLearner : ILearner
{
    private readonly DroqOptions _options;
    private readonly int _observationSize,
        _actionSize,
        _batch;
    private readonly OffPolicyState _state;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[9];
    private readonly ScalarType _type;
    private readonly Device _device;
    private readonly TorchLeafNetworks _policy,
        _critics;
    private readonly Tensor _logTemperature,
        _temperatureGradient;
    private readonly TorchAdam _temperatureAdam;
    private readonly DropoutPositions[] _dropped;
    private readonly float[] _noise,
        _mask;
    private readonly double _targetEntropy;
    private double _criticLoss,
        _policyLoss,
        _target,
        _meanLogPi,
        _value,
        _temperature;

    /// <summary>Makes a learner.</summary>
    /// <param name="options">Settings; they must be valid.</param>
    /// <param name="observationSize">Floats per raw observation.</param>
    /// <param name="actionSize">Action dimensions.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</param>
    public TorchDroqLearner(DroqOptions options, int observationSize, int actionSize, ulong seed, string device = "cpu")
        : this(options, observationSize, actionSize, seed, new Device(device), ScalarType.Float32) { }

    internal TorchDroqLearner(DroqOptions options, int observationSize, int actionSize, ulong seed, Device device, ScalarType type)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate("Droq").ToList() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        (_options, _observationSize, _actionSize, _batch, _device, _type) = (
            options,
            observationSize,
            actionSize,
            options.BatchSize,
            device,
            type
        );
        ImmutableArray<int> hidden = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)];
        var criticShape = new MlpShape(observationSize + actionSize, hidden, 1);
        Policy = new(new MlpShape(observationSize, hidden, 2 * actionSize), PolicyHead.SquashedGaussian, actionSize);
        _targetEntropy = options.TargetEntropy ?? -actionSize;
        var initialisation = new CounterRandom(seed, RandomPurpose.Initialisation);
        _state = new("DroQ", options, observationSize, actionSize, seed);
        _policy = new(Policy.Network, 1, options.ActorLearningRate, initialisation, type, device);
        _critics = new(
            criticShape,
            2,
            options.CriticLearningRate,
            initialisation,
            type,
            device,
            targets: true,
            extras: ManagedDropoutPass.InitialExtras(criticShape)
        );
        _temperature = options.InitialTemperature;
        _logTemperature = zeros(1, ScalarType.Float32).SetTo(Math.Log(options.InitialTemperature));
        _temperatureGradient = zeros(1, ScalarType.Float32);
        _temperatureAdam = new(_logTemperature, _temperatureGradient, options.TemperatureLearningRate);
        _dropped =
        [
            .. Enumerable
                .Range(0, options.HiddenLayers)
                .Select(_ => new DropoutPositions(_batch * options.HiddenWidth, options.DropoutRate)),
        ];
        _mask = new float[_batch * options.HiddenWidth];
        _noise = new float[_batch * actionSize];
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
    public void Observe(in Transition transition) => _state.Observe(transition);

    /// <inheritdoc/>
    public void Restore(in Transition transition) => _state.Restore(transition);

    /// <inheritdoc/>
    public void Update()
    {
        _state.RequireReady();
        TorchThreads.Apply();
        _state.Sample();
        bool delayed = (Updates + 1) % _options.PolicyDelay == 0;
        using DisposeScope scope = NewDisposeScope();
        Tensor states = Rows(_state.Observations, _observationSize);
        _state.NoiseRandom.FillGaussian(_noise);
        _critics.Gradient(
            CriticLoss(
                states,
                Rows(_state.Actions, _actionSize),
                Rows(_state.Returns, 1).Times(_options.RewardScale),
                Rows(_state.Bootstraps, 1),
                Rows(_state.NextObservations, _observationSize),
                Rows(_noise, _actionSize),
                _state.NoiseRandom
            )
        );
        if (delayed)
        {
            _state.NoiseRandom.FillGaussian(_noise);
            Tensor[][] masks = Masks(_state.NoiseRandom);
            StepCritics();
            _policy.Gradient(PolicyLoss(states, Rows(_noise, _actionSize), masks));
            _state.Note(_policy.Step());
            if (_options.LearnTemperature)
            {
                // J(alpha) = E[-log alpha (log pi(a | s) + H-bar)]
                _temperatureGradient.SetTo(-_meanLogPi - _targetEntropy);
                _state.Note(_temperatureAdam.Step());
            }
        }
        else
        {
            StepCritics();
        }

        _state.Finish();

        void StepCritics()
        {
            // phi-bar = rho phi-bar + (1 - rho) phi                                                [algorithm 2, line 9]
            _state.Note(_critics.Step());
            _critics.Average(_options.TargetRate);
        }
    }

    /// <summary>
    /// The dropout of both critics' passes, [critic][hidden layer], each [B x width], drawn in the order in which the managed
    /// form draws.
    /// </summary>
    internal Tensor[][] Masks(CounterRandom random) =>
        [
            .. Enumerable
                .Range(0, 2)
                .Select(_ =>
                    _dropped
                        .Select(layer =>
                        {
                            layer.Draw(random);
                            layer.CopyMask(_mask);
                            return Rows(_mask, _options.HiddenWidth);
                        })
                        .ToArray()
                ),
        ];

    /// <summary>
    /// J_Q = sum over i of E[(Q_i(s, a) - y)^2 / 2], y = r + gamma (min_i Q-bar_i(s', a') - alpha log pi(a' | s')), dropout in all Qs
    /// [algorithm 2, lines 6 to 8].
    /// </summary>
    internal Tensor CriticLoss(
        Tensor states,
        Tensor actions,
        Tensor returns,
        Tensor bootstraps,
        Tensor nextStates,
        Tensor noise,
        CounterRandom random
    )
    {
        Tensor backup;
        Tensor[][] masks = Masks(random),
            executedMasks = Masks(random);
        _temperature = Math.Exp(_logTemperature.item<float>());
        using (no_grad())
        {
            (Tensor next, Tensor logPi) = TorchSample.Draw(
                _policy.Forward(_policy.Network(_policy.Parameters, 0), nextStates),
                noise,
                Policy
            );
            Tensor inputs = cat([nextStates, next], 1);
            Tensor lowest = minimum(Critic(_critics.Targets, 0, inputs, masks[0]), Critic(_critics.Targets, 1, inputs, masks[1]));
            backup = returns.Plus(bootstraps * (lowest - logPi.Times(_temperature)));
        }

        Tensor executed = cat([states, actions], 1);
        Tensor loss = (Critic(_critics.Parameters, 0, executed, executedMasks[0]) - backup)
            .Squared()
            .mean()
            .Plus((Critic(_critics.Parameters, 1, executed, executedMasks[1]) - backup).Squared().mean())
            .Times(0.5);
        (_criticLoss, _target) = (loss.Number(), backup.mean().Number());
        return loss;
    }

    /// <summary>J_pi(theta) = E[alpha log pi(a | s) - mean_i Q_i(s, a)], dropout in both Qs  [algorithm 2, line 10].</summary>
    internal Tensor PolicyLoss(Tensor states, Tensor noise, Tensor[][] masks)
    {
        (Tensor proposed, Tensor logPi) = TorchSample.Draw(_policy.Forward(_policy.Network(_policy.Parameters, 0), states), noise, Policy);
        Tensor inputs = cat([states, proposed], 1),
            frozen = _critics.Parameters.detach();
        Tensor value = Critic(frozen, 0, inputs, masks[0]).Plus(Critic(frozen, 1, inputs, masks[1])).Times(0.5);
        Tensor loss = (logPi.Times(_temperature) - value).mean();
        (_policyLoss, _meanLogPi, _value) = (loss.Number(), logPi.mean().Number(), value.mean().Number());
        return loss;
    }

    /// <summary>A critic whose hidden layers are dense, dropout, layer norm, ReLU; without masks nothing is dropped.</summary>
    private Tensor Critic(Tensor flat, int n, Tensor x, Tensor[]? masks)
    {
        Tensor network = _critics.Network(flat, n);
        int width = _options.HiddenWidth;
        for (int l = 0; l < _options.HiddenLayers; l++)
        {
            x = _critics.Dense(network, l, x);
            x = masks is null ? x : x * masks[l];
            x = nn
                .functional.layer_norm(
                    x,
                    [width],
                    _critics.Extras(network, 2 * width * l, width),
                    _critics.Extras(network, (2 * width * l) + width, width),
                    1e-5
                )
                .relu();
        }

        return _critics.Dense(network, _options.HiddenLayers, x);
    }

    // For tests.
    internal double TemperatureGradient => -_meanLogPi - _targetEntropy;

    internal TorchLeafNetworks PolicyNetworks => _policy;

    internal TorchLeafNetworks CriticNetworks => _critics;

    /// <inheritdoc/>
    public ReadOnlySpan<LearnerMetric> Metrics
    {
        get
        {
            _metrics[0] = new("loss/critic", _criticLoss);
            _metrics[1] = new("loss/actor", _policyLoss);
            _metrics[2] = new("loss/temperature", -Math.Log(_temperature) * (_meanLogPi + _targetEntropy));
            _metrics[3] = new("policy/temperature", _temperature);
            _metrics[4] = new("policy/entropy", -_meanLogPi);
            _metrics[5] = new("value/q", _value / _options.RewardScale);
            _metrics[6] = new("value/target", _target / _options.RewardScale);
            _metrics[7] = new("replay/size", _state.Count);
            _metrics[8] = new("replay/refused", _state.Refused);
            return _metrics;
        }
    }

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _policy.CopyTo(0, destination.Parameters);
        _state.CopyPolicy(destination);
    }

    /// <inheritdoc/>
    public void RevertPolicy(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _policy.Replace(0, source.Parameters);
        _critics.Carry(_state.RevertNormaliser(source));
    }

    /// <inheritdoc/>
    /// <remarks>min_i Q_i(s, tanh(mu(s))), without dropout: the value of the frozen policy's action.</remarks>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values) =>
        TorchValues.Estimate(_state, observations, values, _options.RewardScale, _type, _device, Lowest);

    private Tensor Lowest(Tensor states)
    {
        Tensor inputs = cat([states, _policy.Forward(_policy.Network(_policy.Parameters, 0), states).narrow(1, 0, _actionSize).tanh()], 1);
        return minimum(Critic(_critics.Parameters, 0, inputs, null), Critic(_critics.Parameters, 1, inputs, null));
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _policy.Save(writer, "droq/policy");
        _critics.Save(writer, "droq/critics");
        TorchMemory.Write(writer, "droq/targets/parameters", _critics.Targets);
        TorchMemory.Write(writer, "droq/temperature/log", _logTemperature);
        _temperatureAdam.Save(writer, "droq/temperature/adam");
        _state.Save(writer);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _policy.Load(reader, "droq/policy");
        _critics.Load(reader, "droq/critics");
        TorchMemory.Read(reader, "droq/targets/parameters", _critics.Targets);
        TorchMemory.Read(reader, "droq/temperature/log", _logTemperature);
        _temperature = Math.Exp(_logTemperature.item<float>());
        _temperatureAdam.Load(reader, "droq/temperature/adam");
        _state.Load(reader);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _policy.Dispose();
        _critics.Dispose();
        _temperatureAdam.Dispose();
        _logTemperature.Dispose();
        _temperatureGradient.Dispose();
    }

    private Tensor Rows(float[] values, int columns) => tensor(values).view(_batch, columns).to(_type).to(_device);
}
#endif
