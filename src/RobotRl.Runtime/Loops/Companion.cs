using RobotRl.Algorithms;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// A further simulated robot of a lockstep run, with a task and a learner of its own that shares parameters with the run's.
/// </summary>
/// <param name="Robot">The robot.</param>
/// <param name="Task">Its task.</param>
/// <param name="Learner">Its learner.</param>
internal sealed record Companion(IRobot Robot, IControlTask Task, ILearner Learner) : IDisposable
{
    /// <summary>Disposes robot and learner.</summary>
    public void Dispose()
    {
        Learner.Dispose();
        Robot.Dispose();
    }
}
