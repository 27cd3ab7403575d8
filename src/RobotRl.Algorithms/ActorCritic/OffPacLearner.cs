using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// Off-policy actor-critic: one policy acts, another is learned from what it does, step by step, with importance ratios in both
/// eligibility traces and a
/// gradient-corrected critic.
/// </summary>
/// <remarks>
/// <para>
/// Source: the course's Off-PAC; arXiv 1205.4839 (T. Degris, M. White, R. Sutton), algorithm 1: GTD(lambda) for the critic,
/// eligibility vectors for the actor.
/// Networks and bounded steps: arXiv 2410.14606 (as <see cref="StreamActorCriticLearner"/> has them).
/// </para>
/// <code>
/// symbol      identifier        shape
/// u           _network.Actor    flat block, layout of MlpShape
/// v           _network.Critic   flat block, layout of MlpShape; with a shared trunk the same block
/// w           _correction       as v
/// e_u, e_v    _actorTrace, _criticTrace   as u, as v
/// x(s)        _gradient         as v: grad V(s), which is the feature vector where V is linear
/// x(s')       _nextGradient     as v
/// b           what acted: Transition.LogProbability is log b(a|s)
/// rho         ratio
/// delta       tdError
/// </code>
/// <para>Deviations, each with its reason:</para>
/// <list type="bullet">
/// <item>V is a network: its gradient stands for the paper's features, without the second-order term of nonlinear GTD (as is
/// usual; zero where V is linear).</item>
/// <item>Steps are bounded, observations normalised and rewards scaled as in arXiv 2410.14606: no single step size would serve
/// otherwise. A kappa of 0 turns the bound off.</item>
/// <item>alpha_w is a part of 1 / |x(s)|^2, for the same reason.</item>
/// <item>An entropy term in the actor's trace (option), as arXiv 2410.14606 has it: a policy that is certain too early learns
/// nothing more.</item>
/// <item>gamma(s') is 0 at terminations only; a time limit ends the traces and bootstraps.</item>
/// </list>
/// <para>The policy that leaves the learner is b; its most probable action (or mean) is the learned policy's, so that evaluation
/// and deployment judge what was learned.</para>
/// </remarks>
public sealed class OffPacLearner : ILearner
{
    private readonly OffPacOptions _options;
    private readonly ScoreFunction _score;
    private readonly SampleActorCritic _network;
    private readonly float[] _correction,
        _actorTrace,
        _criticTrace,
        _gradient,
        _nextGradient;
    private readonly float[] _observation,
        _nextObservation,
        _action,
        _outputGradient,
        _estimated;
    private readonly RunningNormaliser _normaliser,
        _rewardStatistics;
    private readonly CounterRandom _random;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[8];
    private double _rewardTrace;
    private float _reward,
        _behaviourLog;
    private EpisodeEnd _end;
    private bool _pending,
        _continues,
        _tracesOpen;
    private long _lastSequence = -1,
        _refused,
        _missed;

