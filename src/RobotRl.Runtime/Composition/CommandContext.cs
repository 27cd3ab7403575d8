using System.Collections;

namespace RobotRl.Runtime.Composition;

/// <summary>What every command may use.</summary>
/// <param name="Robots">The robots there are.</param>
/// <param name="Tasks">The tasks there are.</param>
/// <param name="Sessions">Makes sessions.</param>
/// <param name="Output">Results, and the document of <c>--json</c>.</param>
/// <param name="Error">Everything else.</param>
/// <param name="Environment">Environment variables.</param>
internal sealed record CommandContext(
    RobotCatalogue Robots,
    TaskCatalogue Tasks,
    ISessionFactory Sessions,
    TextWriter Output,
    TextWriter Error,
    IDictionary Environment
)
{
    /// <summary>Whether a session was run: what it did lies in its run, so that a closed standard output loses nothing.</summary>
    public bool HasRun { get; set; }
}
