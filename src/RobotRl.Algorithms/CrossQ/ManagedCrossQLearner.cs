// Over 400 lines: one algorithm is one file, to be read beside its paper.
using System.Collections.Immutable;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Replay;

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
/// alpha                 _temperature             exp of _logTemperature
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
    private readonly int _observationSize, _actionSize, _batch;
    private readonly CounterRandom _replayRandom, _noiseRandom;
    private readonly ReplayBuffer _replay;
    private readonly RunningNormaliser _normaliser;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[9];
    private readonly double _targetEntropy;
    private readonly KernelMemory _memory = new();
    private readonly ManagedNetworks _policy, _critics, _foldedCritics;
    private readonly RenormStatistics _policyStatistics, _criticStatistics;
    private readonly ManagedRenormPass _actor;
    private readonly ManagedRenormPass[] _online;         // Q at executed and next actions, in one batch
    private readonly ManagedMlpPass _nextActor, _probeActor;
    private readonly ManagedMlpPass[] _proposed, _probe;   // folded Q at: the policy's actions; probes
    private readonly SquashedGaussian _gaussian, _nextGaussian;
    private readonly ManagedLowerCritic _lowerCritic;
    private readonly float* _foldedPolicy;
    private readonly float[] _flatPolicy, _flatCritic, _policyExtras, _criticExtras;
    private readonly float[] _observations, _nextObservations, _actions, _returns, _bootstraps, _backup, _probeRow;
    private readonly float[][] _tdErrors;
    private float _logTemperature, _temperature, _temperatureGradient, _temperatureFirst, _temperatureSecond;
    private long _temperatureSteps, _refused;

    /// <summary>Makes a learner.</summary>
    /// <param name="options">Settings; they must be valid.</param>
    /// <param name="observationSize">Floats per raw observation.</param>
    /// <param name="actionSize">Action dimensions.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public ManagedCrossQLearner(CrossQOptions options, int observationSize, int actionSize, ulong seed)
        : this(options, observationSize, actionSize, seed, DenseVector.BestWidth)
    {
    }

    /// <summary>As the public one, with the registers of a choice.</summary>
    internal ManagedCrossQLearner(CrossQOptions options, int observationSize, int actionSize, ulong seed, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate("CrossQ").Concat(ManagedLimits.Check("CrossQ", options.HiddenWidth)).ToList() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        (_options, _observationSize, _actionSize, _batch) = (options, observationSize, actionSize, options.BatchSize);
        ImmutableArray<int> hidden = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)];
        var actorShape = new MlpShape(observationSize, hidden, 2 * actionSize);
        var criticShape = new MlpShape(observationSize + actionSize, hidden, 1);
        Policy = new(actorShape, PolicyHead.SquashedGaussian, actionSize);
        _targetEntropy = options.TargetEntropy ?? -actionSize;

        var initialisation = new CounterRandom(seed, RandomPurpose.Initialisation);
        _replayRandom = new(seed, RandomPurpose.Replay);
        _noiseRandom = new(seed, RandomPurpose.Learning);
        _replay = new(options.ReplayCapacity, observationSize, actionSize);
        _normaliser = new(observationSize);
        float beta1 = (float)options.AdamBeta1;
        _policy = new(_memory, actorShape, 1, options.ActorLearningRate, initialisation, width, extras: RenormStatistics.InitialExtras(actorShape), beta1: beta1, transposeFirst: true);
        _critics = new(_memory, criticShape, 2, options.CriticLearningRate, initialisation, width, extras: RenormStatistics.InitialExtras(criticShape), beta1: beta1, transposeFirst: true);
        _foldedCritics = new(_memory, criticShape, 2, options.CriticLearningRate, new CounterRandom(seed, RandomPurpose.Initialisation), width);
        _foldedPolicy = _memory.Floats(_policy.Layout.Length);
        _policyStatistics = new(actorShape, 1, options.RenormMomentum);
        _criticStatistics = new(criticShape, 2, options.RenormMomentum);
        _flatPolicy = new float[actorShape.ParameterCount];
        _flatCritic = new float[criticShape.ParameterCount];
        _policyExtras = new float[_policy.ExtraCount];
        _criticExtras = new float[_critics.ExtraCount];
        _logTemperature = (float)Math.Log(options.InitialTemperature);
        _temperature = (float)options.InitialTemperature;

        _actor = new(_memory, _policy, _policyStatistics, _batch);
        _nextActor = new(_memory, _policy.Layout, _batch, 0);
        _gaussian = new(_memory, _batch, actionSize, Policy.LogStdMin, Policy.LogStdMax);
        _nextGaussian = new(_memory, _batch, actionSize, Policy.LogStdMin, Policy.LogStdMax);
        _lowerCritic = new(_memory, _critics.Layout, _batch, actionSize);
        _online = [new(_memory, _critics, _criticStatistics, 2 * _batch), new(_memory, _critics, _criticStatistics, 2 * _batch)];
        _proposed = Passes();
        _probeActor = new(_memory, _policy.Layout, _batch, 0);
        _probe = Passes();
        _observations = new float[_batch * observationSize];
        _nextObservations = new float[_batch * observationSize];
        _actions = new float[_batch * actionSize];
        _returns = new float[_batch];
        _bootstraps = new float[_batch];
        _backup = new float[_batch];
        _tdErrors = [new float[_batch], new float[_batch]];
        _probeRow = new float[observationSize];

        ManagedMlpPass[] Passes() => [new(_memory, _critics.Layout, _batch, 0), new(_memory, _critics.Layout, _batch, 0)];
    }

    /// <inheritdoc/>
    public PolicySpec Policy { get; }

    /// <inheritdoc/>
    public SwapRule SwapRule => SwapRule.AnyTick;

    /// <inheritdoc/>
    public long Updates { get; private set; }

    /// <inheritdoc/>
    public bool CanUpdate => _replay.LearnableCount >= _options.LearningStarts;

    /// <inheritdoc/>
    public double UpdatesPerTransition => _options.UpdatesPerTransition;

    /// <inheritdoc/>
    public long RestoreLength => _replay.Count;

    /// <inheritdoc/>
    /// <remarks>A transition with a number that is not finite is counted (<c>replay/refused</c>) and never learned from.</remarks>
    public void Observe(in Transition transition)
    {
        bool finite = IsFinite(transition);
        _refused += finite ? 0 : 1;
        bool learnable = finite && transition.Learnable;
        _replay.Add(transition, learnable);
        if (learnable && _options.NormaliseObservations)
        {
            _normaliser.Update(transition.Observation);
        }
    }

    /// <inheritdoc/>
    public void Restore(in Transition transition) => _replay.Restore(transition, transition.Learnable && IsFinite(transition));

    /// <inheritdoc/>
    public void Update()
    {
        if (!CanUpdate)
        {
            throw new InvalidOperationException(
                $"CrossQ: an update needs {_options.LearningStarts} transitions (LearningStarts), there are {_replay.LearnableCount}.");
        }

        bool delayed = (Updates + 1) % _options.PolicyDelay == 0;
        SampleMinibatch(delayed);
        EvaluateCriticLoss();
        ComputeCriticGradient();
        _critics.Step();
        if (delayed)
        {
            EvaluatePolicyLoss();
            ComputePolicyGradient();
            _policy.Step();
            if (_options.LearnTemperature)
            {
                ComputeTemperatureGradient();
                AdamKernel.Step(
                    ref _logTemperature, _temperatureGradient, ref _temperatureFirst, ref _temperatureSecond, ++_temperatureSteps, _options.TemperatureLearningRate, (float)_options.AdamBeta1);
            }
        }

        Updates++;
        GC.KeepAlive(this);
    }

    private void SampleMinibatch(bool delayed)
    {
        _replay.Sample(_replayRandom, _options.StepsPerReturn, (float)_options.Discount, new()
        {
            Observations = _observations, Actions = _actions, Returns = _returns, Bootstraps = _bootstraps, NextObservations = _nextObservations,
        });
        if (_options.NormaliseObservations)
        {
            _normaliser.Normalise(_observations, _observations);
            _normaliser.Normalise(_nextObservations, _nextObservations);
        }

        _noiseRandom.FillGaussian(NextNoise);
        if (delayed)
        {
            _noiseRandom.FillGaussian(Noise);
        }

        PlaceMinibatch(_observations, _actions, _returns, _bootstraps, _nextObservations);
    }

    /// <summary>Puts a minibatch, already normalised, where the passes read it; the noise is in place.</summary>
    internal void PlaceMinibatch(
        ReadOnlySpan<float> observations, ReadOnlySpan<float> actions, ReadOnlySpan<float> returns, ReadOnlySpan<float> bootstraps, ReadOnlySpan<float> nextObservations)
    {
        int o = _observationSize, a = _actionSize;
        for (int row = 0; row < _batch; row++)
        {
            ReadOnlySpan<float> state = observations.Slice(row * o, o), next = nextObservations.Slice(row * o, o), action = actions.Slice(row * a, a);
            state.CopyTo(_actor.Input.Span(row));
            next.CopyTo(_nextActor.Input.Span(row));
            for (int i = 0; i < 2; i++)
            {
                state.CopyTo(_online[i].Input.Span(row));
                action.CopyTo(_online[i].Input.Span(row)[o..]);
                next.CopyTo(_online[i].Input.Span(_batch + row));
                state.CopyTo(_proposed[i].Input.Span(row));
            }

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
        _temperature = MathF.Exp(_logTemperature);
        FoldPolicy();
        _nextActor.Forward(_foldedPolicy);
        _nextGaussian.Forward(_nextActor.Output);
        for (int i = 0; i < 2; i++)
        {
            PlaceActions(_nextGaussian, _online[i].Input.Part(_batch, _batch));
            _online[i].Forward(i, IsWarm);
        }

        for (int row = 0; row < _batch; row++)
        {
            float lowest = MathF.Min(*_online[0].Output.Row(_batch + row), *_online[1].Output.Row(_batch + row)); // NaN in either is NaN
            _backup[row] = _returns[row] + (_bootstraps[row] * (lowest - (_temperature * _nextGaussian.LogProbability[row])));
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
            for (int row = 0; row < _batch; row++)
            {
                *_online[i].OutputGradient.Row(row) = _tdErrors[i][row] / _batch;
            }

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
            PlaceActions(_gaussian, _proposed[i].Input);
            _proposed[i].Forward(_foldedCritics.Network(_foldedCritics.Parameters, i));
        }
    }

    /// <summary>dJ_pi/dphi by dJ_pi/da = -dQ/da / B of the lower Q and the policy's own gradient.</summary>
    internal void ComputePolicyGradient()
    {
        _lowerCritic.Compute(_proposed, _foldedCritics, -1f / _batch);
        _gaussian.Backward(_lowerCritic.Result, _temperature / _batch, _actor.OutputGradient);
        _actor.Backward(0);
    }

    /// <summary>J(alpha) = E[-log alpha (log pi(a_t | s_t) + H-bar)]  [as in SAC, log alpha for alpha].</summary>
    internal void ComputeTemperatureGradient() => _temperatureGradient = (float)(-MeanLogPi() - _targetEntropy);

    /// <inheritdoc/>
    /// <remarks>
    /// <c>loss/critic</c> is the sum of both; <c>policy/entropy</c> = -E log pi; <c>value/q</c> is the mean lower Q of the
    /// policy's actions, <c>value/target</c> the mean backup, both in the rewards' own units; the losses are scaled.
    /// </remarks>
    public ReadOnlySpan<LearnerMetric> Metrics
    {
        get
        {
            double logPi = MeanLogPi(), value = MeanLowest();
            _metrics[0] = new("loss/critic", CriticLoss);
            _metrics[1] = new("loss/actor", PolicyLoss);
            _metrics[2] = new("loss/temperature", -Math.Log(_temperature) * (logPi + _targetEntropy));
            _metrics[3] = new("policy/temperature", _temperature);
            _metrics[4] = new("policy/entropy", -logPi);
            _metrics[5] = new("value/q", value / _options.RewardScale);
            _metrics[6] = new("value/target", Mean(_backup) / _options.RewardScale);
            _metrics[7] = new("replay/size", _replay.Count);
            _metrics[8] = new("replay/refused", _refused);
            return _metrics;
        }
    }

    // For tests: networks, noise and the gradients of the newest losses.
    internal ManagedNetworks PolicyNetworks => _policy;

    internal ManagedNetworks CriticNetworks => _critics;

    internal Span<float> Noise => new(_gaussian.Noise, _batch * _actionSize);

    internal Span<float> NextNoise => new(_nextGaussian.Noise, _batch * _actionSize);

    internal RenormStatistics CriticStatistics => _criticStatistics;

    internal float TemperatureGradient => _temperatureGradient;

    internal double CriticLoss => 0.5 * (MeanSquare(_tdErrors[0]) + MeanSquare(_tdErrors[1]));

    internal double PolicyLoss => (_temperature * MeanLogPi()) - MeanLowest();

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        FoldPolicy();
        _flatPolicy.CopyTo(destination.Parameters, 0);
        _normaliser.CopyTo(destination);
        destination.Normalise = _options.NormaliseObservations;
        destination.UniformActions = Updates == 0;
        destination.Version = Updates;
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <remarks>The same function of the observation, written for the present running statistics.</remarks>
    public void RevertPolicy(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        source.Parameters.CopyTo(_flatPolicy, 0);
        _policyStatistics.Unfold(0, Extras(_policy, 0, _policyExtras), _flatPolicy);
        _policy.Replace(0, _flatPolicy);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <remarks>min_i Q_i(s, tanh(mu(s))): the value of the frozen policy's action.</remarks>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values)
    {
        FoldPolicy();
        FoldCritics();
        for (int done = 0; done < values.Length; done += _batch)
        {
            int rows = Math.Min(_batch, values.Length - done);
            for (int row = 0; row < rows; row++)
            {
                ReadOnlySpan<float> raw = observations.Slice((done + row) * _observationSize, _observationSize);
                raw.CopyTo(_probeRow);
                if (_options.NormaliseObservations)
                {
                    _normaliser.Normalise(raw, _probeRow);
                }

                _probeRow.CopyTo(_probeActor.Input.Span(row));
                _probeRow.CopyTo(_probe[0].Input.Span(row));
                _probeRow.CopyTo(_probe[1].Input.Span(row));
            }

            _probeActor.Forward(_foldedPolicy);
            for (int i = 0; i < 2; i++)
            {
                for (int row = 0; row < rows; row++)
                {
                    for (int a = 0; a < _actionSize; a++)
                    {
                        _probe[i].Input.Row(row)[_observationSize + a] = MathF.Tanh(_probeActor.Output.Row(row)[a]);
                    }
                }

                _probe[i].Forward(_foldedCritics.Network(_foldedCritics.Parameters, i));
            }

            for (int row = 0; row < rows; row++)
            {
                values[done + row] = (float)(Lowest(_probe, row) / _options.RewardScale);
            }
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _policy.Save(writer, "crossq/policy");
        _critics.Save(writer, "crossq/critics");
        _policyStatistics.Save(writer, "crossq/policy/renorm");
        _criticStatistics.Save(writer, "crossq/critics/renorm");
        writer.Write("crossq/temperature/log", [_logTemperature]);
        writer.Write("crossq/temperature/adam/steps", _temperatureSteps);
        writer.Write("crossq/temperature/adam/first", [_temperatureFirst]);
        writer.Write("crossq/temperature/adam/second", [_temperatureSecond]);
        _normaliser.Save(writer, "crossq/normaliser");
        writer.Write("crossq/random/replay", _replayRandom.State);
        writer.Write("crossq/random/noise", _noiseRandom.State);
        writer.Write("crossq/updates", Updates);
        writer.Write("crossq/refused", _refused);
        writer.Write("crossq/replay/total", _replay.Total);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _policy.Load(reader, "crossq/policy");
        _critics.Load(reader, "crossq/critics");
        _policyStatistics.Load(reader, "crossq/policy/renorm");
        _criticStatistics.Load(reader, "crossq/critics/renorm");
        reader.Read("crossq/temperature/log", new Span<float>(ref _logTemperature));
        _temperature = MathF.Exp(_logTemperature);
        _temperatureSteps = reader.ReadInt64("crossq/temperature/adam/steps");
        reader.Read("crossq/temperature/adam/first", new Span<float>(ref _temperatureFirst));
        reader.Read("crossq/temperature/adam/second", new Span<float>(ref _temperatureSecond));
        _normaliser.Load(reader, "crossq/normaliser");
        _replayRandom.State = reader.ReadRandomState("crossq/random/replay");
        _noiseRandom.State = reader.ReadRandomState("crossq/random/noise");
        Updates = reader.ReadInt64("crossq/updates");
        _refused = reader.ReadInt64("crossq/refused");
        _replay.BeginRestore(reader.ReadInt64("crossq/replay/total"));
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private static float Lowest(ManagedMlpPass[] passes, int row)
    {
        // NaN in either is NaN, as in torch.minimum.
        float q1 = *passes[0].Output.Row(row), q2 = *passes[1].Output.Row(row);
        return MathF.Min(q1, q2);
    }

    private bool IsWarm => Updates >= _options.RenormWarmUp;

    /// <summary>Puts the policy's actions behind the states.</summary>
    private void PlaceActions(SquashedGaussian gaussian, in Matrix inputs)
    {
        for (int row = 0; row < _batch; row++)
        {
            new ReadOnlySpan<float>(gaussian.Action + (row * _actionSize), _actionSize).CopyTo(inputs.Span(row)[_observationSize..]);
        }
    }

    private void FoldPolicy()
    {
        _policy.CopyTo(0, _flatPolicy);
        _policyStatistics.Fold(0, Extras(_policy, 0, _policyExtras), _flatPolicy);
        _policy.Layout.Pack(_flatPolicy, _foldedPolicy);
    }

    private void FoldCritics()
    {
        for (int i = 0; i < 2; i++)
        {
            _critics.CopyTo(i, _flatCritic);
            _criticStatistics.Fold(i, Extras(_critics, i, _criticExtras), _flatCritic);
            _foldedCritics.Layout.Pack(_flatCritic, _foldedCritics.Network(_foldedCritics.Parameters, i));
        }

        _foldedCritics.Changed();
    }

    private static float[] Extras(ManagedNetworks networks, int n, float[] extras)
    {
        new ReadOnlySpan<float>(networks.Extras(networks.Parameters, n), networks.ExtraCount).CopyTo(extras);
        return extras;
    }

    private double MeanLogPi()
    {
        double sum = 0;
        for (int row = 0; row < _batch; row++)
        {
            sum += _gaussian.LogProbability[row];
        }

        return sum / _batch;
    }

    private double MeanLowest()
    {
        double sum = 0;
        for (int row = 0; row < _batch; row++)
        {
            sum += Lowest(_proposed, row);
        }

        return sum / _batch;
    }

    private static double Mean(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }

    private static double MeanSquare(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += (double)value * value;
        }

        return sum / values.Length;
    }

    private static bool IsFinite(in Transition transition) =>
        float.IsFinite(transition.Reward) && IsFinite(transition.Observation) && IsFinite(transition.Executed) && IsFinite(transition.NextObservation);

    private static bool IsFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }
}
