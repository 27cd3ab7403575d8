using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// Stream AC(lambda): learns from each transition once, at once, without replay, batch or target network.
/// </summary>
/// <remarks>
/// <para>
/// Source: Elsayed, Vasan, Mahmood, "Streaming Deep Reinforcement Learning Finally Works", arXiv 2410.14606 (stream AC(lambda),
/// ObGD, SparseInit, SampleMeanVar, ScaleReward, NormalizeObservation), and its published program mohmdelsayed/streaming-drl.
/// </para>
/// <code>
/// symbol        identifier             shape
/// theta, w      _network.Actor, .Critic   flat blocks, layout of MlpShape; with a shared trunk one block
/// z_theta, z_w  _actorTrace, _criticTrace   like theta, w
/// s, s'         _observation, _nextObservation   [obs], normalised
/// a             _action                [action], before clipping, or the index
/// r             _reward                scaled
/// mu, sigma     _normaliser    [obs]
/// u             _rewardTrace           discounted return so far; its variance in _rewardStatistics
/// delta         tdError
/// M             bound                  alpha kappa max(|delta|, 1) ||z||_1
/// </code>
/// <para>Deviations, each with its reason:</para>
/// <list type="bullet">
/// <item>Only a termination stops bootstrapping (the program stops at time limits too, and tells the network the time instead:
/// here an observation is the task's business).</item>
/// <item>Normalised observations are clipped to +-<see cref="PolicyBlock.ClipNormalised"/>, as in every policy of this project.</item>
/// <item>The first observation of an episode is counted after it was normalised, not before: the policy has acted on it by then.</item>
/// <item>A missing, refused or unlearnable transition cuts the traces: they hold gradients of consecutive steps only.</item>
/// <item>One width (128) for discrete tasks too; the program has 32 there.</item>
/// </list>
/// </remarks>
public sealed class StreamActorCriticLearner : ILearner
{
    private readonly StreamActorCriticOptions _options;
    private readonly ScoreFunction _score;
    private readonly SampleActorCritic _network;
    private readonly float[] _actorTrace,
        _criticTrace;
    private readonly float[] _observation,
        _nextObservation,
        _action,
        _outputGradient,
        _estimated;
    private readonly RunningNormaliser _normaliser,
        _rewardStatistics;
    private readonly CounterRandom _random;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[11];
    private double _rewardTrace;
    private float _reward;
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
    public StreamActorCriticLearner(int observationSize, ActionSpace actions, StreamActorCriticOptions options, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(observationSize);
        ArgumentNullException.ThrowIfNull(actions);
        ArgumentNullException.ThrowIfNull(options);
        Numbers.ThrowIfAny(options.Validate("Learner:StreamActorCritic"));
        _options = options;
        _score = new ScoreFunction(actions);
        int[] hidden = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)];
        var actorShape = new MlpShape(observationSize, [.. hidden], _score.Outputs, Activation.LeakyRelu, LayerNorm: true);
        Policy = new PolicySpec(actorShape, _score.Head, actions.ActionSize);
        _network = new SampleActorCritic(actorShape, options.SharedTrunk);
        _actorTrace = new float[_network.Actor.Length];
        _criticTrace = new float[_network.Critic.Length];
        _observation = new float[observationSize];
        _nextObservation = new float[observationSize];
        _estimated = new float[observationSize];
        _action = new float[actions.ActionSize];
        _outputGradient = new float[_score.Outputs];
        _normaliser = new RunningNormaliser(observationSize);
        _rewardStatistics = new RunningNormaliser(1);
        _random = new CounterRandom(seed, RandomPurpose.Initialisation);
        _network.Initialise((shape, block) => Initialiser.Sparse(shape, options.Sparsity, _random, block));
        Report(default, default, default, default, default, default, default);
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

    /// <summary>Transitions and updates refused because a number was not finite or an action was none.</summary>
    public long Refused => _refused;

    /// <inheritdoc/>
    public ReadOnlySpan<LearnerMetric> Metrics => _metrics;

    /// <summary>
    /// Takes one transition: the normaliser and the reward scale see it now, <see cref="Update"/> learns from it. A transition
    /// that comes before the one before it was learned from replaces that one, which is counted as missed.
    /// </summary>
    public void Observe(in Transition transition)
    {
        bool continues = _continues && transition.Sequence == _lastSequence + 1;
        if (_pending)
        {
            _missed++;
            _pending = false;
            _tracesOpen = false;
        }

        _tracesOpen &= continues;
        _lastSequence = transition.Sequence;
        _continues = false;
        ReadOnlySpan<float> sample = _score.Head == PolicyHead.Categorical ? transition.Proposed : transition.PreSquash;
        if (
            !Numbers.AllFinite(transition.Observation)
            || !Numbers.AllFinite(transition.NextObservation)
            || !float.IsFinite(transition.Reward)
            || !_score.Accepts(sample)
        )
        {
            _refused++;
            _tracesOpen = false;
            return;
        }

        if (!transition.Learnable)
        {
            _tracesOpen = false;
            return;
        }

        // s as the acting policy saw it; it was counted as the s' before it, except where this is the first of a row.
        _normaliser.Normalise(transition.Observation, _observation);
        if (!continues)
        {
            _normaliser.Update(transition.Observation);
        }

        _normaliser.Update(transition.NextObservation);
        _normaliser.Normalise(transition.NextObservation, _nextObservation);

        // ScaleReward: u <- gamma (1 - T) u + r;  r <- r / sqrt(Var[u] + 1e-8), T = 1 in an episode's last step.
        bool ends = transition.End != EpisodeEnd.None;
        _rewardTrace = (_options.Discount * (ends ? 0 : 1) * _rewardTrace) + transition.Reward;
        _rewardStatistics.Update([(float)_rewardTrace]);
        _reward = transition.Reward * RewardScale;

        sample.CopyTo(_action);
        _end = transition.End;
        _continues = !ends;
        _pending = true;
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
        float discount = (float)_options.Discount,
            decay = _tracesOpen ? (float)(_options.Discount * _options.TraceDecay) : 0;

        // delta <- r + gamma V(s'; w) - V(s; w), without gamma V(s'; w) after a termination.
        float nextValue = _end == EpisodeEnd.Terminated ? 0 : _network.Value(_nextObservation);
        float value = _network.Value(_observation);
        float tdError = _reward + (discount * nextValue) - value;

        // z_theta <- gamma lambda z_theta + grad [log pi(a|s; theta) + tau sign(delta) H(s; theta)]
        (float logProbability, float entropy) = _score.Evaluate(_network.Policy(_observation), _action);
        float tau =
            (float)_options.EntropyCoefficient
            * (
                tdError > 0 ? 1
                : tdError < 0 ? -1
                : 0
            );
        for (int i = 0; i < _outputGradient.Length; i++)
        {
            _outputGradient[i] = _score.ScoreGradient[i] + (tau * _score.EntropyGradient[i]);
        }

        float actorNorm = _network.AccumulatePolicy(_outputGradient, decay, _actorTrace);

        // z_w <- gamma lambda z_w + grad V(s; w)
        float criticNorm = _network.AccumulateValue(1, decay, _criticTrace);

        if (!float.IsFinite(tdError) || !float.IsFinite(actorNorm) || !float.IsFinite(criticNorm))
        {
            _refused++;
            RefusedUpdates++;
            _tracesOpen = false;
            Report(tdError, value, entropy, logProbability, 0, 0, 0);
            return;
        }

        // theta <- theta + alpha' delta z_theta;  w <- w + alpha' delta z_w, each with the alpha' of its own trace.
        float actorStep = BoundedStep(tdError, actorNorm, _options.PolicyKappa);
        SampleKernels.AddScaled(_actorTrace, actorStep * tdError, _network.Actor);
        float criticStep = BoundedStep(tdError, criticNorm, _options.ValueKappa);
        SampleKernels.AddScaled(_criticTrace, criticStep * tdError, _network.Critic);

        _tracesOpen = _end == EpisodeEnd.None;
        Updates++;
        Report(tdError, value, entropy, logProbability, actorStep, criticStep, criticNorm);
    }

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _network.CopyPolicy(destination.Parameters);
        _normaliser.CopyTo(destination);
        destination.Version = Updates;
        destination.UniformActions = false;
    }

    /// <summary>
    /// Puts the actor back to an earlier policy: the same function of the raw observation, written for the present normaliser,
    /// which the critic goes on using. The actor's trace restarts.
    /// </summary>
    public void RevertPolicy(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _network.TakePolicy(source, _normaliser);
        Array.Clear(_actorTrace);
        if (_network.SharedTrunk)
        {
            Array.Clear(_criticTrace);
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
        writer.Write("actor/parameters", _network.Actor);
        writer.Write("actor/trace", _actorTrace);
        writer.Write("critic/parameters", _network.Critic);
        writer.Write("critic/trace", _criticTrace);
        _normaliser.Save(writer, "observation");
        _rewardStatistics.Save(writer, "reward");
        writer.Write("reward/trace", _rewardTrace);
        writer.Write("pending/observation", _observation);
        writer.Write("pending/next_observation", _nextObservation);
        writer.Write("pending/action", _action);
        writer.Write("pending/reward", [_reward]);
        writer.Write("random", _random.State);
        writer.Write(
            "counters",
            [Updates, _lastSequence, _refused, _missed, (long)_end, Flag(_pending), Flag(_continues), Flag(_tracesOpen), RefusedUpdates]
        );
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        reader.Read("actor/parameters", _network.Actor);
        reader.Read("actor/trace", _actorTrace);
        reader.Read("critic/parameters", _network.Critic);
        reader.Read("critic/trace", _criticTrace);
        _normaliser.Load(reader, "observation");
        _rewardStatistics.Load(reader, "reward");
        _rewardTrace = reader.ReadDouble("reward/trace");
        reader.Read("pending/observation", _observation);
        reader.Read("pending/next_observation", _nextObservation);
        reader.Read("pending/action", _action);
        Span<float> reward = stackalloc float[1];
        reader.Read("pending/reward", reward);
        _reward = reward[0];
        _random.State = reader.ReadRandomState("random");
        Span<long> counters = stackalloc long[9];
        reader.Read("counters", counters);
        (Updates, _lastSequence, _refused, _missed, _end) = (counters[0], counters[1], counters[2], counters[3], (EpisodeEnd)counters[4]);
        RefusedUpdates = counters[8];
        (_pending, _continues, _tracesOpen) = (counters[5] != 0, counters[6] != 0, counters[7] != 0);
    }

    /// <summary>Nothing to release: no native memory.</summary>
    public void Dispose() { }

    /// <summary>ObGD: M = alpha kappa max(|delta|, 1) ||z||_1;  alpha' = min(alpha / M, alpha).</summary>
    private float BoundedStep(float tdError, float traceNorm, double kappa)
    {
        double bound = _options.StepSize * kappa * Math.Max(Math.Abs(tdError), 1) * traceNorm;
        return (float)Math.Min(_options.StepSize / bound, _options.StepSize);
    }

    private void Report(
        float tdError,
        float value,
        float entropy,
        float logProbability,
        float actorStep,
        float criticStep,
        float criticNorm
    )
    {
        _metrics[0] = new("value/td_error", tdError);
        _metrics[1] = new("value/estimate", value);
        _metrics[2] = new("value/step", criticStep);
        _metrics[3] = new("value/trace_norm", criticNorm);
        _metrics[4] = new("policy/entropy", entropy);
        _metrics[5] = new("policy/log_probability", logProbability);
        _metrics[6] = new("policy/step", actorStep);
        _metrics[7] = new("reward/scale", RewardScale);
        _metrics[8] = new("reward/scaled", _reward);
        _metrics[9] = new("stream/refused", _refused);
        _metrics[10] = new("stream/missed", _missed);
    }

    /// <summary>1 / sqrt(Var[u] + 1e-8), as float.</summary>
    private float RewardScale => (float)(1 / Math.Sqrt(_rewardStatistics.Variance(0) + RunningNormaliser.Epsilon));

    private static long Flag(bool value) => value ? 1 : 0;
}
