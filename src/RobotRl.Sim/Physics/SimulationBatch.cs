using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RobotRl.Sim.Physics;

/// <summary>
/// Many instances of one robot and its standard task stepped at once, for training and benchmarks: state in one array for
/// each component, rewards, ends, and a new start drawn at once where an episode ended. No gate, no lifecycle.
/// </summary>
/// <remarks>
/// Start e of instance i is drawn from stream i of the seed, as the task's own draw would from a generator of that stream:
/// it depends on nothing else. One thread uses an object; no call allocates.
/// </remarks>
public abstract class SimulationBatch
{
    private readonly double[][] _state,
        _final;
    private readonly double[] _rewards;
    private readonly long[] _ages,
        _episodes;
    private readonly BatchEnd[] _ends;
    private readonly ulong _seed;
    private bool _anyEnd;

    /// <summary>Makes <paramref name="count"/> instances; <see cref="Reset"/> starts them.</summary>
    private protected SimulationBatch(int count, int stateSize, int maxEpisodeSteps, ulong seed)
    {
        if (count <= 0 || count % Lanes != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"A batch of {count}; allowed: multiples of {Lanes}.");
        }

        (Count, StateSize, MaxEpisodeSteps, _seed) = (count, stateSize, maxEpisodeSteps, seed);
        _state = [.. Enumerable.Range(0, stateSize).Select(_ => new double[count])];
        _final = [.. Enumerable.Range(0, stateSize).Select(_ => new double[count])];
        (_rewards, _ages, _episodes, _ends) = (new double[count], new long[count], new long[count], new BatchEnd[count]);
    }

    /// <summary>Instances a vector holds: counts are multiples of it.</summary>
    public static int Lanes => Vector512<double>.Count;

    /// <summary>Number of instances.</summary>
    public int Count { get; }

    /// <summary>Components of an instance's state.</summary>
    public int StateSize { get; }

    /// <summary>Steps after which an episode is truncated.</summary>
    public int MaxEpisodeSteps { get; }

    /// <summary>Rewards of the last step, [count].</summary>
    public ReadOnlySpan<double> Rewards => _rewards;

    /// <summary>How the last step ended each episode, [count].</summary>
    public ReadOnlySpan<BatchEnd> Ends => _ends;

    private protected Span<double> RewardsToWrite => _rewards;

    /// <summary>One component of all states, [count]: where an episode ended, of the new start already.</summary>
    public ReadOnlySpan<double> State(int component) => _state[component];

    /// <summary>One component of the last states of ended episodes, [count]; elsewhere of some earlier end.</summary>
    public ReadOnlySpan<double> FinalState(int component) => _final[component];

    /// <summary>Puts one instance into a state; its episode's age stays.</summary>
    public void SetState(int instance, ReadOnlySpan<double> state)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(state.Length, StateSize, nameof(state));
        for (int i = 0; i < state.Length; i++)
        {
            _state[i][instance] = double.IsFinite(state[i])
                ? state[i]
                : throw new ArgumentOutOfRangeException(nameof(state), state[i], "A state that is not finite.");
        }
    }

    /// <summary>Starts episode 0 of every instance.</summary>
    public void Reset()
    {
        Array.Clear(_episodes);
        Array.Clear(_ends);
        for (int i = 0; i < Count; i++)
        {
            StartEpisode(i);
        }
    }

    /// <summary>One control period of every instance under <paramref name="commands"/> [count], clamped to the robot's limits.</summary>
    /// <exception cref="ArgumentException">A command is not a number or there are not <see cref="Count"/>; nothing was done.</exception>
    public void Step(ReadOnlySpan<double> commands)
    {
        if (commands.Length != Count)
        {
            throw new ArgumentException($"{commands.Length} commands for {Count} instances.", nameof(commands));
        }

        Vector512<double> unequal = Vector512<double>.Zero;
        ref double first = ref MemoryMarshal.GetReference(commands);
        for (int i = 0; i < commands.Length; i += Lanes)
        {
            Vector512<double> command = Vector512.LoadUnsafe(ref first, (nuint)i);
            unequal |= ~Vector512.Equals(command, command);
        }

        if (unequal.AsInt64() != Vector512<long>.Zero)
        {
            throw new ArgumentException("A command is not a number.", nameof(commands));
        }

        if (_anyEnd)
        {
            Array.Clear(_ends);
            _anyEnd = false;
        }

        StepAll(commands);
    }

    /// <summary>Steps every instance, writes <see cref="Rewards"/>, and calls <see cref="Age"/> for each group of lanes.</summary>
    private protected abstract void StepAll(ReadOnlySpan<double> commands);

    /// <summary>
    /// Makes a start of the robot's reset distribution out of uniforms in [0, 1); <paramref name="episode"/> counts from 0.
    /// </summary>
    private protected abstract void DrawStart(ulong seed, ulong instance, ulong episode, Span<double> state);

    private protected Span<double> StateToWrite(int component) => _state[component];

    /// <summary>
    /// Ages a group of lanes, and ends what is over: by <paramref name="terminated"/> (all bits set) first, by time second.
    /// </summary>
    private protected void Age(int first, Vector512<double> terminated)
    {
        ref long ages = ref MemoryMarshal.GetArrayDataReference(_ages);
        Vector512<long> age = Vector512.LoadUnsafe(ref ages, (nuint)first) + Vector512<long>.One;
        age.StoreUnsafe(ref ages, (nuint)first);
        Vector512<long> ended = Vector512.Equals(age, Vector512.Create((long)MaxEpisodeSteps)) | terminated.AsInt64();
        if (ended != Vector512<long>.Zero)
        {
            EndLanes(first, ended.ExtractMostSignificantBits(), terminated.ExtractMostSignificantBits());
        }
    }

    private void EndLanes(int first, ulong ended, ulong terminated)
    {
        _anyEnd = true;
        for (int lane = 0; lane < Lanes; lane++)
        {
            if ((ended >> lane & 1) != 0)
            {
                int instance = first + lane;
                _ends[instance] = (terminated >> lane & 1) != 0 ? BatchEnd.Terminated : BatchEnd.Truncated;
                for (int i = 0; i < StateSize; i++)
                {
                    _final[i][instance] = _state[i][instance];
                }

                _episodes[instance]++;
                StartEpisode(instance);
            }
        }
    }

    private void StartEpisode(int instance)
    {
        Span<double> start = stackalloc double[4];
        DrawStart(_seed, (ulong)instance, (ulong)_episodes[instance], start[..StateSize]);
        for (int i = 0; i < StateSize; i++)
        {
            _state[i][instance] = start[i];
        }

        _ages[instance] = 0;
    }
}
