using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;

namespace RobotRl.Runtime.Experience;

/// <summary>Sums transitions up to episodes. One thread; allocates nothing.</summary>
public sealed class EpisodeTracker
{
    private double _return;
    private long _next, _firstPolicy;
    private int _length, _gated;
    private bool _whole;

    /// <summary>Adds one transition; true where it ended its episode.</summary>
    public bool Add(ReadOnlySpan<byte> frame, out EpisodeResult result)
    {
        ref readonly FrameHeader header = ref FrameLayout.Header(frame);
        if (header.Step == 0)
        {
            (_return, _length, _gated, _whole, _firstPolicy) = (0, 0, 0, true, header.PolicyVersion);
        }
        else if (header.Sequence != _next)
        {
            _whole = false;
        }

        _next = header.Sequence + 1;
        _return += header.Reward;
        _length++;
        _gated += header.Gated;
        if (header.End == EpisodeEnd.None)
        {
            result = default;
            return false;
        }

        result = new EpisodeResult(header.Episode, header.Sequence, _return, _length, _gated, header.End, _firstPolicy, header.PolicyVersion, _whole);
        return true;
    }

    /// <summary>Writes the open episode.</summary>
    public void Save(string name, IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(name + "/return", _return);
        writer.Write(name + "/counters", [_next, _length, _gated, _whole ? 1 : 0, _firstPolicy]);
    }

    /// <summary>Reads the open episode.</summary>
    public void Load(string name, IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _return = reader.ReadDouble(name + "/return");
        Span<long> counters = stackalloc long[5];
        reader.Read(name + "/counters", counters);
        (_next, _length, _gated, _whole, _firstPolicy) = (counters[0], (int)counters[1], (int)counters[2], counters[3] != 0, counters[4]);
    }
}
