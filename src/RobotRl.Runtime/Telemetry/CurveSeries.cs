namespace RobotRl.Runtime.Telemetry;

/// <summary>One line of a learning curve: one run, one seed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Steps">Steps, ascending.</param>
/// <param name="Values">A value for each step.</param>
public sealed record CurveSeries(string Name, double[] Steps, double[] Values);
