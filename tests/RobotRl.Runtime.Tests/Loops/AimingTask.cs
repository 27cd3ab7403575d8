using RobotRl.Algorithms.Checkpoints;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>The scripted task with a goal, the position from <see cref="Goal"/> on, and a memory of its own.</summary>
internal sealed class AimingTask : ScriptedTask, IGoalTask
{
    public double Goal { get; init; }

    /// <summary>What it remembers; saved with the run.</summary>
    public double Memory { get; set; }

    public bool IsReached(ReadOnlySpan<double> state) => state[0] >= Goal;

    void IControlTask.Save(IStateWriter writer) => writer.Write("memory", Memory);

    void IControlTask.Load(IStateReader reader) => Memory = reader.ReadDouble("memory");
}
