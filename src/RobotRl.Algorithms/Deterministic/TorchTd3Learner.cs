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

namespace RobotRl.Algorithms.Deterministic;

/// <summary>
/// TD3 on TorchSharp with recorded gradients (CPU or CUDA): the reference that proves <see cref="ManagedTd3Learner"/>, whose header
/// has the sources, the symbols and the deviations. Fujimoto et al., arXiv 1802.09477v3, algorithm 1.
/// </summary>
/// <remarks>One thread at a time. Same seed, options, thread count and kind of CPU: the same weights bit for bit.</remarks>
public sealed class TorchTd3Learner : ILearner
{
    private readonly Td3Options _options;
    private readonly int _observationSize,
        _actionSize,
        _batch;
    private readonly OffPolicyState _state;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[6];
    private readonly ScalarType _type;
    private readonly Device _device;
    private readonly TorchLeafNetworks _policy,
        _critics;
    private readonly float[] _noise;
    private double _criticLoss,
        _policyLoss,
        _target;

    /// <summary>Makes a learner.</summary>
    /// <param name="options">Settings; they must be valid.</param>
    /// <param name="observationSize">Floats per raw observation.</param>
    /// <param name="actionSize">Action dimensions.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</param>
    public TorchTd3Learner(Td3Options options, int observationSize, int actionSize, ulong seed, string device = "cpu")
        : this(options, observationSize, actionSize, seed, new Device(device), ScalarType.Float32) { }

    internal TorchTd3Learner(Td3Options options, int observationSize, int actionSize, ulong seed, Device device, ScalarType type)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate("Td3").ToList() is { Count: > 0 } problems)
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
        Policy = Exploration.Spec(
            new MlpShape(observationSize, hidden, actionSize),
            actionSize,
            options.Exploration,
            options.ExplorationNoise,
            options.NoiseReversion,
            options.NoiseTimeStep
        );
        var initialisation = new CounterRandom(seed, RandomPurpose.Initialisation);
        _state = new("TD3", options, observationSize, actionSize, seed);
        _policy = new(Policy.Network, 1, options.ActorLearningRate, initialisation, type, device, targets: true);
        _critics = new(
            new MlpShape(observationSize + actionSize, hidden, 1),
            2,
            options.CriticLearningRate,
            initialisation,
            type,
            device,
            targets: true
        );
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
        _state.NoiseRandom.FillGaussian(_noise);
        using DisposeScope scope = NewDisposeScope();
        Tensor states = Rows(_state.Observations, _observationSize);
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
        if ((Updates + 1) % _options.PolicyDelay == 0)
        {
            _policy.Gradient(PolicyLoss(states));
            _state.Note(_policy.Step());

            // phi' = tau phi + (1 - tau) phi', theta' likewise                                     [algorithm 1, last lines]
            _policy.Average(_options.TargetRate);
            _critics.Average(_options.TargetRate);
        }

        _state.Finish();
    }

    /// <summary>
    /// J_Q = sum over i of E[(Q_i(s, a) - y)^2], y = r + gamma min_i Q'_i(s', a~), a~ = clip(pi_phi'(s') + clip(sigma~ epsilon,
    /// -c, c), -1, 1)
    /// [algorithm 1; sections 4.2 and 5.3].
    /// </summary>
    internal Tensor CriticLoss(Tensor states, Tensor actions, Tensor returns, Tensor bootstraps, Tensor nextStates, Tensor noise)
    {
        Tensor backup;
        using (no_grad())
        {
            Tensor clipped = noise.Times(_options.TargetNoise).Clamped(-_options.TargetNoiseClip, _options.TargetNoiseClip);
            Tensor next = _policy.Forward(_policy.Network(_policy.Targets, 0), nextStates).tanh().Plus(clipped).Clamped(-1, 1);
            Tensor inputs = cat([nextStates, next], 1);
            Tensor lowest = minimum(
                _critics.Forward(_critics.Network(_critics.Targets, 0), inputs),
                _critics.Forward(_critics.Network(_critics.Targets, 1), inputs)
            );
            backup = returns.Plus(bootstraps * lowest);
        }

        Tensor executed = cat([states, actions], 1);
        Tensor loss = (_critics.Forward(_critics.Network(_critics.Parameters, 0), executed) - backup)
            .Squared()
            .mean()
            .Plus((_critics.Forward(_critics.Network(_critics.Parameters, 1), executed) - backup).Squared().mean());
        (_criticLoss, _target) = (loss.Number(), backup.mean().Number());
        return loss;
    }

    /// <summary>J(phi) = -E[Q_1(s, pi_phi(s))]  [algorithm 1, deterministic policy gradient].</summary>
    internal Tensor PolicyLoss(Tensor states)
    {
        Tensor proposed = _policy.Forward(_policy.Network(_policy.Parameters, 0), states).tanh();
        Tensor loss = -_critics.Forward(_critics.Network(_critics.Parameters.detach(), 0), cat([states, proposed], 1)).mean();
        _policyLoss = loss.Number();
        return loss;
    }

    // For tests.
    internal TorchLeafNetworks PolicyNetworks => _policy;

    internal TorchLeafNetworks CriticNetworks => _critics;

    /// <inheritdoc/>
    public ReadOnlySpan<LearnerMetric> Metrics
    {
        get
        {
            _metrics[0] = new("loss/critic", _criticLoss);
            _metrics[1] = new("loss/actor", _policyLoss);
            _metrics[2] = new("value/q", -_policyLoss / _options.RewardScale);
            _metrics[3] = new("value/target", _target / _options.RewardScale);
            _metrics[4] = new("replay/size", _state.Count);
            _metrics[5] = new("replay/refused", _state.Refused);
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
        _policy.CopyToTargets();
    }

    /// <inheritdoc/>
    /// <remarks>min_i Q_i(s, pi(s)): the value of the frozen policy's action.</remarks>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values) =>
        TorchValues.Estimate(_state, observations, values, _options.RewardScale, _type, _device, Lowest);

    private Tensor Lowest(Tensor states)
    {
        Tensor inputs = cat([states, _policy.Forward(_policy.Network(_policy.Parameters, 0), states).tanh()], 1);
        return minimum(
            _critics.Forward(_critics.Network(_critics.Parameters, 0), inputs),
            _critics.Forward(_critics.Network(_critics.Parameters, 1), inputs)
        );
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _policy.Save(writer, "td3/policy");
        _critics.Save(writer, "td3/critics");
        TorchMemory.Write(writer, "td3/targets/critics", _critics.Targets);
        TorchMemory.Write(writer, "td3/targets/policy", _policy.Targets);
        writer.Write("td3/policy/loss", _policyLoss);
        _state.Save(writer);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _policy.Load(reader, "td3/policy");
        _critics.Load(reader, "td3/critics");
        TorchMemory.Read(reader, "td3/targets/critics", _critics.Targets);
        TorchMemory.Read(reader, "td3/targets/policy", _policy.Targets);
        _policyLoss = reader.ReadDouble("td3/policy/loss");
        _state.Load(reader);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _policy.Dispose();
        _critics.Dispose();
    }

    private Tensor Rows(float[] values, int columns) => tensor(values).view(_batch, columns).to(_type).to(_device);
}
#endif
