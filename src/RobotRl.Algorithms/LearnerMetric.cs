namespace RobotRl.Algorithms;

/// <summary>One figure about the newest update.</summary>
/// <param name="Name">Path as TensorBoard shows it, such as <c>loss/critic</c>.</param>
/// <param name="Value">The figure.</param>
public readonly record struct LearnerMetric(string Name, double Value);
