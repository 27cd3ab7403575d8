namespace RobotRl.Runtime.Checkpoints;

/// <summary>What looking for the newest good checkpoint found.</summary>
/// <param name="Newest">The newest good one, or null.</param>
/// <param name="Damaged">One line for each newer file that cannot be used: its path and what is wrong with it, the newest first.</param>
public sealed record CheckpointSearch(Checkpoint? Newest, IReadOnlyList<string> Damaged);
