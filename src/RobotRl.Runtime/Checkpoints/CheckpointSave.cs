namespace RobotRl.Runtime.Checkpoints;

/// <summary>How saving a checkpoint went. A full disk is an expected fault, so it is a value.</summary>
/// <param name="Path">The file, or null where nothing was saved (earlier checkpoints are untouched).</param>
/// <param name="DiskFull">Whether space was what lacked.</param>
/// <param name="Problem">What is wrong, in one line; null where it was saved.</param>
public sealed record CheckpointSave(string? Path, bool DiskFull, string? Problem);
