using System.Collections.Immutable;
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Replay;
using RobotRl.Algorithms.Sac;

namespace RobotRl.Algorithms.CrossQ;

/// <summary>
/// CrossQ, soft actor-critic without target networks and with batch renormalisation, in managed SIMD code, for a robot's own CPU: no
/// libtorch, no allocation. Bhatt et al., "CrossQ: Batch Normalization in Deep Reinforcement Learning for Greater Sample Efficiency
/// and Simplicity", arXiv 1902.05605v4, and its published program (adityab/CrossQ).
/// </summary>
/// <remarks>
/// <code>
/// paper                 here                     shape
/// S, S'                 _actor.Input, _nextActor.Input   [B x obs]
/// A, A'                 in _online[i].Input      [2B x (obs + action)]: rows 0 to B-1 (S, A) as executed, B to 2B-1 (S', A')
/// R, gamma              _returns, _bootstraps    [B]: sum of gamma^k r_t+k over k below m; gamma^m, or 0 where terminated
/// phi                   _policy                  one packed block (DenseLayout); extras: scale and shift of the renormalisations
/// theta_1, theta_2      _critics                 two networks, likewise
/// alpha                 _temperature.Value
/// </code>
/// A batch renormalisation stands before every dense layer of actor and critics. One pass of a critic sees both (S, A) and (S', A'), so
/// that its statistics are those of both, and no gradient goes through the target. Where a network is only evaluated (the policy at S',
/// the critics under the policy, every policy that leaves) its running statistics are folded into the weights: a policy is a plain
/// ReLU network. Deviations from the paper: (1) those of <c>TorchSacLearner</c>, (1) to (6); (2) critics as wide as the actor
/// (HiddenWidth); (3) r and d of the renormalisation use sqrt(variance + epsilon) throughout; (4) AdamBeta1 is the
/// temperature's too (0.9 in the program). The same algorithm, options, random streams and
/// checkpoints as <c>TorchCrossQLearner</c>. One thread at a time. Same seed, options and kind of CPU: the same weights bit for bit.
/// </remarks>
public sealed unsafe class ManagedCrossQLearner : ILearner
{
    private readonly CrossQOptions _options;
    private readonly int _observationSize,
        _actionSize,
        _batch;
    private readonly OffPolicyState _state;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[9];
    private readonly KernelMemory _memory = new();
    private readonly ManagedNetworks _policy,
        _critics,
        _foldedCritics;
    private readonly RenormStatistics _policyStatistics,
        _criticStatistics;
    private readonly GivenPolicy _given;
    private readonly ManagedRenormPass _actor;
    private readonly ManagedRenormPass[] _online; // Q at executed and next actions, in one batch
    private readonly ManagedMlpPass _nextActor;
    private readonly ManagedMlpPass[] _proposed; // folded Q at the policy's actions
    private readonly ManagedValueProbe _probe;
    private readonly SquashedGaussian _gaussian,
        _nextGaussian;
    private readonly ManagedLowerCritic _lowerCritic;
    private readonly float* _foldedPolicy;
    private readonly float[] _flatPolicy,
        _flatCritic,
        _policyExtras,
        _criticExtras;
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
    public ManagedCrossQLearner(CrossQOptions options, int observationSize, int actionSize, ulong seed)
        : this(options, observationSize, actionSize, seed, DenseVector.BestWidth) { }

