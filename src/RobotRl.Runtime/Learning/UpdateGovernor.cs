using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Learning;

/// <summary>
/// Keeps account of the updates that are due. In lockstep every one is done. In real time a learner that cannot keep up falls
/// behind by at most a set backlog; what is beyond it is given up and counted, and the loop never waits.
/// </summary>
public sealed class UpdateGovernor
{
    private readonly double _maximumDue;
    private double _due;
    private long _done,
        _transitions;

    /// <summary>Makes an account that keeps at most <paramref name="maximumDue"/> updates; infinity in lockstep.</summary>
    public UpdateGovernor(double maximumDue) => _maximumDue = maximumDue;

    /// <summary>Whether a whole update is due.</summary>
    public bool IsDue => _due >= 1;

    /// <summary>Updates given up because the learner could not keep up.</summary>
    public double GivenUp { get; private set; }

    /// <summary>Updates per transition since the first one that was due: the achieved UTD. NaN before.</summary>
    public double Achieved => _transitions == 0 ? double.NaN : (double)_done / _transitions;

    /// <summary>A transition came that asks for <paramref name="updates"/>.</summary>
    public void Add(double updates)
    {
        _transitions++;
        _due += updates;
        if (_due > _maximumDue)
        {
            GivenUp += _due - _maximumDue;
            _due = _maximumDue;
        }
    }

    /// <summary>One was done.</summary>
    public void Done()
    {
        _due -= 1;
        _done++;
    }

    /// <summary>Writes the account.</summary>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write("governor/due", [_due, GivenUp]);
        writer.Write("governor/counts", [_done, _transitions]);
    }

    /// <summary>Reads the account.</summary>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Span<double> due = stackalloc double[2];
        reader.Read("governor/due", due);
        (_due, GivenUp) = (due[0], due[1]);
        Span<long> counts = stackalloc long[2];
        reader.Read("governor/counts", counts);
        (_done, _transitions) = (counts[0], counts[1]);
    }
}
