namespace RobotRl.Runtime.Tasks;

/// <summary>
/// A task with a goal that is reached or not. An episode at whose end it is reached is a success; success rates are shares of
/// episodes.
/// </summary>
public interface IGoalTask : IControlTask
{
    /// <summary>Whether the goal is reached in <paramref name="state"/>, [states]. Control thread: no allocation, no exception.</summary>
    bool IsReached(ReadOnlySpan<double> state);
}
