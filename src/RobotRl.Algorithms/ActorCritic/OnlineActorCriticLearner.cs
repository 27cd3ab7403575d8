using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// Online actor-critic with discount, one step at a time: take an action, fit V to r + gamma V(s'), evaluate the advantage
/// r + gamma V(s') - V(s), follow grad log pi(a|s) times it.
/// </summary>
/// <remarks>
/// <para>
/// Source: CS 285 (UC Berkeley), lecture "Actor-Critic Algorithms", slide "Actor-critic algorithms (with discount)", the online
/// algorithm, steps 1 to 5; the same with one advantage for both steps in Sutton and Barto, "Reinforcement Learning", 2nd
/// edition, section 13.5 (one-step actor-critic).
/// </para>
/// <code>
/// symbol     identifier            shape
/// theta      _network.Actor        flat block, layout of MlpShape
/// phi        _network.Critic       flat block, layout of MlpShape; with a shared trunk the same block
/// s, s'      _observation, _nextObservation   [obs]
/// a          _action               [action], before clipping, or the index
/// r          _reward
/// y          target
/// A          advantage
/// </code>
/// <para>Deviations, each with its reason:</para>
/// <list type="bullet">
/// <item>Additions of <see cref="OnlineActorCriticOptions"/>: Adam, step decay, entropy bonus, normalised observations; each can
/// be turned off.</item>
/// <item>Time limits, faults and takeovers bootstrap from s'; only a termination does not.</item>
/// </list>
/// <para>It is known to be unstable with networks; <see cref="StreamActorCriticLearner"/> is the form that is not.</para>
/// </remarks>
public sealed class OnlineActorCriticLearner : ILearner
{
    private readonly OnlineActorCriticOptions _options;
    private readonly ScoreFunction _score;
    private readonly SampleActorCritic _network;
    private readonly FlatOptimiser _actorOptimiser,
        _criticOptimiser;
    private readonly float[] _actorGradient,
        _criticGradient;
    private readonly float[] _observation,
        _nextObservation,
        _action,
        _outputGradient,
        _estimated;
    private readonly RunningNormaliser _normaliser;
    private readonly CounterRandom _random;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[6];
    private float _reward;
    private EpisodeEnd _end;
    private bool _pending,
        _continues;
    private long _lastSequence = -1,
        _refused,
        _missed;

