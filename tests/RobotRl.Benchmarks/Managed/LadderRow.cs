namespace RobotRl.Benchmarks.Managed;

/// <summary>What one algorithm must reach on a task.</summary>
/// <param name="Algorithm">As in Learner:Algorithm.</param>
/// <param name="Steps">Transitions to learn from.</param>
/// <param name="Seeds">Seeds, from 1 on.</param>
/// <param name="Floor">Mean return over seeds and even starts that must be reached.</param>
internal sealed record LadderRow(string Algorithm, int Steps, int Seeds, double Floor);
