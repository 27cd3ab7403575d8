namespace RobotRl.Runtime.Loops;

/// <summary>How a robot comes to where an episode may start.</summary>
public enum ResetKind
{
    /// <summary>A simulator is put to a start drawn from the task's distribution; any other robot waits for rest.</summary>
    Auto,

    /// <summary>Goes on where the last episode ended, moving or not.</summary>
    None,

    /// <summary>Holds until every joint is slower than its rest velocity (Safety:RestVelocity).</summary>
    WaitForRest,

    /// <summary>
    /// Moves to the start pose (Task:Start) through the safety gate and waits for rest there. Position and velocity commands
    /// only.
    /// </summary>
    MoveToStart,

    /// <summary>Holds until the operator says that all is in place: <c>robotrl ready</c>, or key r.</summary>
    AskOperator,
}