    /// <summary>Makes a learner with freshly drawn weights.</summary>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actions">What to choose from, discrete or continuous.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public OffPacLearner(int observationSize, ActionSpace actions, OffPacOptions options, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(observationSize);
        ArgumentNullException.ThrowIfNull(actions);
        ArgumentNullException.ThrowIfNull(options);
        Numbers.ThrowIfAny(options.Validate("Learner:OffPac"));
        _options = options;
        _score = new ScoreFunction(actions);
        int[] hidden = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)];
        var shape = new MlpShape(observationSize, [.. hidden], _score.Outputs, Activation.LeakyRelu, LayerNorm: true);
        Policy = new PolicySpec(shape, _score.Head, actions.ActionSize);
        _network = new SampleActorCritic(shape, options.SharedTrunk);
        _actorTrace = new float[_network.Actor.Length];
        int values = _network.Critic.Length;
        (_correction, _criticTrace, _gradient, _nextGradient) = (
            new float[values],
            new float[values],
            new float[values],
            new float[values]
        );
        (_observation, _nextObservation, _estimated) = (new float[observationSize], new float[observationSize], new float[observationSize]);
        (_action, _outputGradient) = (new float[actions.ActionSize], new float[_score.Outputs]);
        (_normaliser, _rewardStatistics) = (new RunningNormaliser(observationSize), new RunningNormaliser(1));
        _random = new CounterRandom(seed, RandomPurpose.Initialisation);
        _network.Initialise((block, parameters) => Initialiser.Sparse(block, options.Sparsity, _random, parameters));
        Report(default, default, default, default, default);
    }

    /// <inheritdoc/>
    public PolicySpec Policy { get; }

    /// <inheritdoc/>
    public SwapRule SwapRule => SwapRule.AnyTick;

    /// <inheritdoc/>
    public long Updates { get; private set; }

    /// <inheritdoc/>
    public long RefusedUpdates { get; private set; }

    /// <inheritdoc/>
    public bool CanUpdate => _pending;

    /// <inheritdoc/>
    public double UpdatesPerTransition => 1;

    /// <inheritdoc/>
    public long RestoreLength => 0;

    /// <inheritdoc/>
    public ReadOnlySpan<LearnerMetric> Metrics => _metrics;

    /// <summary>
    /// Takes one transition: the normaliser and the reward scale see it now, <see cref="Update"/> learns from it. A transition
    /// that comes before the one
    /// before it was learned from replaces that one, which is counted as missed.
    /// </summary>
    public void Observe(in Transition transition)
    {
        bool continues = _continues && transition.Sequence == _lastSequence + 1;
        _missed += _pending ? 1 : 0;
        _tracesOpen &= continues && !_pending;
        (_pending, _continues, _lastSequence) = (false, false, transition.Sequence);
        ReadOnlySpan<float> sample = _score.Head == PolicyHead.Categorical ? transition.Proposed : transition.PreSquash;
        bool sound =
            Numbers.AllFinite(transition.Observation)
            && Numbers.AllFinite(transition.NextObservation)
            && float.IsFinite(transition.Reward)
            && float.IsFinite(transition.LogProbability)
            && _score.Accepts(sample);
        _refused += sound ? 0 : 1;
        if (!sound || !transition.Learnable)
        {
            _tracesOpen = false;
            return;
        }

        // s as it was counted, as the s' before it; the first of a row is counted now.
        _normaliser.Normalise(transition.Observation, _observation);
        if (!continues)
        {
            _normaliser.Update(transition.Observation);
        }

        _normaliser.Update(transition.NextObservation);
        _normaliser.Normalise(transition.NextObservation, _nextObservation);

        // ScaleReward of arXiv 2410.14606: u <- gamma (1 - T) u + r;  r <- r / sqrt(Var[u] + 1e-8).
        bool ends = transition.End != EpisodeEnd.None;
        _rewardTrace = (_options.Discount * (ends ? 0 : 1) * _rewardTrace) + transition.Reward;
        _rewardStatistics.Update([(float)_rewardTrace]);
        (_reward, _behaviourLog) = (transition.Reward * RewardScale, transition.LogProbability);
        sample.CopyTo(_action);
        (_end, _continues, _pending) = (transition.End, !ends, true);
    }

    /// <inheritdoc/>
    public void Restore(in Transition transition) { }

    /// <inheritdoc/>
    public void Update()
    {
        if (!_pending)
        {
            throw new InvalidOperationException("Nothing to learn from: call Update only where CanUpdate is true.");
        }

        _pending = false;
        float discount = _end == EpisodeEnd.Terminated ? 0 : (float)_options.Discount;

        // delta <- r + gamma(s') V(s') - V(s), with x(s') and x(s) beside.
        float nextValue = _network.Value(_nextObservation);
        float nextNorm = _network.AccumulateValue(1, 0, _nextGradient);
        float value = _network.Value(_observation);
        _network.AccumulateValue(1, 0, _gradient);
        float tdError = _reward + (discount * nextValue) - value;

        // rho <- pi(a|s) / b(a|s)
        (float logProbability, float entropy) = _score.Evaluate(_network.Policy(_observation), _action);
        float ratio = MathF.Exp(logProbability - _behaviourLog);
        ratio = _options.MaxRatio > 0 ? MathF.Min(ratio, (float)_options.MaxRatio) : ratio;

        // e_v <- rho (x(s) + gamma lambda e_v);  e_u <- rho (grad log pi(a|s) + gamma lambda e_u)
        float decay = _tracesOpen ? ratio * (float)(_options.Discount * _options.TraceDecay) : 0;
        float criticNorm = SampleKernels.AccumulateScaled(_gradient, ratio, decay, _criticTrace);
        float tau =
            (float)_options.EntropyCoefficient
            * (
                tdError > 0 ? 1
                : tdError < 0 ? -1
                : 0
            );
        for (int i = 0; i < _outputGradient.Length; i++)
        {
            _outputGradient[i] = ratio * (_score.ScoreGradient[i] + (tau * _score.EntropyGradient[i]));
        }

        float actorNorm = _network.AccumulatePolicy(_outputGradient, decay, _actorTrace);
        double length = SampleKernels.WideDot(_gradient, _gradient);
        if (!float.IsFinite(tdError) || !float.IsFinite(actorNorm) || !float.IsFinite(criticNorm) || !double.IsFinite(length))
        {
            // A number that is not finite must not reach a weight.
            _refused++;
            RefusedUpdates++;
            _tracesOpen = false;
            return;
        }

        // v <- v + alpha_v [delta e_v - gamma(s') (1 - lambda) (w . e_v) x(s')]
        float correction = discount * (float)(1 - _options.TraceDecay) * SampleKernels.Dot(_correction, _criticTrace),
            error = MathF.Max(MathF.Abs(tdError), 1);
        float criticStep = BoundedStep(
            _options.CriticStepSize,
            _options.ValueKappa,
            (error * criticNorm) + (MathF.Abs(correction) * nextNorm)
        );
        SampleKernels.AddScaled(_criticTrace, criticStep * tdError, _network.Critic);
        SampleKernels.AddScaled(_nextGradient, -criticStep * correction, _network.Critic);

        // w <- w + alpha_w [delta e_v - (w . x(s)) x(s)]
        float correctionStep = (float)(_options.CorrectionStepSize / Math.Max(1, length)),
            expected = SampleKernels.Dot(_correction, _gradient);
        SampleKernels.AddScaled(_criticTrace, correctionStep * tdError, _correction);
        SampleKernels.AddScaled(_gradient, -correctionStep * expected, _correction);

        // u <- u + alpha_u delta e_u
        SampleKernels.AddScaled(
            _actorTrace,
            BoundedStep(_options.ActorStepSize, _options.PolicyKappa, error * actorNorm) * tdError,
            _network.Actor
        );
        _tracesOpen = _end == EpisodeEnd.None;
        Updates++;
        Report(tdError, value, ratio, entropy, correction);
    }

    /// <summary>
    /// Copies b: the learned policy made bolder by the temperature, or the learned policy with the order to act uniformly. Its
    /// frozen action is the learned
    /// policy's in both cases.
    /// </summary>
    public void CopyPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _network.CopyPolicy(destination.Parameters);
        _normaliser.CopyTo(destination);
        (destination.Normalise, destination.Version, destination.UniformActions) = (
            true,
            Updates,
            _options.Behaviour == BehaviourKind.Uniform
        );
        Temper(destination.Parameters, _options.Temperature);
    }

    /// <summary>
    /// Puts the learned policy and the normaliser back to those behind an earlier b; the critic is carried over to that
    /// normaliser; the actor's trace restarts.
    /// </summary>
    public void RevertPolicy(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _network.TakePolicy(source, _normaliser, policy => Temper(policy, 1 / _options.Temperature));
        Array.Clear(_actorTrace);
        if (_network.SharedTrunk)
        {
            Array.Clear(_criticTrace);
            Array.Clear(_correction);
        }
    }

    /// <inheritdoc/>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            _normaliser.Normalise(observations.Slice(i * _estimated.Length, _estimated.Length), _estimated);
            values[i] = _network.Value(_estimated) / RewardScale;
        }
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        foreach ((string name, float[] values) in State())
        {
            writer.Write(name, values);
        }

        _normaliser.Save(writer, "observation");
        _rewardStatistics.Save(writer, "reward");
        writer.Write("reward/trace", _rewardTrace);
        writer.Write("pending/reward", [_reward, _behaviourLog]);
        writer.Write("random", _random.State);
        writer.Write(
            "counters",
            [
                Updates,
                _lastSequence,
                _refused,
                _missed,
                (long)_end,
                _pending ? 1 : 0,
                _continues ? 1 : 0,
                _tracesOpen ? 1 : 0,
                RefusedUpdates,
            ]
        );
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        foreach ((string name, float[] values) in State())
        {
            reader.Read(name, values);
        }

        _normaliser.Load(reader, "observation");
        _rewardStatistics.Load(reader, "reward");
        _rewardTrace = reader.ReadDouble("reward/trace");
        Span<float> pending = stackalloc float[2];
        reader.Read("pending/reward", pending);
        (_reward, _behaviourLog) = (pending[0], pending[1]);
        _random.State = reader.ReadRandomState("random");
        Span<long> counters = stackalloc long[9];
        reader.Read("counters", counters);
        (Updates, _lastSequence, _refused, _missed, _end) = (counters[0], counters[1], counters[2], counters[3], (EpisodeEnd)counters[4]);
        RefusedUpdates = counters[8];
        (_pending, _continues, _tracesOpen) = (counters[5] != 0, counters[6] != 0, counters[7] != 0);
    }

    /// <summary>Nothing to release: no native memory.</summary>
    public void Dispose() { }

    private IEnumerable<(string Name, float[] Values)> State() =>
        [
            ("actor/parameters", _network.Actor),
            ("actor/trace", _actorTrace),
            ("critic/parameters", _network.Critic),
            ("critic/trace", _criticTrace),
            ("critic/correction", _correction),
            ("pending/observation", _observation),
            ("pending/next_observation", _nextObservation),
            ("pending/action", _action),
        ];

    /// <summary>
    /// Divides the logits by <paramref name="temperature"/>, or adds its logarithm before the softplus that makes deviations.
    /// </summary>
    private void Temper(Span<float> policy, double temperature)
    {
        MlpShape shape = Policy.Network;
        if (_options.Behaviour == BehaviourKind.Uniform)
        {
            return;
        }

        if (_score.Head == PolicyHead.Categorical)
        {
            foreach (ref float weight in policy[shape.WeightOffset(shape.LayerCount - 1)..])
            {
                weight = (float)(weight / temperature);
            }
        }
        else
        {
            foreach (ref float bias in policy[(shape.BiasOffset(shape.LayerCount - 1) + (shape.Outputs / 2))..])
            {
                bias += (float)Math.Log(temperature);
            }
        }
    }

    /// <summary>
    /// ObGD of arXiv 2410.14606: M = alpha kappa max(|delta|, 1) ||e||_1, for the value with the correction's part beside; alpha'
    /// = min(alpha / M, alpha).
    /// </summary>
    private static float BoundedStep(double size, double kappa, double length) => (float)(size / Math.Max(1, size * kappa * length));

    private void Report(float tdError, float value, float ratio, float entropy, float correction)
    {
        _metrics[0] = new("value/td_error", tdError);
        _metrics[1] = new("value/estimate", value);
        _metrics[2] = new("value/correction", correction);
        _metrics[3] = new("policy/ratio", ratio);
        _metrics[4] = new("policy/entropy", entropy);
        _metrics[5] = new("reward/scale", RewardScale);
        _metrics[6] = new("stream/refused", _refused);
        _metrics[7] = new("stream/missed", _missed);
    }

    /// <summary>1 / sqrt(Var[u] + 1e-8), as float.</summary>
    private float RewardScale => (float)(1 / Math.Sqrt(_rewardStatistics.Variance(0) + RunningNormaliser.Epsilon));
}
