using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Randomness;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Loops;

/// <summary>The reset of a simulator: it is put into a start drawn from the task's distribution.</summary>
public sealed class TeleportReset : IEpisodeReset
{
    private readonly ITeleport _robot;
    private readonly IControlTask _task;
    private readonly CounterRandom _random;
    private readonly double[] _start;

    /// <summary>Joins robot, task and the generator that draws the starts.</summary>
    public TeleportReset(ITeleport robot, IControlTask task, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(robot);
        (_robot, _task, _random) = (robot, task, random);
        _start = new double[robot.PhysicalStateSize];
    }

    /// <inheritdoc/>
    public bool TryReset()
    {
        _task.DrawStart(_random, _start);
        _robot.Teleport(_start);
        return true;
    }

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write("reset/random", _random.State);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _random.State = reader.ReadRandomState("reset/random");
    }
}
