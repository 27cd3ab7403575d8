namespace RobotRl.Runtime.Tests.Timing;

/// <summary>Tests that hold memory without collection, which a process can do once at a time, or that ask for a quiet machine.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NoCollectionGroup
{
    public const string Name = "no collection";
}
