// Over 400 lines: one algorithm is one file, to be read beside its paper.
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
/// alpha                 _temperature             exp of _logTemperature
/// H-bar                 _targetEntropy           -(action dimensions) unless set
/// </code>
/// The same algorithm, options, random streams and checkpoints as <c>TorchSacLearner</c>, whose header lists the deviations from
/// the paper; a checkpoint of one continues in the other, and tests hold their gradients and 200 updates together. The target
/// average is done in the pass of the critics' optimiser: nothing reads it in between. One thread at a time. Same seed, options and kind of CPU: the same weights bit for bit.
/// </remarks>
public sealed unsafe class ManagedSacLearner : ILearner
{
    private readonly SacOptions _options;
    private readonly int _observationSize, _actionSize, _batch;
    private readonly CounterRandom _replayRandom, _noiseRandom;
    private readonly ReplayBuffer _replay;
    private readonly RunningNormaliser _normaliser;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[9];
    private readonly double _targetEntropy;
    private readonly KernelMemory _memory = new();
    private readonly ManagedNetworks _policy, _critics;
    private readonly ManagedMlpPass _actor, _probeActor;
    private readonly ManagedMlpPass[] _online, _target, _proposed, _probe; // Q at: executed actions; next actions; the policy's; probes
    private readonly SquashedGaussian _gaussian;
    private readonly ManagedLowerCritic _lowerCritic;
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
    public ManagedSacLearner(SacOptions options, int observationSize, int actionSize, ulong seed)
        : this(options, observationSize, actionSize, seed, DenseVector.BestWidth)
    {
    }

    /// <summary>As the public one, with the registers of a choice.</summary>
    internal ManagedSacLearner(SacOptions options, int observationSize, int actionSize, ulong seed, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate("Sac").Concat(ManagedLimits.Check("Sac", options.HiddenWidth)).ToList() is { Count: > 0 } problems)
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
        _policy = new(_memory, actorShape, 1, options.ActorLearningRate, initialisation, width);
        _critics = new(_memory, criticShape, 2, options.CriticLearningRate, initialisation, width, targets: true);
        _logTemperature = (float)Math.Log(options.InitialTemperature);
        _temperature = (float)options.InitialTemperature;

        _actor = new(_memory, _policy.Layout, 2 * _batch, _batch);
        _gaussian = new(_memory, 2 * _batch, actionSize, Policy.LogStdMin, Policy.LogStdMax);
        _lowerCritic = new(_memory, _critics.Layout, _batch, actionSize);
        _online = Passes(_batch);
        _target = Passes(0);
        _proposed = Passes(0);
        _probeActor = new(_memory, _policy.Layout, _batch, 0);
        _probe = Passes(0);
        _observations = new float[_batch * observationSize];
        _nextObservations = new float[_batch * observationSize];
        _actions = new float[_batch * actionSize];
        _returns = new float[_batch];
        _bootstraps = new float[_batch];
        _backup = new float[_batch];
        _tdErrors = [new float[_batch], new float[_batch]];
        _probeRow = new float[observationSize];

