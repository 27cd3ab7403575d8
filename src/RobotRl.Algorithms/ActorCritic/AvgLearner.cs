using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// AVG, Action Value Gradient: one update from each transition at once, by the gradient of the action value through the
/// reparametrised action; no replay, no batch, no target network.
/// </summary>
/// <remarks>
/// <para>
/// Source: Vasan, Elsayed, Azimi, He, Shahriar, Bellinger, White, Mahmood, "Deep Policy Gradient Methods Without Batch Updates,
/// Target Networks, or Replay Buffers", arXiv 2411.15370, Algorithm 1, and its published program gauthamvasan/avg; the error's
/// scale from arXiv 2105.05347.
/// </para>
/// <code>
/// symbol        identifier                 shape
/// theta, phi    _actor, _critic            flat blocks, layout of MlpShape
/// s, s'         _observation, _nextObservation   [obs], normalised
/// a             _executed                  [action], what the critic learns from
/// u, a~         _preSquash, tanh(u)        [action], what the actor drew: u = mu + sigma xi
/// r             _reward
/// a'            _nextAction                [action], drawn anew at s'
/// sigma_delta   _scale.Sigma
/// delta         tdError
/// eta, gamma    options
/// </code>
/// <para>Deviations, each with its reason:</para>
/// <list type="bullet">
/// <item>The critic learns from the executed action, the actor from its own: between them stands the safety gate.</item>
/// <item>The critic ascends delta grad Q, as Algorithm 1 has it; the program descends the square of the scaled error, which differs
/// by 2 / sigma_delta, and that Adam divides out as long as it changes slowly.</item>
/// <item>Only a termination stops bootstrapping. A return that a time limit cut off does not count for sigma_delta.</item>
/// <item>Normalised observations are clipped to +-<see cref="PolicyBlock.ClipNormalised"/>, as in every policy of this project; the
/// first observation of an episode is counted after it was normalised: the policy has acted on it by then.</item>
/// <item>Biases start at zero, weights orthogonal (the program's); PyTorch draws with other random numbers.</item>
/// </list>
/// </remarks>
public sealed class AvgLearner : ILearner
{
    private readonly AvgOptions _options;
    private readonly SampleMlp _actorNetwork,
        _criticNetwork;
    private readonly FlatOptimiser _actorOptimiser,
        _criticOptimiser;
    private readonly float[] _actor,
        _critic,
        _actorGradient,
        _criticGradient,
        _unused;
    private readonly float[] _observation,
        _nextObservation,
        _preSquash,
        _action,
        _executed,
        _nextAction,
        _noise,
        _estimated;
    private readonly float[] _outputs,
        _outputGradient,
        _criticInput,
        _atInput;
    private readonly RunningNormaliser _normaliser;
    private readonly ReturnScale _scale = new();
    private readonly CounterRandom _random;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[9];
    private float _reward;
    private EpisodeEnd _end;
    private bool _pending,
        _continues;
    private long _lastSequence = -1,
        _refused,
        _missed;

