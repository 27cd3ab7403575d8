using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// What every on-policy learner stands on: networks in one flat block, the rollout that grows, and the spans that an update works on.
/// It holds no algorithm.
/// </summary>
/// <remarks>Not thread safe.</remarks>
internal sealed class OnPolicyState
{
    /// <summary>Steps that a rollout may at least go on to find its episode's end.</summary>
    private const int LongestTail = 1000;

    private readonly bool _normalise,
        _normaliseReturns,
        _wholeEpisodes;
    private readonly int _stepsPerUpdate,
        _longest,
        _observationSize;
    private readonly double _discount;
    private readonly RunningNormaliser _normaliser,
        _returns;
    private readonly float[] _scratch;
    private readonly int[] _balance = new int[2]; // steps taken less those refused in this update, of the policy and of V alone
    private double _returnTrace;
    private float[] _inputs = [],
        _rewards = [],
        _values = [],
        _nextValues = [],
        _bootstraps = [],
        _continues = [];
    private long _lastSequence = -1;
    private bool _justReady;

    /// <summary>Makes networks with fresh weights.</summary>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actions">What to choose from.</param>
    /// <param name="options">The networks.</param>
    /// <param name="stepsPerUpdate">Steps after which the rollout is consumed.</param>
    /// <param name="swapRule">RolloutEnd: there and then; EpisodeEnd: at the end of the episode that reaches them.</param>
    /// <param name="discount">gamma, for the scale of returns.</param>
    /// <param name="seed">Seed of weights and shuffling.</param>
    public OnPolicyState(
        int observationSize,
        ActionSpace actions,
        OnPolicyNetworkOptions options,
        int stepsPerUpdate,
        SwapRule swapRule,
        double discount,
        ulong seed
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(observationSize);
        ArgumentNullException.ThrowIfNull(actions);
        (_normalise, _stepsPerUpdate, _longest, _observationSize) = (
            options.NormaliseObservations,
            stepsPerUpdate,
            stepsPerUpdate + Math.Max(stepsPerUpdate, LongestTail),
            observationSize
        );
        (_normaliseReturns, _discount) = (options.NormaliseReturns, discount);
        _wholeEpisodes = swapRule == SwapRule.EpisodeEnd;
        bool noise = options.StateDependentExploration;
        if (noise && actions is not ContinuousActionSpace)
        {
            throw new ArgumentException(
                "Network:StateDependentExploration is true, which serves continuous actions; this task's are discrete. Set it to false.",
                nameof(options)
            );
        }

        Score = new ScoreFunction(actions, noise);
        var shape = new MlpShape(
            observationSize,
            [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)],
            noise ? actions.ActionSize : Score.Outputs,
            options.Activation
        );
        Policy = noise
            ? new PolicySpec(shape, Score.Head, actions.ActionSize) { NoiseSteps = options.SdeSampleFrequency, LogStdMax = 20 }
            : new PolicySpec(shape, Score.Head, actions.ActionSize);
        Network = new ActorCriticNetwork(shape, options.SharedTrunk, noise);
        Parameters = new float[Network.ParameterCount];
        Gradient = new float[Network.ParameterCount];
        OutputGradient = new float[Score.Outputs];
        Random = new CounterRandom(seed, RandomPurpose.Initialisation);
        Network.Initialise(Random, Parameters);
        Parameters.AsSpan(Network.NoiseStart).Fill((float)options.SdeLogStd);
        Rollout = new Rollout(observationSize, actions.ActionSize);
        _normaliser = new RunningNormaliser(observationSize);
        _returns = new RunningNormaliser(1);
        _scratch = new float[observationSize];
    }

    /// <summary>What policies look like.</summary>
    public PolicySpec Policy { get; }

    /// <summary>log pi, its score and entropy.</summary>
    public ScoreFunction Score { get; }

    /// <summary>pi and V.</summary>
    public ActorCriticNetwork Network { get; }

    /// <summary>theta (and phi), one flat block.</summary>
    public float[] Parameters { get; }

    /// <summary>A gradient in the same layout.</summary>
    public float[] Gradient { get; }

    /// <summary>A gradient at the policy's outputs.</summary>
    public float[] OutputGradient { get; }

    /// <summary>For weights and shuffling.</summary>
    public CounterRandom Random { get; }

    /// <summary>The steps since the last update.</summary>
    public Rollout Rollout { get; }

    /// <summary>Updates done.</summary>
    public long Updates { get; set; }

    /// <summary>Transitions that updates have learned from.</summary>
    public long Learned { get; private set; }

    /// <summary>Transitions and updates refused because a number was not finite or an action was none.</summary>
    public long Refused { get; set; }

    /// <summary>Updates in which more steps of the policy, or of V alone, were refused than taken.</summary>
    public long RefusedUpdates { get; private set; }

    /// <summary>Whether a rollout is complete.</summary>
    public bool IsReady => Rollout.Count >= _stepsPerUpdate && (!_wholeEpisodes || Rollout.EndsHere || Rollout.Count >= _longest);

    /// <summary>1 where the newest transition completed a rollout, or an episode since then, else 0.</summary>
    public double UpdatesPerTransition => _justReady ? 1 : 0;

    /// <summary>r_t, scaled where returns are normalised, [steps], after <see cref="Prepare"/>.</summary>
    public ReadOnlySpan<float> Rewards => _rewards.AsSpan(0, Rollout.Count);

    /// <summary>What rewards are multiplied by; V is in these units.</summary>
    public float RewardScale { get; private set; } = 1;

    /// <summary>V(s_t), [steps], after <see cref="Prepare"/>.</summary>
    public Span<float> Values => _values.AsSpan(0, Rollout.Count);

    /// <summary>V(s_(t+1)), [steps], after <see cref="Prepare"/>.</summary>
    public Span<float> NextValues => _nextValues.AsSpan(0, Rollout.Count);

    /// <summary>0 at terminations, [steps], after <see cref="Prepare"/>.</summary>
    public ReadOnlySpan<float> Bootstraps => _bootstraps.AsSpan(0, Rollout.Count);

    /// <summary>0 at the last step of a row, [steps], after <see cref="Prepare"/>.</summary>
    public ReadOnlySpan<float> Continues => _continues.AsSpan(0, Rollout.Count);

    /// <summary>Normalised observation of step <paramref name="t"/>, [obs], after <see cref="Prepare"/>.</summary>
    public ReadOnlySpan<float> Input(int t) => _inputs.AsSpan(t * _observationSize, _observationSize);

    /// <summary>Takes one transition.</summary>
    public void Observe(in Transition transition)
    {
        bool before = IsReady;
        if (Rollout.Count >= 2 * _longest)
        {
            // Nobody consumes it (learning is frozen, or hopelessly late): it stays as long as this.
            (_lastSequence, _justReady) = (transition.Sequence, true);
            return;
        }

        if (transition.Sequence != _lastSequence + 1)
        {
            Rollout.Break();
            _returnTrace = 0;
        }

        _lastSequence = transition.Sequence;
        ReadOnlySpan<float> sample = Score.Head == PolicyHead.Categorical ? transition.Proposed : transition.PreSquash;
        bool sound =
            Numbers.AllFinite(transition.Observation)
            && Numbers.AllFinite(transition.NextObservation)
            && float.IsFinite(transition.Reward)
            && float.IsFinite(transition.LogProbability)
            && Score.Accepts(sample);
        Refused += sound ? 0 : 1;
        if (sound && transition.Learnable)
        {
            Rollout.Add(in transition, sample);

            // u <- gamma u + r within an episode; its spread is what returns are measured by.
            _returnTrace = (_discount * _returnTrace) + transition.Reward;
            _returns.Update([(float)_returnTrace]);
            _returnTrace = transition.End == EpisodeEnd.None ? _returnTrace : 0;
        }
        else
        {
            Rollout.Break();
            _returnTrace = 0;
        }

        // Said again at each episode's end, for those who did not listen.
        _justReady = IsReady && (!before || Rollout.EndsHere);
    }

    /// <summary>Fills what an update works on, with the present V.</summary>
    public void Prepare()
    {
        Rollout.Break();
        int count = Rollout.Count;
        if (_values.Length < count)
        {
            (_values, _nextValues, _bootstraps, _continues) = (new float[count], new float[count], new float[count], new float[count]);
            (_inputs, _rewards) = (new float[count * _observationSize], new float[count]);
        }

        // One scale for the whole rollout.
        RewardScale = _normaliseReturns ? (float)(1 / Math.Sqrt(_returns.Variance(0) + RunningNormaliser.Epsilon)) : 1;
        for (int t = 0; t < count; t++)
        {
            _rewards[t] = RewardScale * Rollout.Rewards[t];
            Normalise(Rollout.Observation(t), _inputs.AsSpan(t * _observationSize, _observationSize));
            (_bootstraps[t], _continues[t]) = (Rollout.End(t) == EpisodeEnd.Terminated ? 0 : 1, Rollout.End(t) == EpisodeEnd.None ? 1 : 0);
        }

        Evaluate();
    }

    /// <summary>Computes V(s_t) and V(s_(t+1)) of every step with the present parameters.</summary>
    public void Evaluate()
    {
        for (int t = 0; t < Rollout.Count; t++)
        {
            _values[t] = Network.ValueAt(Parameters, Input(t));
        }

        for (int t = 0; t < Rollout.Count; t++)
        {
            if (_continues[t] != 0)
            {
                _nextValues[t] = _values[t + 1];
                continue;
            }

            Normalise(Rollout.NextObservation(t), _scratch);
            _nextValues[t] = Network.ValueAt(Parameters, _scratch);
        }
    }

    /// <summary>
    /// Bounds the gradient for a step of the policy, or of V alone, and counts it; false where it is not finite and no step may
    /// be taken.
    /// </summary>
    public bool BoundGradient(double most, bool policy)
    {
        bool finite = GradientNorm.Bound(Gradient, most);
        CountStep(finite, policy);
        return finite;
    }

    /// <summary>Counts a step of the policy, or of V alone, as taken or refused.</summary>
    public void CountStep(bool taken, bool policy)
    {
        _balance[policy ? 0 : 1] += taken ? 1 : -1;
        Refused += taken ? 0 : 1;
    }

    /// <summary>Ends an update: counts it, lets the normaliser see the rollout, and forgets it.</summary>
    public void Finish()
    {
        for (int t = 0; _normalise && t < Rollout.Count; t++)
        {
            _normaliser.Update(Rollout.Observation(t));
        }

        RefusedUpdates += _balance[0] < 0 || _balance[1] < 0 ? 1 : 0;
        Array.Clear(_balance);
        Learned += Rollout.Count;
        Rollout.Clear();
        Updates++;
    }

    /// <summary>Throws where no rollout is complete.</summary>
    public void RequireReady()
    {
        if (!IsReady)
        {
            throw new InvalidOperationException("Nothing to learn from: call Update only where CanUpdate is true.");
        }
    }

    /// <inheritdoc cref="ILearner.CopyPolicy"/>
    public void CopyPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Network.CopyPolicy(Parameters, destination.Parameters);
        _normaliser.CopyTo(destination);
        (destination.Normalise, destination.Version, destination.UniformActions) = (_normalise, Updates, false);
    }

    /// <summary>
    /// Puts policy and normaliser back, carries V over to that normaliser, and forgets the rollout: another policy made it.
    /// </summary>
    public void RevertPolicy(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (_normalise)
        {
            Network.CarryValue(NormaliserChange.Revert(_normaliser, source), Parameters);
        }

        Network.TakePolicy(source.Parameters, Parameters);
        Rollout.Clear();
        _justReady = false;
    }

    /// <inheritdoc cref="ILearner.EstimateValues"/>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            Normalise(observations.Slice(i * _observationSize, _observationSize), _scratch);
            values[i] = Network.ValueAt(Parameters, _scratch) / RewardScale;
        }
    }

    /// <summary>Writes everything.</summary>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write("networks/parameters", Parameters);
        _normaliser.Save(writer, "observation");
        _returns.Save(writer, "return");
        writer.Write("return/trace", [_returnTrace, RewardScale]);
        Rollout.Save(writer);
        writer.Write("random", Random.State);
        writer.Write("counters", [Updates, _lastSequence, Refused, Learned, RefusedUpdates]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        reader.Read("networks/parameters", Parameters);
        _normaliser.Load(reader, "observation");
        _returns.Load(reader, "return");
        Span<double> trace = stackalloc double[2];
        reader.Read("return/trace", trace);
        (_returnTrace, RewardScale) = (trace[0], (float)trace[1]);
        Rollout.Load(reader);
        Random.State = reader.ReadRandomState("random");
        Span<long> counters = stackalloc long[5];
        reader.Read("counters", counters);
        (Updates, _lastSequence, Refused, Learned, RefusedUpdates) = (counters[0], counters[1], counters[2], counters[3], counters[4]);
    }

    private void Normalise(ReadOnlySpan<float> raw, Span<float> destination)
    {
        if (_normalise)
        {
            _normaliser.Normalise(raw, destination);
        }
        else
        {
            raw.CopyTo(destination);
        }
    }
}
