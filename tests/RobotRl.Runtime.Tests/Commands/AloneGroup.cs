namespace RobotRl.Runtime.Tests.Commands;

/// <summary>
/// Tests that load the machine, or that judge how promptly a process of their own answers: nothing else runs beside them.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneGroup
{
    public const string Name = "alone";
}
