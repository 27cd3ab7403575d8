namespace RobotRl.Runtime.Tests.Composition;

/// <summary>Stands in for the end of the process.</summary>
#pragma warning disable CA1064, CA1032 // Thrown and caught by the tests only, never with a message.
internal sealed class AbandonedException : Exception
#pragma warning restore CA1064, CA1032
{ }
