namespace RobotRl.Runtime.Commands.Doctor;

/// <summary>One line of the report.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="State">How it is.</param>
/// <param name="Detail">What was found, with values and units.</param>
/// <param name="Remedy">What to do; null where nothing is to be done.</param>
internal sealed record CheckResult(string Name, CheckState State, string Detail, string? Remedy = null);
