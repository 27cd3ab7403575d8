namespace RobotRl.Runtime.Configuration;

/// <summary>The section of the options that one kind of robot is made from.</summary>
/// <param name="Name">Its key below <c>Robot</c>.</param>
/// <param name="Robot">The <c>Robot:Name</c> that reads it.</param>
/// <param name="IsSet">Whether somebody set it.</param>
/// <param name="Validate">Every problem of it, given its path.</param>
internal sealed record DeviceSection(string Name, string Robot, bool IsSet, Func<string, IEnumerable<string>> Validate);