    /// <summary>Makes a learner with freshly drawn weights.</summary>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actions">What to choose from, discrete or continuous.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public OnlineActorCriticLearner(int observationSize, ActionSpace actions, OnlineActorCriticOptions options, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(observationSize);
        ArgumentNullException.ThrowIfNull(actions);
        ArgumentNullException.ThrowIfNull(options);
        Numbers.ThrowIfAny(options.Validate("Learner:OnlineActorCritic"));
        _options = options;
        _score = new ScoreFunction(actions);
        int[] hidden = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)];
        var actorShape = new MlpShape(observationSize, [.. hidden], _score.Outputs, options.Activation);
        Policy = new PolicySpec(actorShape, _score.Head, actions.ActionSize);
        _network = new SampleActorCritic(actorShape, options.SharedTrunk);
        _actorGradient = new float[_network.Actor.Length];
        _criticGradient = new float[_network.Critic.Length];
        _actorOptimiser = new FlatOptimiser(options.Optimiser, options.ActorLearningRate, _actorGradient.Length);
        _criticOptimiser = new FlatOptimiser(options.Optimiser, options.CriticLearningRate, _criticGradient.Length);
        _observation = new float[observationSize];
        _nextObservation = new float[observationSize];
        _estimated = new float[observationSize];
        _action = new float[actions.ActionSize];
        _outputGradient = new float[_score.Outputs];
        _normaliser = new RunningNormaliser(observationSize);
        _random = new CounterRandom(seed, RandomPurpose.Initialisation);
        _network.Initialise((shape, block) => Initialiser.Dense(shape, _random, block));
        Report(default, default, default, default);
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
    /// Takes one transition: the normaliser sees it now, <see cref="Update"/> learns from it. A transition that comes before the
    /// one before it was learned from replaces that one, which is counted as missed.
    /// </summary>
    public void Observe(in Transition transition)
    {
        bool continues = _continues && transition.Sequence == _lastSequence + 1;
        _missed += _pending ? 1 : 0;
        _pending = false;
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
            return;
        }

        if (!transition.Learnable)
        {
            return;
        }

        // s as the acting policy saw it; it was counted as the s' before it, except where this is the first of a row.
        Normalise(transition.Observation, _observation);
        if (!continues)
        {
            Count(transition.Observation);
        }

        Count(transition.NextObservation);
        Normalise(transition.NextObservation, _nextObservation);
        sample.CopyTo(_action);
        (_reward, _end) = (transition.Reward, transition.End);
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
        _criticOptimiser.Scale = _actorOptimiser.Scale = _options.StepDecay.Factor(Updates);

        // Step 2: update V_phi towards y = r + gamma V_phi(s'), by the gradient of -(y - V_phi(s))^2 / 2 with y held fixed.
        float target = _reward + Bootstrap();
        float value = _network.Value(_observation);
        float criticNorm = _network.AccumulateValue(target - value, 0, _criticGradient);

        // A number that is not finite must not reach a weight.
        (float logProbability, float entropy) = _score.Evaluate(_network.Policy(_observation), _action);
        if (!float.IsFinite(criticNorm) || !Numbers.AllFinite(_score.ScoreGradient) || !Numbers.AllFinite(_score.EntropyGradient))
        {
            _refused++;
            RefusedUpdates++;
            return;
        }

        _criticOptimiser.Ascend(_network.Critic, _criticGradient);

        // Step 3: A = r + gamma V_phi(s') - V_phi(s), with the V just fitted.
        float advantage = _reward + Bootstrap() - _network.Value(_observation);
        if (_network.SharedTrunk)
        {
            // Step 2 has moved the policy's trunk, too.
            _score.Evaluate(_network.Policy(_observation), _action);
        }

        // Step 4: grad J = grad log pi_theta(a|s) A (and the entropy bonus where asked for).
        for (int i = 0; i < _outputGradient.Length; i++)
        {
            _outputGradient[i] = (_score.ScoreGradient[i] * advantage) + ((float)_options.EntropyCoefficient * _score.EntropyGradient[i]);
        }

        if (!float.IsFinite(_network.AccumulatePolicy(_outputGradient, 0, _actorGradient)))
        {
            _refused++;
            RefusedUpdates++;
            return;
        }

        // Step 5: theta <- theta + alpha grad J.
        _actorOptimiser.Ascend(_network.Actor, _actorGradient);
        Updates++;
        Report(advantage, value, entropy, logProbability);
    }

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _network.CopyPolicy(destination.Parameters);
        _normaliser.CopyTo(destination);
        destination.Normalise = _options.NormaliseObservations;
        destination.Version = Updates;
        destination.UniformActions = false;
    }

    /// <summary>
    /// Puts the actor back to an earlier policy: the same function of the raw observation, written for the present normaliser,
    /// which the critic goes on using. The actor's optimiser restarts.
    /// </summary>
    public void RevertPolicy(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _network.TakePolicy(source, _options.NormaliseObservations ? _normaliser : null);
        _actorOptimiser.Restart();
        if (_network.SharedTrunk)
        {
            _criticOptimiser.Restart();
        }
    }

    /// <inheritdoc/>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            Normalise(observations.Slice(i * _estimated.Length, _estimated.Length), _estimated);
            values[i] = _network.Value(_estimated);
        }
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write("actor/parameters", _network.Actor);
        _actorOptimiser.Save(writer, "actor/optimiser");
        writer.Write("critic/parameters", _network.Critic);
        _criticOptimiser.Save(writer, "critic/optimiser");
        _normaliser.Save(writer, "observation");
        writer.Write("pending/observation", _observation);
        writer.Write("pending/next_observation", _nextObservation);
        writer.Write("pending/action", _action);
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
        reader.Read("actor/parameters", _network.Actor);
        _actorOptimiser.Load(reader, "actor/optimiser");
        reader.Read("critic/parameters", _network.Critic);
        _criticOptimiser.Load(reader, "critic/optimiser");
        _normaliser.Load(reader, "observation");
        reader.Read("pending/observation", _observation);
        reader.Read("pending/next_observation", _nextObservation);
        reader.Read("pending/action", _action);
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

    /// <summary>gamma V_phi(s'), or 0 after a termination.</summary>
    private float Bootstrap() => _end == EpisodeEnd.Terminated ? 0 : (float)_options.Discount * _network.Value(_nextObservation);

    private void Count(ReadOnlySpan<float> raw)
    {
        if (_options.NormaliseObservations)
        {
            _normaliser.Update(raw);
        }
    }

    private void Normalise(ReadOnlySpan<float> raw, Span<float> destination)
    {
        if (_options.NormaliseObservations)
        {
            _normaliser.Normalise(raw, destination);
        }
        else
        {
            raw.CopyTo(destination);
        }
    }

    private void Report(float advantage, float value, float entropy, float logProbability)
    {
        _metrics[0] = new("value/advantage", advantage);
        _metrics[1] = new("value/estimate", value);
        _metrics[2] = new("policy/entropy", entropy);
        _metrics[3] = new("policy/log_probability", logProbability);
        _metrics[4] = new("stream/refused", _refused);
        _metrics[5] = new("stream/missed", _missed);
    }
}