    /// <summary>As the public one, with the registers of a choice.</summary>
    internal ManagedCrossQLearner(CrossQOptions options, int observationSize, int actionSize, ulong seed, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate("CrossQ").ToList() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        (_options, _observationSize, _actionSize, _batch) = (options, observationSize, actionSize, options.BatchSize);
        ImmutableArray<int> hidden = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)];
        var actorShape = new MlpShape(observationSize, hidden, 2 * actionSize);
        var criticShape = new MlpShape(observationSize + actionSize, hidden, 1);
        Policy = new(actorShape, PolicyHead.SquashedGaussian, actionSize);

        var initialisation = new CounterRandom(seed, RandomPurpose.Initialisation);
        _state = new("CrossQ", options, observationSize, actionSize, seed);
        float beta1 = (float)options.AdamBeta1;
        _policy = new(
            _memory,
            actorShape,
            1,
            options.ActorLearningRate,
            initialisation,
            width,
            extras: RenormStatistics.InitialExtras(actorShape),
            beta1: beta1,
            transposeFirst: true
        );
        _critics = new(
            _memory,
            criticShape,
            2,
            options.CriticLearningRate,
            initialisation,
            width,
            extras: RenormStatistics.InitialExtras(criticShape),
            beta1: beta1,
            transposeFirst: true
        );
        _foldedCritics = new(
            _memory,
            criticShape,
            2,
            options.CriticLearningRate,
            new CounterRandom(seed, RandomPurpose.Initialisation),
            width
        );
        _foldedPolicy = _memory.Floats(_policy.Layout.Length);
        _given = new(actorShape.ParameterCount);
        _policyStatistics = new(actorShape, 1, options.RenormMomentum);
        _criticStatistics = new(criticShape, 2, options.RenormMomentum);
        _flatPolicy = new float[actorShape.ParameterCount];
        _flatCritic = new float[criticShape.ParameterCount];
        _policyExtras = new float[_policy.ExtraCount];
        _criticExtras = new float[_critics.ExtraCount];
        _temperature = new(
            options.InitialTemperature,
            options.TargetEntropy ?? -actionSize,
            options.TemperatureLearningRate,
            (float)options.AdamBeta1
        );

        _actor = new(_memory, _policy, _policyStatistics, _batch);
        _nextActor = new(_memory, _policy.Layout, _batch, 0);
        _gaussian = new(_memory, _batch, actionSize, Policy.LogStdMin, Policy.LogStdMax);
        _nextGaussian = new(_memory, _batch, actionSize, Policy.LogStdMin, Policy.LogStdMax);
        _lowerCritic = new(_memory, _critics.Layout, _batch, actionSize);
        _online = [new(_memory, _critics, _criticStatistics, 2 * _batch), new(_memory, _critics, _criticStatistics, 2 * _batch)];
        _proposed = [new(_memory, _critics.Layout, _batch, 0), new(_memory, _critics.Layout, _batch, 0)];
        _probe = new(_memory, _policy.Layout, _foldedCritics, _batch, _actionSize);
        _returns = new float[_batch];
        _bootstraps = new float[_batch];
        _backup = new float[_batch];
        _tdErrors = [new float[_batch], new float[_batch]];
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
        _given.Forget();
        bool delayed = (Updates + 1) % _options.PolicyDelay == 0;
        SampleMinibatch(delayed);
        EvaluateCriticLoss();
        ComputeCriticGradient();
        _state.Note(_critics.Step());
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
        if (delayed)
        {
            _state.NoiseRandom.FillGaussian(Noise);
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
            ManagedRows.Place(nextObservations, o, _online[i].Input.Part(_batch, _batch));
            ManagedRows.Place(observations, o, _proposed[i].Input);
        }

        for (int row = 0; row < _batch; row++)
        {
            _returns[row] = returns[row] * (float)_options.RewardScale;
            _bootstraps[row] = bootstraps[row];
        }
    }

    /// <summary>
    /// J_Q(theta_i) = E[(Q_i(S, A) - y)^2 / 2], y = R + gamma (min_i Q_i(S', A') - alpha log pi(A' | S')), both Qs from one pass over
    /// both batches, no gradient through y  [section 4; figure 2].
    /// </summary>
    internal void EvaluateCriticLoss()
    {
        _temperature.Refresh();
        FoldPolicy();
        _nextActor.Forward(_foldedPolicy);
        _nextGaussian.Forward(_nextActor.Output);
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.PlaceActions(_nextGaussian.Action, _batch, _actionSize, _online[i].Input.Part(_batch, _batch), _observationSize);
            _online[i].Forward(i, IsWarm);
        }

        for (int row = 0; row < _batch; row++)
        {
            float lowest = MathF.Min(*_online[0].Output.Row(_batch + row), *_online[1].Output.Row(_batch + row)); // NaN in either is NaN
            _backup[row] = _returns[row] + (_bootstraps[row] * (lowest - (_temperature.Value * _nextGaussian.LogProbability[row])));
            for (int i = 0; i < 2; i++)
            {
                _tdErrors[i][row] = *_online[i].Output.Row(row) - _backup[row];
            }
        }
    }

    /// <summary>dJ_Q/dQ_i = (Q_i - y) / B at (S, A), 0 at (S', A'), whose rows still reach the gradient through the statistics.</summary>
    internal void ComputeCriticGradient()
    {
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.PlaceQuotients(_tdErrors[i], _batch, _online[i].OutputGradient);
            _online[i].Backward(i);
        }
    }

    /// <summary>J_pi(phi) = E[alpha log pi(a | S) - min_i Q_i(S, a)], the critics with their running statistics.</summary>
    internal void EvaluatePolicyLoss()
    {
        FoldCritics();
        _actor.Forward(0, IsWarm);
        _gaussian.Forward(_actor.Output);
        for (int i = 0; i < 2; i++)
        {
            ManagedRows.PlaceActions(_gaussian.Action, _batch, _actionSize, _proposed[i].Input, _observationSize);
            _proposed[i].Forward(_foldedCritics.Network(_foldedCritics.Parameters, i));
        }
    }

    /// <summary>dJ_pi/dphi by dJ_pi/da = -dQ/da / B of the lower Q and the policy's own gradient.</summary>
    internal void ComputePolicyGradient()
    {
        _lowerCritic.Compute(_proposed, _foldedCritics, -1f / _batch);
        _gaussian.Backward(_lowerCritic.Result, _temperature.Value / _batch, _actor.OutputGradient);
        _actor.Backward(0);
    }

    /// <summary>J(alpha) = E[-log alpha (log pi(a_t | s_t) + H-bar)]  [as in SAC, log alpha for alpha].</summary>
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
    internal Span<float> Noise => new(_gaussian.Noise, _batch * _actionSize);
    internal Span<float> NextNoise => new(_nextGaussian.Noise, _batch * _actionSize);
    internal float TemperatureGradient => _temperature.Gradient;
    internal double CriticLoss => 0.5 * (ManagedRows.MeanSquare(_tdErrors[0]) + ManagedRows.MeanSquare(_tdErrors[1]));

    internal double PolicyLoss => (_temperature.Value * MeanLogPi()) - ManagedRows.MeanLowest(_proposed[0].Output, _proposed[1].Output);

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        FoldPolicy();
        _flatPolicy.CopyTo(destination.Parameters, 0);
        _state.CopyPolicy(destination);
        GC.KeepAlive(this);
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
        source.Parameters.CopyTo(_flatPolicy, 0);
        _policyStatistics.Unfold(0, _policy.CopyExtras(0, _policyExtras), _flatPolicy);
        _policy.Replace(0, _flatPolicy);
        _given.Take(source);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <remarks>min_i Q_i(s, tanh(mu(s))): the value of the frozen policy's action.</remarks>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values)
    {
        FoldPolicy();
        FoldCritics();
        _probe.Estimate(_state, _foldedPolicy, observations, values, _options.RewardScale);
        GC.KeepAlive(this);
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
        _temperature.Save(writer, "crossq/temperature");
        _state.Save(writer);
        GC.KeepAlive(this);
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
        _temperature.Load(reader, "crossq/temperature");
        _state.Load(reader);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private bool IsWarm => Updates >= _options.RenormWarmUp;

    private void FoldPolicy()
    {
        if (!_given.TryCopy(_flatPolicy))
        {
            _policy.CopyTo(0, _flatPolicy);
            _policyStatistics.Fold(0, _policy.CopyExtras(0, _policyExtras), _flatPolicy);
        }

        _policy.Layout.Pack(_flatPolicy, _foldedPolicy);
    }

    private void FoldCritics()
    {
        for (int i = 0; i < 2; i++)
        {
            _critics.CopyTo(i, _flatCritic);
            _criticStatistics.Fold(i, _critics.CopyExtras(i, _criticExtras), _flatCritic);
            _foldedCritics.Layout.Pack(_flatCritic, _foldedCritics.Network(_foldedCritics.Parameters, i));
        }

        _foldedCritics.Changed();
    }

    private double MeanLogPi() => ManagedRows.Mean(new ReadOnlySpan<float>(_gaussian.LogProbability, _batch));
}
