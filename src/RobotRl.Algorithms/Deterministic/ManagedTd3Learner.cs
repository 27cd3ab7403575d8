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
/// TD3, twin delayed deterministic policy gradients, in managed SIMD code, for a robot's own CPU: no libtorch, no allocation.
/// Fujimoto, van Hoof, Meger, "Addressing Function Approximation Error in Actor-Critic Methods", arXiv 1802.09477v3, algorithm 1.
/// </summary>
/// <remarks>
/// <code>
/// paper                 here                     shape
/// s, s'                 _actor.Input, _nextActor.Input   [B x obs]
/// a                     _online[i].Input         [B x (obs + action)]: s and the action that was executed
/// r, gamma              _returns, _bootstraps    [B]: sum of gamma^k r_t+k over k below m; gamma^m, or 0 where terminated
/// epsilon               _noise                   [B x action], standard normal, scaled and clipped in the update
/// phi, phi'             _policy                  parameters and targets, packed (DenseLayout)
/// theta_1,2, theta'_1,2 _critics                 parameters and targets, packed
/// sigma~, c, d          TargetNoise, TargetNoiseClip, PolicyDelay
/// </code>
/// Deviations from the paper: (1) the policy's output goes through tanh (as in the authors' program); (2) n-step returns may be
/// used; (3) updates per transition may differ from 1; (4) rewards may be scaled. The same algorithm, options, random streams and
/// checkpoints as <c>TorchTd3Learner</c>. One thread at a time. Same seed, options and kind of CPU: the same weights bit for bit.
/// </remarks>
public sealed unsafe class ManagedTd3Learner : ILearner
{
    private readonly Td3Options _options;
    private readonly int _observationSize,
        _actionSize,
        _batch;
    private readonly OffPolicyState _state;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[6];
    private readonly KernelMemory _memory = new();
    private readonly ManagedNetworks _policy,
        _critics;
    private readonly ManagedMlpPass _actor,
        _nextActor,
        _proposed; // _proposed: Q1 at the policy's actions
    private readonly ManagedMlpPass[] _online,
        _target; // Q at: executed actions; next actions
    private readonly ManagedValueProbe _probe;
    private readonly Matrix _actionGradient;
    private readonly float* _actionWeights;
    private readonly float[] _returns,
        _bootstraps,
        _backup,
        _noise;
    private readonly float[][] _tdErrors;
    private double _policyLoss;

    /// <summary>Makes a learner.</summary>
    /// <param name="options">Settings; they must be valid.</param>
    /// <param name="observationSize">Floats per raw observation.</param>
    /// <param name="actionSize">Action dimensions.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public ManagedTd3Learner(Td3Options options, int observationSize, int actionSize, ulong seed)
        : this(options, observationSize, actionSize, seed, DenseVector.BestWidth) { }

    /// <summary>As the public one, with the registers of a choice.</summary>
    internal ManagedTd3Learner(Td3Options options, int observationSize, int actionSize, ulong seed, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate("Td3").ToList() is { Count: > 0 } problems)
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

        var initialisation = new CounterRandom(seed, RandomPurpose.Initialisation);
        _state = new("TD3", options, observationSize, actionSize, seed);
        _policy = new(_memory, actorShape, 1, options.ActorLearningRate, initialisation, width, targets: true);
        _critics = new(_memory, criticShape, 2, options.CriticLearningRate, initialisation, width, targets: true);

        _actor = new(_memory, _policy.Layout, _batch, _batch);
        _nextActor = new(_memory, _policy.Layout, _batch, 0);
        _online = Passes(_batch);
        _target = Passes(0);
        _proposed = new(_memory, _critics.Layout, _batch, _batch);
        _probe = new(_memory, _policy.Layout, _critics, _batch, actionSize);
        _actionGradient = _memory.Matrix(_batch, actionSize);
        _actionWeights = _memory.Floats(DenseKernels.TransposedLength(actionSize, options.HiddenWidth, width));
        _noise = new float[_batch * actionSize];
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
        EvaluateCriticLoss();
        ComputeCriticGradient();
        bool delayed = (Updates + 1) % _options.PolicyDelay == 0;
        _state.Note(_critics.Step());
        if (delayed)
        {
            EvaluatePolicyLoss();
            ComputePolicyGradient();

            // phi' = tau phi + (1 - tau) phi', theta' likewise                                     [algorithm 1, last lines]
            _state.Note(_policy.Step((float)_options.TargetRate));
            _critics.Average((float)_options.TargetRate);
        }