        ManagedMlpPass[] Passes(int backwardRows) => [new(_memory, _critics.Layout, _batch, backwardRows), new(_memory, _critics.Layout, _batch, backwardRows)];
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
                $"SAC: an update needs {_options.LearningStarts} transitions (LearningStarts), there are {_replay.LearnableCount}.");
        }

        SampleMinibatch();
        EvaluatePolicy();
        EvaluateCriticLoss();
        ComputeCriticGradient();

        // theta-bar = tau theta + (1 - tau) theta-bar                                             [algorithm 1, last line]
        _critics.Step((float)_options.TargetRate);
        EvaluatePolicyLoss();
        ComputePolicyGradient();
        _policy.Step();
        if (_options.LearnTemperature)
        {
            ComputeTemperatureGradient();
            AdamKernel.Step(
                ref _logTemperature, _temperatureGradient, ref _temperatureFirst, ref _temperatureSecond, ++_temperatureSteps, _options.TemperatureLearningRate, 0.9f);
        }

        Updates++;
        GC.KeepAlive(this);
    }

    private void SampleMinibatch()
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

        _noiseRandom.FillGaussian(new Span<float>(_gaussian.Noise, 2 * _batch * _actionSize));
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
            next.CopyTo(_actor.Input.Span(_batch + row));
            for (int i = 0; i < 2; i++)
            {
                state.CopyTo(_online[i].Input.Span(row));
                action.CopyTo(_online[i].Input.Span(row)[o..]);
                next.CopyTo(_target[i].Input.Span(row));
                state.CopyTo(_proposed[i].Input.Span(row));
            }

            _returns[row] = returns[row] * (float)_options.RewardScale;
            _bootstraps[row] = bootstraps[row];
        }
    }

    /// <summary>a = f_phi(eps; s) and log pi(a | s) at s_t and s_t+1 [eq. 8], and alpha.</summary>
    internal void EvaluatePolicy()
    {
        _temperature = MathF.Exp(_logTemperature);
        _actor.Forward(_policy.Parameters);
        _gaussian.Forward(_actor.Output);
    }

    /// <summary>J_Q(theta_i) = E[(Q_i(s_t, a_t) - (r_t + gamma V(s_t+1)))^2 / 2], V(s) = min_i Q-bar_i(s, a) - alpha log pi(a | s)  [eqs. 5, 3].</summary>
    internal void EvaluateCriticLoss()
    {
        for (int i = 0; i < 2; i++)
        {
            PlaceActions(_target[i].Input, _batch);
            _target[i].Forward(_critics.Network(_critics.Targets, i));
            _online[i].Forward(_critics.Network(_critics.Parameters, i));
        }

        for (int row = 0; row < _batch; row++)
        {
            float value = Lowest(_target, row) - (_temperature * _gaussian.LogProbability[_batch + row]);
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
            for (int row = 0; row < _batch; row++)
            {
                *_online[i].OutputGradient.Row(row) = _tdErrors[i][row] / _batch;
            }

            _online[i].Backward(_critics, i, weights: true);
        }
    }

    /// <summary>J_pi(phi) = E[alpha log pi(f_phi(eps; s) | s) - min_i Q_i(s, f_phi(eps; s))]  [eq. 9, with the lower of two Qs].</summary>
    internal void EvaluatePolicyLoss()
    {
        for (int i = 0; i < 2; i++)
        {
            PlaceActions(_proposed[i].Input, 0);
            _proposed[i].Forward(_critics.Network(_critics.Parameters, i));
        }
    }

    /// <summary>dJ_pi/dphi by dJ_pi/da = -dQ/da / B of the lower Q and the policy's own gradient  [eq. 10].</summary>
    internal void ComputePolicyGradient()
    {
        _lowerCritic.Compute(_proposed, _critics, -1f / _batch);
        _gaussian.Backward(_lowerCritic.Result, _temperature / _batch, _actor.OutputGradient);
        _actor.Backward(_policy, 0, weights: true);
    }

    /// <summary>J(alpha) = E[-log alpha (log pi(a_t | s_t) + H-bar)]  [eq. 18, log alpha for alpha].</summary>
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

    internal Span<float> Noise => new(_gaussian.Noise, 2 * _batch * _actionSize);

    internal float TemperatureGradient => _temperatureGradient;

    internal double CriticLoss => 0.5 * (MeanSquare(_tdErrors[0]) + MeanSquare(_tdErrors[1]));

    internal double PolicyLoss => (_temperature * MeanLogPi()) - MeanLowest();

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _policy.CopyTo(0, destination.Parameters);
        _normaliser.CopyTo(destination);
        destination.Normalise = _options.NormaliseObservations;
        destination.UniformActions = Updates == 0;
        destination.Version = Updates;
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void RevertPolicy(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _policy.Replace(0, source.Parameters);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <remarks>min_i Q_i(s, tanh(mu(s))): the value of the frozen policy's action.</remarks>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values)
    {
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

            _probeActor.Forward(_policy.Parameters);
            for (int i = 0; i < 2; i++)
            {
                for (int row = 0; row < rows; row++)
                {
                    for (int a = 0; a < _actionSize; a++)
                    {
                        _probe[i].Input.Row(row)[_observationSize + a] = MathF.Tanh(_probeActor.Output.Row(row)[a]);
                    }
                }

                _probe[i].Forward(_critics.Network(_critics.Parameters, i));
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
        _policy.Save(writer, "sac/policy");
        _critics.Save(writer, "sac/critics");
        _critics.SaveTargets(writer, "sac/targets/parameters");
        writer.Write("sac/temperature/log", [_logTemperature]);
        writer.Write("sac/temperature/adam/steps", _temperatureSteps);
        writer.Write("sac/temperature/adam/first", [_temperatureFirst]);
        writer.Write("sac/temperature/adam/second", [_temperatureSecond]);
        _normaliser.Save(writer, "sac/normaliser");
        writer.Write("sac/random/replay", _replayRandom.State);
        writer.Write("sac/random/noise", _noiseRandom.State);
        writer.Write("sac/updates", Updates);
        writer.Write("sac/refused", _refused);
        writer.Write("sac/replay/total", _replay.Total);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _policy.Load(reader, "sac/policy");
        _critics.Load(reader, "sac/critics");
        _critics.LoadTargets(reader, "sac/targets/parameters");
        reader.Read("sac/temperature/log", new Span<float>(ref _logTemperature));
        _temperature = MathF.Exp(_logTemperature);
        _temperatureSteps = reader.ReadInt64("sac/temperature/adam/steps");
        reader.Read("sac/temperature/adam/first", new Span<float>(ref _temperatureFirst));
        reader.Read("sac/temperature/adam/second", new Span<float>(ref _temperatureSecond));
        _normaliser.Load(reader, "sac/normaliser");
        _replayRandom.State = reader.ReadRandomState("sac/random/replay");
        _noiseRandom.State = reader.ReadRandomState("sac/random/noise");
        Updates = reader.ReadInt64("sac/updates");
        _refused = reader.ReadInt64("sac/refused");
        _replay.BeginRestore(reader.ReadInt64("sac/replay/total"));
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

    /// <summary>Puts the policy's actions from row <paramref name="first"/> on behind the states.</summary>
    private void PlaceActions(in Matrix inputs, int first)
    {
        for (int row = 0; row < _batch; row++)
        {
            new ReadOnlySpan<float>(_gaussian.Action + ((first + row) * _actionSize), _actionSize).CopyTo(inputs.Span(row)[_observationSize..]);
        }
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
