using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Loops;

/// <summary>The reset of a robot that can be driven: the control loop moves it to its start pose, within every limit.</summary>
public sealed class MoveToStartReset : IEpisodeReset
{
    private readonly ControlLoop _loop;

    /// <summary>Has <paramref name="loop"/>, which must know a <see cref="StartMove"/>, do it.</summary>
    public MoveToStartReset(ControlLoop loop) => _loop = loop;

    /// <inheritdoc/>
    public bool TryReset()
    {
        if (_loop.AtStart)
        {
            return true;
        }

        _loop.MoveToStart();
        return false;
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer) { }

    /// <inheritdoc/>
    public void Load(IStateReader reader) { }
}