        _state.Finish();
        GC.KeepAlive(this);
    }

    private void SampleMinibatch()
    {
        _state.Sample();
        _state.NoiseRandom.FillGaussian(_noise);
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
        }

        for (int row = 0; row < _batch; row++)
        {
            _returns[row] = returns[row] * (float)_options.RewardScale;
            _bootstraps[row] = bootstraps[row];
        }
    }

    /// <summary>
    /// J_Q(theta_i) = E[(Q_i(s, a) - y)^2], y = r + gamma min_i Q'_i(s', a~), a~ = clip(pi_phi'(s') + clip(sigma~ epsilon, -c, c), -1, 1)
    /// [algorithm 1; sections 4.2 and 5.3].
    /// </summary>
    internal void EvaluateCriticLoss()
    {
        _nextActor.Forward(_policy.Targets);
        float scale = (float)_options.TargetNoise,
            clip = (float)_options.TargetNoiseClip;
        for (int row = 0; row < _batch; row++)
        {
            for (int a = 0; a < _actionSize; a++)
            {
                float noise = Math.Clamp(scale * _noise[(row * _actionSize) + a], -clip, clip);
                float action = Math.Clamp(MathF.Tanh(_nextActor.Output.Row(row)[a]) + noise, -1f, 1f);
                _target[0].Input.Row(row)[_observationSize + a] = action;
                _target[1].Input.Row(row)[_observationSize + a] = action;
            }
        }

        for (int i = 0; i < 2; i++)
        {
            _target[i].Forward(_critics.Network(_critics.Targets, i));
            _online[i].Forward(_critics.Network(_critics.Parameters, i));
        }

        for (int row = 0; row < _batch; row++)
        {
            _backup[row] = _returns[row] + (_bootstraps[row] * ManagedRows.Lowest(_target[0].Output, _target[1].Output, row));
            for (int i = 0; i < 2; i++)
            {
                _tdErrors[i][row] = *_online[i].Output.Row(row) - _backup[row];
            }
        }
    }

    /// <summary>dJ_Q/dQ_i = 2 (Q_i - y) / B.</summary>
    internal void ComputeCriticGradient()
    {
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.PlaceQuotients(_tdErrors[i], 0.5f * _batch, _online[i].OutputGradient);
            _online[i].Backward(_critics, i, weights: true);
        }
    }

    /// <summary>J(phi) = -E[Q_1(s, pi_phi(s))]  [algorithm 1, deterministic policy gradient].</summary>
    internal void EvaluatePolicyLoss()
    {
        _actor.Forward(_policy.Parameters);
        ManagedRows.PlaceSquashed(_actor.Input, _actor.Output, _batch, _actionSize, _proposed.Input);
        _proposed.Forward(_critics.Parameters);
        _policyLoss = -ManagedRows.Mean(_proposed.Output);
    }

    /// <summary>dJ/dphi = -E[dQ_1/da dpi_phi/dphi], with d tanh u / du = 1 - a^2.</summary>
    internal void ComputePolicyGradient()
    {
        for (int row = 0; row < _batch; row++)
        {
            *_proposed.OutputGradient.Row(row) = -1f / _batch;
        }

        _proposed.Backward(_critics, 0, weights: false);
        MlpShape shape = _critics.Layout.Shape;
        DenseKernels.PackTransposed(
            _critics.Parameters,
            shape.Inputs,
            shape.LayerOutputs(0),
            _observationSize,
            _actionSize,
            _actionWeights,
            _critics.Layout.Width
        );
        DenseKernels.InputGradient(_proposed.FirstGradient, _actionWeights, default, _actionGradient, _critics.Layout.Width);
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
    /// <c>loss/critic</c> is the sum of both, <c>loss/actor</c> that of the newest policy update; <c>value/target</c> is in the
    /// rewards' own units.
    /// </remarks>
    public ReadOnlySpan<LearnerMetric> Metrics
    {
        get
        {
            _metrics[0] = new("loss/critic", CriticLoss);
            _metrics[1] = new("loss/actor", _policyLoss);
            _metrics[2] = new("value/q", -_policyLoss / _options.RewardScale);
            _metrics[3] = new("value/target", ManagedRows.Mean(_backup) / _options.RewardScale);
            _metrics[4] = new("replay/size", _state.Count);
            _metrics[5] = new("replay/refused", _state.Refused);
            return _metrics;
        }
    }

    // For tests: networks, noise and the gradients of the newest losses.
    internal ManagedNetworks PolicyNetworks => _policy;

    internal ManagedNetworks CriticNetworks => _critics;

    internal Span<float> Noise => _noise;

    internal double CriticLoss => ManagedRows.MeanSquare(_tdErrors[0]) + ManagedRows.MeanSquare(_tdErrors[1]);

    internal double PolicyLoss => _policyLoss;

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
        _policy.CopyToTargets();
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <remarks>min_i Q_i(s, pi(s)): the value of the frozen policy's action.</remarks>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values)
    {
        _probe.Estimate(_state, _policy.Parameters, observations, values, _options.RewardScale);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _policy.Save(writer, "td3/policy");
        _critics.Save(writer, "td3/critics");
        _critics.SaveTargets(writer, "td3/targets/critics");
        _policy.SaveTargets(writer, "td3/targets/policy");
        writer.Write("td3/policy/loss", _policyLoss);
        _state.Save(writer);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _policy.Load(reader, "td3/policy");
        _critics.Load(reader, "td3/critics");
        _critics.LoadTargets(reader, "td3/targets/critics");
        _policy.LoadTargets(reader, "td3/targets/policy");
        _policyLoss = reader.ReadDouble("td3/policy/loss");
        _state.Load(reader);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
