using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Policies;
using RobotRl.Runtime.Admission;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// Hands packed policies from the learner to the control thread without waiting: three slots, of which each side owns one and
/// the third changes hands by one atomic exchange. An offer that was not taken is replaced by the next.
/// </summary>
/// <remarks>One thread calls <see cref="Offer"/>, one uses <see cref="Front"/> and <see cref="TryTake"/>.</remarks>
public sealed class PolicyMailbox : IDisposable
{
    private const int Fresh = 4,
        Index = 3;
    private readonly PackedPolicy[] _packed;
    private readonly PolicyBlock[] _blocks;
    private int _back,
        _middle = 1,
        _front = 2;

    /// <summary>Makes three slots for <paramref name="spec"/>.</summary>
    public PolicyMailbox(PolicySpec spec)
    {
        _packed = [new(spec), new(spec), new(spec)];
        _blocks = [new(spec), new(spec), new(spec)];
    }

    /// <summary>The policy in force. Control thread.</summary>
    public PackedPolicy Front => _packed[_front];

    /// <summary>Whether a policy was ever taken; before that <see cref="Front"/> is empty. Control thread.</summary>
    public bool HasPolicy { get; private set; }

    /// <summary>Packs and offers a policy. Learner's side; allocates nothing.</summary>
    public void Offer(PolicyBlock policy)
    {
        _blocks[_back].CopyFrom(policy);
        _packed[_back].Pack(policy);
        _back = Interlocked.Exchange(ref _middle, _back | Fresh) & Index;
    }

    /// <summary>Takes the newest offer into <see cref="Front"/>; false where there is none. Control thread.</summary>
    public bool TryTake()
    {
        if ((Volatile.Read(ref _middle) & Fresh) == 0)
        {
            return false;
        }

        _front = Interlocked.Exchange(ref _middle, _front) & Index;
        HasPolicy = true;
        return true;
    }

    /// <summary>Writes the policy in force and an offer not yet taken. While neither side runs.</summary>
    public void Save(string name, IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        bool offered = (_middle & Fresh) != 0;
        writer.Write(name + "/present", [HasPolicy ? 1 : 0, offered ? 1 : 0]);
        if (HasPolicy)
        {
            BlockState.Save(writer, name + "/front", _blocks[_front]);
        }

        if (offered)
        {
            BlockState.Save(writer, name + "/offer", _blocks[_middle & Index]);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(string name, IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Span<long> present = stackalloc long[2];
        reader.Read(name + "/present", present);
        var block = new PolicyBlock(_blocks[0].Spec);
        if (present[0] != 0)
        {
            BlockState.Load(reader, name + "/front", block);
            Offer(block);
            TryTake();
        }

        if (present[1] != 0)
        {
            BlockState.Load(reader, name + "/offer", block);
            Offer(block);
        }
    }

    /// <summary>Frees the slots; neither side may use it any more.</summary>
    public void Dispose()
    {
        foreach (PackedPolicy slot in _packed)
        {
            slot.Dispose();
        }
    }
}
