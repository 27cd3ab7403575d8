namespace RobotRl.Runtime.Commands.Bench;

/// <summary>One row of the table.</summary>
/// <param name="Learner">Its name in <c>Learner:Algorithm</c>.</param>
/// <param name="Width">Width of its two hidden layers.</param>
/// <param name="Batch">Samples per minibatch; null for a learner that learns from each transition once.</param>
/// <param name="UpdateMicroseconds">Time of one update on one thread with nothing beside it; the median over blocks of updates.</param>
/// <param name="Ceiling">Updates that fit into a control period by that time alone.</param>
/// <param name="Holds">UTD that was held in real time; null where none of those tried was. For a learner that streams: 1, or null.</param>
/// <param name="Steps">Control steps of the last try.</param>
/// <param name="MissedTicks">Ticks of the control thread that came too late, in the last try.</param>
/// <param name="Tries">How often an UTD was tried.</param>
internal sealed record BenchRow(
    string Learner,
    int Width,
    int? Batch,
    double UpdateMicroseconds,
    double Ceiling,
    double? Holds,
    long Steps,
    long MissedTicks,
    int Tries
);