    /// <summary>Makes a learner with freshly drawn weights.</summary>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actionSize">Continuous action components.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Seed of initial weights and of a'.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public AvgLearner(int observationSize, int actionSize, AvgOptions options, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(observationSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(actionSize);
        ArgumentNullException.ThrowIfNull(options);
        Numbers.ThrowIfAny(options.Validate("Learner:Avg"));
        _options = options;
        int[] hidden = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)];
        var actorShape = new MlpShape(observationSize, [.. hidden], 2 * actionSize, Activation.LeakyRelu, UnitFeatures: true);
        Policy = new PolicySpec(actorShape, PolicyHead.SquashedGaussian, actionSize);
        _actorNetwork = new SampleMlp(actorShape);
        _criticNetwork = new SampleMlp(actorShape with { Inputs = observationSize + actionSize, Outputs = 1 });
        _actor = new float[_actorNetwork.Shape.ParameterCount];
        _critic = new float[_criticNetwork.Shape.ParameterCount];
        (_actorGradient, _criticGradient, _unused) = (new float[_actor.Length], new float[_critic.Length], new float[_critic.Length]);
        _actorOptimiser = new(OptimiserKind.Adam, options.ActorLearningRate, _actor.Length, options.Beta1);
        _criticOptimiser = new(OptimiserKind.Adam, options.CriticLearningRate, _critic.Length, options.Beta1);
        (_observation, _nextObservation, _estimated) = (new float[observationSize], new float[observationSize], new float[observationSize]);
        (_preSquash, _action, _executed, _nextAction, _noise) = (
            new float[actionSize],
            new float[actionSize],
            new float[actionSize],
            new float[actionSize],
            new float[actionSize]
        );
        (_outputs, _outputGradient) = (new float[2 * actionSize], new float[2 * actionSize]);
        (_criticInput, _atInput) = (new float[observationSize + actionSize], new float[observationSize + actionSize]);
        _normaliser = new RunningNormaliser(observationSize);
        _random = new CounterRandom(seed, RandomPurpose.Initialisation);
        Initialiser.Orthogonal(_actorNetwork.Shape, _random, _actor);
        Initialiser.Orthogonal(_criticNetwork.Shape, _random, _critic);
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

    /// <summary>Transitions and updates refused because a number was not finite.</summary>
    public long Refused => _refused;

    /// <inheritdoc/>
    public ReadOnlySpan<LearnerMetric> Metrics => _metrics;

    /// <summary>
    /// Takes one transition: the normaliser and the error's scale see it now, <see cref="Update"/> learns from it. A transition
    /// that comes before the one before it was learned from replaces that one, which is counted as missed.
    /// </summary>
    public void Observe(in Transition transition)
    {
        bool continues = _continues && transition.Sequence == _lastSequence + 1;
        _missed += _pending ? 1 : 0;
        (_pending, _continues, _lastSequence) = (false, false, transition.Sequence);
        if (
            !Numbers.AllFinite(transition.Observation)
            || !Numbers.AllFinite(transition.NextObservation)
            || !Numbers.AllFinite(transition.PreSquash)
            || !Numbers.AllFinite(transition.Executed)
            || !float.IsFinite(transition.Reward)
            || !float.IsFinite(transition.LogProbability)
        )
        {
            _refused++;
            return;
        }

        if (!transition.Learnable)
        {
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
        _reward = (float)_options.RewardScale * transition.Reward;
        _end = transition.End;
        transition.PreSquash.CopyTo(_preSquash);
        transition.Executed.CopyTo(_executed);

        // r - eta log pi(a|s) is what the return consists of [arXiv 2411.15370 Algorithm 1].
        double earned = _reward - (_options.EntropyCoefficient * transition.LogProbability);
        _scale.Update(earned, _options.Discount, _end == EpisodeEnd.Terminated, _end != EpisodeEnd.None);
        _continues = _end == EpisodeEnd.None;
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
            eta = (float)_options.EntropyCoefficient;

        // delta = [r + gamma (Q(s', a') - eta log pi(a'|s')) - Q(s, a)] / sigma_delta, without what follows a termination;  a' ~ pi(.|s')
        float next = 0;
        if (_end != EpisodeEnd.Terminated)
        {
            _random.FillGaussian(_noise);
            float logNext = PolicyHeads.Sample(
                Policy,
                _actorNetwork.Forward(_actor, _nextObservation),
                _noise,
                _nextAction,
                _outputGradient.AsSpan(0, _noise.Length)
            );
            next = Value(_nextObservation, _nextAction) - (eta * logNext);
        }

        float value = Value(_observation, _executed),
            error = _reward + (discount * next) - value;
        float tdError = error / (float)_scale.Sigma;

        // phi <- phi + alpha_Q delta grad Q(s, a)
        _criticNetwork.Accumulate(_critic, [1f], 0, _criticGradient, _atInput);

        // theta <- theta + alpha_pi grad [Q(s, a~) - eta log pi(a~|s)],  a~ = tanh(mu + sigma xi), xi held
        _actorNetwork.Forward(_actor, _observation).CopyTo(_outputs);
        for (int i = 0; i < _action.Length; i++)
        {
            _action[i] = MathF.Tanh(_preSquash[i]);
        }

        if (!_action.AsSpan().SequenceEqual(_executed))
        {
            // The gate has changed it: the value's slope is asked for where the actor was.
            Value(_observation, _action);
            _criticNetwork.Accumulate(_critic, [1f], 0, _unused, _atInput);
        }

        float logProbability = ActorGradient(_atInput.AsSpan(_observation.Length), eta);
        _actorNetwork.Accumulate(_actor, _outputGradient, 0, _actorGradient);
        if (!float.IsFinite(tdError) || !float.IsFinite(logProbability) || !Numbers.AllFinite(_outputGradient))
        {
            _refused++;
            RefusedUpdates++;
            Report(tdError, error, value, logProbability, 0);
            return;
        }

        bool taken = _actorOptimiser.Ascend(_actor, _actorGradient) & _criticOptimiser.Ascend(_critic, _criticGradient, tdError);
        RefusedUpdates += taken ? 0 : 1;
        Updates++;
        Report(tdError, error, value, logProbability, 1);
    }

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _actor.CopyTo(destination.Parameters, 0);
        _normaliser.CopyTo(destination);
        destination.Version = Updates;
        destination.UniformActions = false;
    }

    /// <summary>
    /// Puts the actor and the normaliser back to an earlier policy's; the critic is carried over to that normaliser. The actor's
    /// optimiser restarts.
    /// </summary>
    public void RevertPolicy(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        source.Parameters.CopyTo(_actor, 0);
        NormaliserChange.Revert(_normaliser, source).Carry(_criticNetwork.Shape, _critic);
        _actorOptimiser.Restart();
    }

    /// <summary>Q(s, tanh(mu(s))), in units of unscaled rewards.</summary>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            _normaliser.Normalise(observations.Slice(i * _estimated.Length, _estimated.Length), _estimated);
            PolicyHeads.Frozen(Policy, _actorNetwork.Forward(_actor, _estimated), _nextAction);
            values[i] = Value(_estimated, _nextAction) / (float)_options.RewardScale;
        }
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write("actor/parameters", _actor);
        writer.Write("critic/parameters", _critic);
        _actorOptimiser.Save(writer, "actor/adam");
        _criticOptimiser.Save(writer, "critic/adam");
        _normaliser.Save(writer, "observation");
        _scale.Save(writer, "scale");
        writer.Write("pending/observation", _observation);
        writer.Write("pending/next_observation", _nextObservation);
        writer.Write("pending/pre_squash", _preSquash);
        writer.Write("pending/executed", _executed);
        writer.Write("pending/reward", [_reward]);
        writer.Write("random", _random.State);
        writer.Write(
            "counters",
            [Updates, _lastSequence, _refused, _missed, (long)_end, _pending ? 1 : 0, _continues ? 1 : 0, RefusedUpdates]
        );
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        reader.Read("actor/parameters", _actor);
        reader.Read("critic/parameters", _critic);
        _actorOptimiser.Load(reader, "actor/adam");
        _criticOptimiser.Load(reader, "critic/adam");
        _normaliser.Load(reader, "observation");
        _scale.Load(reader, "scale");
        reader.Read("pending/observation", _observation);
        reader.Read("pending/next_observation", _nextObservation);
        reader.Read("pending/pre_squash", _preSquash);
        reader.Read("pending/executed", _executed);
        Span<float> reward = stackalloc float[1];
        reader.Read("pending/reward", reward);
        _reward = reward[0];
        _random.State = reader.ReadRandomState("random");
        Span<long> counters = stackalloc long[8];
        reader.Read("counters", counters);
        (Updates, _lastSequence, _refused, _missed, _end) = (counters[0], counters[1], counters[2], counters[3], (EpisodeEnd)counters[4]);
        RefusedUpdates = counters[7];
        (_pending, _continues) = (counters[5] != 0, counters[6] != 0);
    }

    /// <summary>Nothing to release: no native memory.</summary>
    public void Dispose() { }

    private float Value(ReadOnlySpan<float> observation, ReadOnlySpan<float> action)
    {
        observation.CopyTo(_criticInput);
        action.CopyTo(_criticInput.AsSpan(observation.Length));
        return _criticNetwork.Forward(_critic, _criticInput)[0];
    }

    /// <summary>
    /// d[Q - eta log pi] / d(mu, log sigma) with xi = (u - mu) / sigma held. With log pi = -xi^2/2 - log sigma - log(1 -
    /// tanh(u)^2) + const and
    /// du/dmu = 1, du/dlog sigma = sigma xi = u - mu:  d log pi/dmu = 2 a~,  d log pi/dlog sigma = -1 + 2 a~ (u - mu).
    /// </summary>
    private float ActorGradient(ReadOnlySpan<float> valueSlope, float eta)
    {
        int size = _action.Length;
        float logProbability = 0;
        for (int i = 0; i < size; i++)
        {
            float raw = _outputs[size + i],
                logStd = Math.Clamp(raw, Policy.LogStdMin, Policy.LogStdMax),
                shift = _preSquash[i] - _outputs[i],
                a = _action[i];
            float slope = valueSlope[i] * (1 - (a * a)),
                xi = shift / MathF.Exp(logStd);
            _outputGradient[i] = slope - (eta * 2 * a);
            _outputGradient[size + i] = raw == logStd ? (slope * shift) - (eta * (-1 + (2 * a * shift))) : 0;
            logProbability += PolicyHeads.SquashedLogDensity(xi, logStd, _preSquash[i]);
        }

        return logProbability;
    }

    private void Report(float tdError, float error, float value, float logProbability, float learned)
    {
        _metrics[0] = new("value/td_error", error);
        _metrics[1] = new("value/scaled_td_error", tdError);
        _metrics[2] = new("value/estimate", value);
        _metrics[3] = new("value/error_scale", _scale.Sigma);
        _metrics[4] = new("policy/log_probability", logProbability);
        _metrics[5] = new("reward/scaled", _reward);
        _metrics[6] = new("stream/learned", learned);
        _metrics[7] = new("stream/refused", _refused);
        _metrics[8] = new("stream/missed", _missed);
    }
}
