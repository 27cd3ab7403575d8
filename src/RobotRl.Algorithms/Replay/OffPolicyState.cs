using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Replay;

/// <summary>
/// What every learner with a replay stands on: the transitions, the normaliser, the minibatch, the random streams, the counters, and
/// how they are saved. It holds no algorithm and no network.
/// </summary>
/// <remarks>One thread at a time. Nothing but the constructor allocates.</remarks>
internal sealed class OffPolicyState
{
    private readonly string _algorithm,
        _prefix;
    private readonly IOffPolicyOptions _options;
    private readonly CounterRandom _replayRandom;
    private readonly ReplayBuffer _replay;
    private readonly RunningNormaliser _normaliser;
    private bool _refusedStep;

    /// <summary>Starts empty.</summary>
    /// <param name="algorithm">The learner's name in messages.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="observationSize">Floats per raw observation.</param>
    /// <param name="actionSize">Floats per action.</param>
    /// <param name="seed">The run's seed.</param>
    public OffPolicyState(string algorithm, IOffPolicyOptions options, int observationSize, int actionSize, ulong seed)
    {
        (_algorithm, _prefix, _options, ObservationSize) = (algorithm, algorithm.ToLowerInvariant(), options, observationSize);
        _replayRandom = new(seed, RandomPurpose.Replay);
        NoiseRandom = new(seed, RandomPurpose.Learning);
        _replay = new(options.ReplayCapacity, observationSize, actionSize);
        _normaliser = new(observationSize);
        int batch = options.BatchSize;
        Observations = new float[batch * observationSize];
        NextObservations = new float[batch * observationSize];
        Actions = new float[batch * actionSize];
        Returns = new float[batch];
        Bootstraps = new float[batch];
    }

    /// <summary>Floats per raw observation.</summary>
    public int ObservationSize { get; }

    /// <summary>Source of the noise of updates.</summary>
    public CounterRandom NoiseRandom { get; }

    /// <summary>Observations of the minibatch, normalised where that is wanted, [batch x obs].</summary>
    public float[] Observations { get; }

    /// <summary>Executed actions, [batch x action].</summary>
    public float[] Actions { get; }

    /// <summary>Sums of gamma^k r_t+k over the window, not scaled, [batch].</summary>
    public float[] Returns { get; }

    /// <summary>gamma^m, or 0 where the window terminated, [batch].</summary>
    public float[] Bootstraps { get; }

    /// <summary>Observations at the window's end, as <see cref="Observations"/>.</summary>
    public float[] NextObservations { get; }

    /// <inheritdoc cref="ILearner.Updates"/>
    public long Updates { get; private set; }

    /// <inheritdoc cref="ILearner.RefusedUpdates"/>
    public long RefusedUpdates { get; private set; }

    /// <summary>Transitions with a number that is not finite; they are never learned from.</summary>
    public long Refused { get; private set; }

    /// <summary>Transitions in the replay.</summary>
    public int Count => _replay.Count;

    /// <inheritdoc cref="ILearner.CanUpdate"/>
    public bool CanUpdate => _replay.LearnableCount >= _options.LearningStarts;

    /// <inheritdoc cref="ILearner.UpdatesPerTransition"/>
    public double UpdatesPerTransition => _options.UpdatesPerTransition;

    /// <inheritdoc cref="ILearner.RestoreLength"/>
    public long RestoreLength => _replay.Count;

    /// <inheritdoc cref="ILearner.Observe"/>
    public void Observe(in Transition transition)
    {
        bool finite = IsFinite(transition);
        Refused += finite ? 0 : 1;
        bool learnable = finite && transition.Learnable;
        _replay.Add(transition, learnable);
        if (learnable && _options.NormaliseObservations)
        {
            _normaliser.Update(transition.Observation);
        }
    }

    /// <inheritdoc cref="ILearner.Restore"/>
    public void Restore(in Transition transition) => _replay.Restore(transition, transition.Learnable && IsFinite(transition));

