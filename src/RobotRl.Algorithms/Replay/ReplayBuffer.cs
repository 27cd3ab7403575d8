using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Replay;

/// <summary>
/// The newest transitions, one per slot, as they came: slot = index % capacity, where the index counts every transition ever
/// added. n-step windows are composed when sampling, so one store serves any n, and a refill from the journal after a resume
/// puts every transition where it was.
/// </summary>
/// <remarks>
/// Everything is preallocated; no method allocates. One thread at a time. What cannot be learned from takes a slot too (it
/// breaks n-step windows, and slots stay aligned with the journal) but is never sampled.
/// </remarks>
public sealed class ReplayBuffer
{
    private readonly int _observationSize,
        _actionSize;
    private readonly float[] _observations,
        _actions,
        _rewards,
        _nextObservations;
    private readonly EpisodeEnd[] _ends;
    private readonly bool[] _learnable;
    private readonly long[] _sequences;
    private long _restored;

    /// <summary>Makes an empty buffer.</summary>
    /// <param name="capacity">Transitions kept, at least 1.</param>
    /// <param name="observationSize">Floats per observation.</param>
    /// <param name="actionSize">Floats per action.</param>
    public ReplayBuffer(int capacity, int observationSize, int actionSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(observationSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(actionSize);
        (Capacity, _observationSize, _actionSize) = (capacity, observationSize, actionSize);
        _observations = new float[(long)capacity * observationSize];
        _nextObservations = new float[(long)capacity * observationSize];
        _actions = new float[(long)capacity * actionSize];
        _rewards = new float[capacity];
        _ends = new EpisodeEnd[capacity];
        _learnable = new bool[capacity];
        _sequences = new long[capacity];
    }

    /// <summary>Transitions kept.</summary>
    public int Capacity { get; }

    /// <summary>Transitions ever added, those of before a resume included.</summary>
    public long Total { get; private set; }

    /// <summary>Slots in use.</summary>
    public int Count => (int)Math.Min(Total, Capacity);

    /// <summary>Transitions that can be sampled now.</summary>
    public int LearnableCount { get; private set; }

    /// <summary>Adds the next transition; <paramref name="learnable"/> false keeps its place only.</summary>
    public void Add(in Transition transition, bool learnable) => Put(Total++, transition, learnable);

    /// <summary>
    /// Empties the buffer and takes up the count of a saved one; <see cref="Count"/> calls of <see cref="Restore"/> with the
    /// newest transitions, oldest first, then bring the contents back. Slots that none comes for are never sampled.
    /// </summary>
    public void BeginRestore(long total)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        Array.Clear(_learnable);
        LearnableCount = 0;
        Total = total;
        _restored = total - Count;
    }

    /// <summary>Puts one transition back (see <see cref="BeginRestore"/>); more than are missing are refused.</summary>
    public void Restore(in Transition transition, bool learnable)
    {
        if (_restored >= Total)
        {
            throw new InvalidOperationException(
                $"Replay: all of {Count} transitions are restored already; show it the newest {Count} only."
            );
        }

        Put(_restored++, transition, learnable);
    }

    /// <summary>
    /// Draws a minibatch, uniformly with replacement from the transitions that can be learned from, and composes windows of at
    /// most <paramref name="steps"/> rewards. A window ends early at the end of an episode, before a transition that cannot be
    /// learned from, before a gap in the sequence, and at the newest transition; all but a termination bootstrap.
    /// </summary>
    /// <param name="random">Source of the choices.</param>
    /// <param name="steps">n of the n-step return, at least 1.</param>
    /// <param name="discount">gamma.</param>
    /// <param name="batch">Where to write; the length of <see cref="ReplayBatch.Returns"/> is the batch size.</param>
    public void Sample(CounterRandom random, int steps, float discount, in ReplayBatch batch)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        if (LearnableCount == 0)
        {
            throw new InvalidOperationException("Replay: nothing to sample; add a learnable transition first.");
        }

        long oldest = Total - Count;
        for (int row = 0; row < batch.Returns.Length; row++)
        {
            long start;
            do
            {
                start = oldest + random.NextInt32(Count);
            } while (!_learnable[start % Capacity]);

            Compose(start, steps, discount, row, batch);
        }
    }

    private void Compose(long start, int steps, float discount, int row, in ReplayBatch batch)
    {
        int slot = (int)(start % Capacity),
            last = slot;
        float sum = 0f,
            weight = 1f;
        for (int k = 0; ; k++)
        {
            sum += weight * _rewards[last];
            weight *= discount;
            int next = last + 1 == Capacity ? 0 : last + 1;
            if (
                k + 1 == steps
                || _ends[last] != EpisodeEnd.None
                || start + k + 1 == Total
                || !_learnable[next]
                || _sequences[next] != _sequences[last] + 1
            )
            {
                break;
            }

            last = next;
        }

        Row(_observations, slot, _observationSize).CopyTo(Row(batch.Observations, row, _observationSize));
        Row(_actions, slot, _actionSize).CopyTo(Row(batch.Actions, row, _actionSize));
        Row(_nextObservations, last, _observationSize).CopyTo(Row(batch.NextObservations, row, _observationSize));
        batch.Returns[row] = sum;
        batch.Bootstraps[row] = _ends[last] == EpisodeEnd.Terminated ? 0f : weight;
    }

    private void Put(long index, in Transition transition, bool learnable)
    {
        int slot = (int)(index % Capacity);
        LearnableCount += (learnable ? 1 : 0) - (_learnable[slot] ? 1 : 0);
        _learnable[slot] = learnable;
        _sequences[slot] = transition.Sequence;
        _ends[slot] = transition.End;
        _rewards[slot] = transition.Reward;
        transition.Observation.CopyTo(Row(_observations, slot, _observationSize));
        transition.Executed.CopyTo(Row(_actions, slot, _actionSize));
        transition.NextObservation.CopyTo(Row(_nextObservations, slot, _observationSize));
    }

    private static Span<float> Row(Span<float> rows, int row, int size) => rows.Slice(row * size, size);
}
