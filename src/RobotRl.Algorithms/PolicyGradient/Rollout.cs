using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>Steps of one or more episodes in their order, as the acting policy made them: what an on-policy update consumes.</summary>
/// <remarks>Grows to the longest rollout and stays there. One thread at a time.</remarks>
internal sealed class Rollout(int observationSize, int actionSize)
{
    private float[] _observations = [],
        _nextObservations = [],
        _actions = [],
        _rewards = [],
        _logProbabilities = [];
    private long[] _ends = [];

    /// <summary>Steps held.</summary>
    public int Count { get; private set; }

    /// <summary>Reward of each step, [count].</summary>
    public ReadOnlySpan<float> Rewards => _rewards.AsSpan(0, Count);

    /// <summary>log pi(a|s) of each step under the policy that acted, [count].</summary>
    public ReadOnlySpan<float> LogProbabilities => _logProbabilities.AsSpan(0, Count);

    /// <summary>Whether the newest step ended its episode.</summary>
    public bool EndsHere => Count > 0 && End(Count - 1) != EpisodeEnd.None;

    /// <summary>Raw observation of step <paramref name="i"/>, [obs].</summary>
    public ReadOnlySpan<float> Observation(int i) => _observations.AsSpan(i * observationSize, observationSize);

    /// <summary>Raw observation after step <paramref name="i"/>, [obs].</summary>
    public ReadOnlySpan<float> NextObservation(int i) => _nextObservations.AsSpan(i * observationSize, observationSize);

    /// <summary>The policy's own sample at step <paramref name="i"/>, before clipping, or the index, [action].</summary>
    public ReadOnlySpan<float> Action(int i) => _actions.AsSpan(i * actionSize, actionSize);

    /// <summary>How the episode ended at step <paramref name="i"/>; a row of steps that broke off counts as truncated.</summary>
    public EpisodeEnd End(int i) => (EpisodeEnd)_ends[i];

    /// <summary>Adds a step.</summary>
    public void Add(in Transition transition, ReadOnlySpan<float> sample)
    {
        if (Count == _rewards.Length)
        {
            Grow(Math.Max(64, 2 * Count));
        }

        int i = Count++;
        transition.Observation.CopyTo(_observations.AsSpan(i * observationSize));
        transition.NextObservation.CopyTo(_nextObservations.AsSpan(i * observationSize));
        sample.CopyTo(_actions.AsSpan(i * actionSize));
        (_rewards[i], _logProbabilities[i], _ends[i]) = (transition.Reward, transition.LogProbability, (long)transition.End);
    }

    /// <summary>What follows is not the next step of the newest one: its row ends as truncated.</summary>
    public void Break()
    {
        if (Count > 0 && End(Count - 1) == EpisodeEnd.None)
        {
            _ends[Count - 1] = (long)EpisodeEnd.Truncated;
        }
    }

    /// <summary>Forgets all steps.</summary>
    public void Clear() => Count = 0;

    /// <summary>Writes the steps held.</summary>
    public void Save(IStateWriter writer)
    {
        writer.Write("rollout/count", (long)Count);
        writer.Write("rollout/observations", _observations.AsSpan(0, Count * observationSize));
        writer.Write("rollout/next_observations", _nextObservations.AsSpan(0, Count * observationSize));
        writer.Write("rollout/actions", _actions.AsSpan(0, Count * actionSize));
        writer.Write("rollout/rewards", Rewards);
        writer.Write("rollout/log_probabilities", LogProbabilities);
        writer.Write("rollout/ends", _ends.AsSpan(0, Count));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader)
    {
        int count = checked((int)reader.ReadInt64("rollout/count"));
        Count = 0;
        if (count > _rewards.Length)
        {
            Grow(count);
        }

        Count = count;
        reader.Read("rollout/observations", _observations.AsSpan(0, count * observationSize));
        reader.Read("rollout/next_observations", _nextObservations.AsSpan(0, count * observationSize));
        reader.Read("rollout/actions", _actions.AsSpan(0, count * actionSize));
        reader.Read("rollout/rewards", _rewards.AsSpan(0, count));
        reader.Read("rollout/log_probabilities", _logProbabilities.AsSpan(0, count));
        reader.Read("rollout/ends", _ends.AsSpan(0, count));
    }

    private void Grow(int capacity)
    {
        Array.Resize(ref _observations, capacity * observationSize);
        Array.Resize(ref _nextObservations, capacity * observationSize);
        Array.Resize(ref _actions, capacity * actionSize);
        Array.Resize(ref _rewards, capacity);
        Array.Resize(ref _logProbabilities, capacity);
        Array.Resize(ref _ends, capacity);
    }
}