    /// <summary>Throws where there is too little to learn from.</summary>
    public void RequireReady()
    {
        if (!CanUpdate)
        {
            throw new InvalidOperationException(
                $"{_algorithm}: an update needs {_options.LearningStarts} transitions (LearningStarts), there are {_replay.LearnableCount}."
            );
        }
    }

    /// <summary>Draws a minibatch into this object's arrays.</summary>
    public void Sample() =>
        Sample(
            new()
            {
                Observations = Observations,
                Actions = Actions,
                Returns = Returns,
                Bootstraps = Bootstraps,
                NextObservations = NextObservations,
            }
        );

    /// <summary>Draws a minibatch into the caller's memory.</summary>
    public void Sample(in ReplayBatch batch)
    {
        _replay.Sample(_replayRandom, _options.StepsPerReturn, (float)_options.Discount, batch);
        if (_options.NormaliseObservations)
        {
            _normaliser.Normalise(batch.Observations, batch.Observations);
            _normaliser.Normalise(batch.NextObservations, batch.NextObservations);
        }
    }

    /// <summary>Normalises raw observations, whole rows, where that is wanted, else copies them. In place is fine.</summary>
    public void Normalise(ReadOnlySpan<float> raw, Span<float> destination)
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

    /// <summary>Raw observation <paramref name="i"/> of many.</summary>
    public ReadOnlySpan<float> Row(ReadOnlySpan<float> observations, int i) => observations.Slice(i * ObservationSize, ObservationSize);

    /// <summary>Everything of a policy but its weights; before the first update it acts uniformly.</summary>
    public void CopyPolicy(PolicyBlock destination)
    {
        _normaliser.CopyTo(destination);
        destination.Normalise = _options.NormaliseObservations;
        destination.UniformActions = Updates == 0;
        destination.Version = Updates;
    }

    /// <summary>
    /// Puts the normaliser back to that of an earlier policy, which acts with it; null where observations are not normalised. Whoever
    /// keeps networks that see normalised observations carries them over with the answer.
    /// </summary>
    public NormaliserChange? RevertNormaliser(PolicyBlock source) =>
        _options.NormaliseObservations ? NormaliserChange.Revert(_normaliser, source) : null;

    /// <summary>Takes note of whether an optimiser has taken its step of this update.</summary>
    public void Note(bool taken) => _refusedStep |= !taken;

    /// <summary>Counts this update, and as refused where an optimiser refused a step of it.</summary>
    public void Finish()
    {
        Updates++;
        RefusedUpdates += _refusedStep ? 1 : 0;
        _refusedStep = false;
    }

    /// <summary>Writes everything but the transitions, which <see cref="Restore"/> brings back.</summary>
    public void Save(IStateWriter writer)
    {
        _normaliser.Save(writer, _prefix + "/normaliser");
        writer.Write(_prefix + "/random/replay", _replayRandom.State);
        writer.Write(_prefix + "/random/noise", NoiseRandom.State);
        writer.Write(_prefix + "/updates", Updates);
        writer.Write(_prefix + "/refused", Refused);
        writer.Write(_prefix + "/replay/total", _replay.Total);
    }

    /// <summary>Reads what <see cref="Save"/> wrote, and empties the replay for <see cref="Restore"/>.</summary>
    public void Load(IStateReader reader)
    {
        _normaliser.Load(reader, _prefix + "/normaliser");
        _replayRandom.State = reader.ReadRandomState(_prefix + "/random/replay");
        NoiseRandom.State = reader.ReadRandomState(_prefix + "/random/noise");
        Updates = reader.ReadInt64(_prefix + "/updates");
        Refused = reader.ReadInt64(_prefix + "/refused");
        _replay.BeginRestore(reader.ReadInt64(_prefix + "/replay/total"));
    }

    private static bool IsFinite(in Transition transition) =>
        float.IsFinite(transition.Reward)
        && Numbers.AllFinite(transition.Observation)
        && Numbers.AllFinite(transition.Executed)
        && Numbers.AllFinite(transition.NextObservation);
}
