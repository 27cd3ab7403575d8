using System.Collections;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Runtime.Commands;

/// <summary>Where a command's options come from beside the defaults.</summary>
/// <param name="File">Options file; null for none.</param>
/// <param name="Assignments">Of the command line, later over earlier.</param>
/// <param name="Environment">Environment variables.</param>
internal sealed record OptionSources(string? File, IReadOnlyList<string> Assignments, IDictionary Environment)
{
    /// <summary>The file's text where it was read already; null to read it.</summary>
    public byte[]? Content { get; init; }

    /// <summary>The options that hold.</summary>
    /// <exception cref="OptionsException">Every problem there is.</exception>
    public RobotRlOptions Load() => OptionsLoader.Load(File, Assignments, Environment, Content);
}
