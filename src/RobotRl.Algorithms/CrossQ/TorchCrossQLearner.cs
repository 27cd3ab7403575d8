#if TORCH
using System.Collections.Immutable;
using RobotRl.Algorithms.ActorCritic;
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

namespace RobotRl.Algorithms.CrossQ;

/// <summary>
/// CrossQ on TorchSharp with recorded gradients (CPU or CUDA): the reference that proves <see cref="ManagedCrossQLearner"/>, whose header
/// has the sources, the symbols and the deviations. Bhatt et al., arXiv 1902.05605v4.
/// </summary>
/// <remarks>One thread at a time. Same seed, options, thread count and kind of CPU: the same weights bit for bit.</remarks>
public sealed class TorchCrossQLearner : ILearner
{
    private readonly CrossQOptions _options;
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
    private readonly RenormStatistics _policyStatistics,
        _criticStatistics;
    private readonly GivenPolicy _given;
    private readonly float[] _noise;
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
    public TorchCrossQLearner(CrossQOptions options, int observationSize, int actionSize, ulong seed, string device = "cpu")
        : this(options, observationSize, actionSize, seed, new Device(device), ScalarType.Float32) { }

    internal TorchCrossQLearner(CrossQOptions options, int observationSize, int actionSize, ulong seed, Device device, ScalarType type)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate("CrossQ").ToList() is { Count: > 0 } problems)
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
        _state = new("CrossQ", options, observationSize, actionSize, seed);
        _policy = new(
            Policy.Network,
            1,
            options.ActorLearningRate,
            initialisation,
            type,
            device,
            extras: RenormStatistics.InitialExtras(Policy.Network),
            beta1: options.AdamBeta1
        );
        _critics = new(
            criticShape,
            2,
            options.CriticLearningRate,
            initialisation,
            type,
            device,
            extras: RenormStatistics.InitialExtras(criticShape),
            beta1: options.AdamBeta1
        );
        _given = new(Policy.Network.ParameterCount);
        _policyStatistics = new(Policy.Network, 1, options.RenormMomentum);
        _criticStatistics = new(criticShape, 2, options.RenormMomentum);
        _temperature = options.InitialTemperature;
        _logTemperature = zeros(1, ScalarType.Float32).SetTo(Math.Log(options.InitialTemperature));
        _temperatureGradient = zeros(1, ScalarType.Float32);
        _temperatureAdam = new(_logTemperature, _temperatureGradient, options.TemperatureLearningRate, beta1: options.AdamBeta1);
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
        _given.Forget();
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
                Rows(_noise, _actionSize)
            )
        );
        _state.Note(_critics.Step());
        if (delayed)
        {
            _state.NoiseRandom.FillGaussian(_noise);
            _policy.Gradient(PolicyLoss(states, Rows(_noise, _actionSize)));
            _state.Note(_policy.Step());
            if (_options.LearnTemperature)
            {
                // J(alpha) = E[-log alpha (log pi(a | s) + H-bar)]
                _temperatureGradient.SetTo(-_meanLogPi - _targetEntropy);
                _state.Note(_temperatureAdam.Step());
            }
        }

        _state.Finish();
    }

    /// <summary>
    /// J_Q = sum over i of E[(Q_i(S, A) - y)^2 / 2], y = R + gamma (min_i Q_i(S', A') - alpha log pi(A' | S')), both Qs from one pass over
    /// both batches, no gradient through y  [section 4; figure 2].
    /// </summary>
    internal Tensor CriticLoss(Tensor states, Tensor actions, Tensor returns, Tensor bootstraps, Tensor nextStates, Tensor noise)
    {
        _temperature = Math.Exp(_logTemperature.item<float>());
        Tensor next,
            logPi;
        using (no_grad())
        {
            (next, logPi) = TorchSample.Draw(
                Network(_policy, _policyStatistics, _policy.Parameters, 0, nextStates, training: false),
                noise,
                Policy
            );
        }

        Tensor inputs = cat([cat([states, actions], 1), cat([nextStates, next], 1)], 0);
        Tensor[] both =
        [
            .. Enumerable.Range(0, 2).Select(i => Network(_critics, _criticStatistics, _critics.Parameters, i, inputs, training: true)),
        ];
        Tensor lowest = minimum(both[0].narrow(0, _batch, _batch), both[1].narrow(0, _batch, _batch));
        Tensor backup = returns.Plus(bootstraps * (lowest - logPi.Times(_temperature))).detach();
        Tensor loss = (both[0].narrow(0, 0, _batch) - backup)
            .Squared()
            .mean()
            .Plus((both[1].narrow(0, 0, _batch) - backup).Squared().mean())
            .Times(0.5);
        (_criticLoss, _target) = (loss.Number(), backup.mean().Number());
        return loss;
    }

    /// <summary>J_pi(phi) = E[alpha log pi(a | S) - min_i Q_i(S, a)], the critics with their running statistics.</summary>
    internal Tensor PolicyLoss(Tensor states, Tensor noise)
    {
        (Tensor proposed, Tensor logPi) = TorchSample.Draw(
            Network(_policy, _policyStatistics, _policy.Parameters, 0, states, training: true),
            noise,
            Policy
        );
        Tensor inputs = cat([states, proposed], 1),
            frozen = _critics.Parameters.detach();
        Tensor value = minimum(
            Network(_critics, _criticStatistics, frozen, 0, inputs, training: false),
            Network(_critics, _criticStatistics, frozen, 1, inputs, training: false)
        );
        Tensor loss = (logPi.Times(_temperature) - value).mean();
        (_policyLoss, _meanLogPi, _value) = (loss.Number(), logPi.mean().Number(), value.mean().Number());
        return loss;
    }

    /// <summary>
    /// A ReLU network with batch renormalisation before each dense layer; training: with the batch's statistics, which the
    /// running ones take in.
    /// </summary>
    private Tensor Network(TorchLeafNetworks networks, RenormStatistics statistics, Tensor flat, int n, Tensor x, bool training)
    {
        Tensor network = networks.Network(flat, n);
        for (int l = 0, offset = 0; l <= _options.HiddenLayers; l++)
        {
            int width = (int)x.shape[1];
            Tensor normal;
            if (training)
            {
                Tensor mean = x.mean([0L]),
                    variance = (x - mean).Squared().mean([0L]);
                float[] r = new float[width],
                    d = new float[width];
                statistics.Correct(n, l, Updates >= _options.RenormWarmUp, Numbers(mean), Numbers(variance), r, d);
                normal = ((x - mean) / variance.Plus(BatchRenorm.Epsilon).sqrt() * Vector(r)).Plus(Vector(d));
            }
            else
            {
                normal = (x - Vector(statistics.Mean(n, l))) / Vector(statistics.Variance(n, l)).Plus(BatchRenorm.Epsilon).sqrt();
            }

            x = networks.Dense(
                network,
                l,
                (normal * networks.Extras(network, offset, width)).Plus(networks.Extras(network, offset + width, width))
            );
            x = l < _options.HiddenLayers ? x.relu() : x;
            offset += 2 * width;
        }

        return x;
    }

    private Tensor Vector(float[] values) => tensor(values).to(_type).to(_device);

    private static float[] Numbers(Tensor values) => values.detach().to(ScalarType.Float32).cpu().data<float>().ToArray();

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
        if (!_given.TryCopy(destination.Parameters))
        {
            _policy.CopyTo(0, destination.Parameters);
            _policyStatistics.Fold(0, PolicyExtras(), destination.Parameters);
        }

        _state.CopyPolicy(destination);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The same function of the observation, written for the present running statistics; bit for bit until the next update.
    /// </remarks>
    public void RevertPolicy(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        NormaliserChange? change = _state.RevertNormaliser(source);
        _policyStatistics.Carry(change);
        _criticStatistics.Carry(change);
        float[] flat = [.. source.Parameters];
        _policyStatistics.Unfold(0, PolicyExtras(), flat);
        _policy.Replace(0, flat);
        _given.Take(source);
    }

    /// <inheritdoc/>
    /// <remarks>min_i Q_i(s, tanh(mu(s))), with the running statistics: the value of the frozen policy's action.</remarks>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values) =>
        TorchValues.Estimate(_state, observations, values, _options.RewardScale, _type, _device, Lowest);

    private Tensor Lowest(Tensor states)
    {
        Tensor inputs = cat(
            [states, Network(_policy, _policyStatistics, _policy.Parameters, 0, states, training: false).narrow(1, 0, _actionSize).tanh()],
            1
        );
        return minimum(
            Network(_critics, _criticStatistics, _critics.Parameters, 0, inputs, training: false),
            Network(_critics, _criticStatistics, _critics.Parameters, 1, inputs, training: false)
        );
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _policy.Save(writer, "crossq/policy");
        _critics.Save(writer, "crossq/critics");
        _given.Save(writer, "crossq/policy/given");
        _policyStatistics.Save(writer, "crossq/policy/renorm");
        _criticStatistics.Save(writer, "crossq/critics/renorm");
        TorchMemory.Write(writer, "crossq/temperature/log", _logTemperature);
        _temperatureAdam.Save(writer, "crossq/temperature/adam");
        _state.Save(writer);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _policy.Load(reader, "crossq/policy");
        _critics.Load(reader, "crossq/critics");
        _given.Load(reader, "crossq/policy/given");
        _policyStatistics.Load(reader, "crossq/policy/renorm");
        _criticStatistics.Load(reader, "crossq/critics/renorm");
        TorchMemory.Read(reader, "crossq/temperature/log", _logTemperature);
        _temperature = Math.Exp(_logTemperature.item<float>());
        _temperatureAdam.Load(reader, "crossq/temperature/adam");
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

    private float[] PolicyExtras()
    {
        using IDisposable off = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return Numbers(_policy.Extras(_policy.Network(_policy.Parameters, 0), 0, _policy.ExtraCount));
    }

    private Tensor Rows(float[] values, int columns) => tensor(values).view(_batch, columns).to(_type).to(_device);
}
#endif
