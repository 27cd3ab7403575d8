using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;

namespace RobotRl.Runtime.Experience;

/// <summary>
/// Sums transitions up to episodes: the one place where returns are made. An episode counts only where each of its transitions was seen,
/// from the first one to an end that the task gave it.
/// </summary>
/// <remarks>One thread; allocates nothing.</remarks>
public sealed class EpisodeTracker
{
    private double _return;
    private long _next,
        _episode,
        _firstPolicy;
    private int _length,
        _gated;
    private bool _whole,
        _own,
        _open;

    /// <summary>Adds one transition; true where it ended its episode.</summary>
    public bool Add(ReadOnlySpan<byte> frame, out EpisodeResult result)
    {
        ref readonly FrameHeader header = ref FrameLayout.Header(frame);
        bool continues = _open && header.Sequence == _next && header.Episode == _episode && header.Step == _length;
        if (!continues)
        {
            // Another episode begins here, or frames are missing: what was summed up so far belongs to neither.
            (_return, _length, _gated, _whole, _own, _firstPolicy, _episode) = (
                0,
                header.Step,
                0,
                header.Step == 0,
                true,
                header.PolicyVersion,
                header.Episode
            );
        }

        _next = header.Sequence + 1;
        _return += header.Reward;
        _length++;
        _gated += header.Gated;
        _own &= header is { Fallback: 0, Uniform: 0 };
        _open = header.End == EpisodeEnd.None;
        if (_open)
        {
            result = default;
            return false;
        }

        result = new EpisodeResult(
            header.Episode,
            header.Sequence,
            _return,
            _length,
            _gated,
            header.End,
            _firstPolicy,
            header.PolicyVersion,
            _whole && header.Cut == 0
        )
        {
            ByNewestPolicies = _own,
            AtGoal = header.Goal switch
            {
                0 => null,
                1 => false,
                _ => true,
            },
        };
        return true;
    }

    /// <summary>The open episode will not count: another policy takes over in its middle.</summary>
    public void Spoil() => _whole = false;

    /// <summary>Writes the open episode.</summary>
    public void Save(string name, IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(name + "/return", _return);
        writer.Write(name + "/counters", [_next, _length, _gated, _whole ? 1 : 0, _firstPolicy, _episode, _own ? 1 : 0, _open ? 1 : 0]);
    }

    /// <summary>Reads the open episode.</summary>
    public void Load(string name, IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _return = reader.ReadDouble(name + "/return");
        Span<long> counters = stackalloc long[8];
        reader.Read(name + "/counters", counters);
        (_next, _length, _gated, _whole, _firstPolicy) = (counters[0], (int)counters[1], (int)counters[2], counters[3] != 0, counters[4]);
        (_episode, _own, _open) = (counters[5], counters[6] != 0, counters[7] != 0);
    }
}
