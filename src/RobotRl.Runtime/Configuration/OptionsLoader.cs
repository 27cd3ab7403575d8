using System.Collections;
using System.Text.Json;

namespace RobotRl.Runtime.Configuration;

/// <summary>
/// Effective options: built-in defaults, then what is recommended for the task, then one file, then the environment, then the
/// command line.
/// </summary>
public static class OptionsLoader
{
    /// <summary>Prefix of environment variables; <c>__</c> separates the parts of a key: <c>ROBOTRL__RUN__SEED=7</c>.</summary>
    public const string EnvironmentPrefix = "ROBOTRL__";

    /// <summary>Loads the options that hold. Reads the file, touches nothing.</summary>
    /// <param name="file">JSON options file; null for none.</param>
    /// <param name="assignments">Command line, each <c>Section:Key=value</c>, later over earlier.</param>
    /// <param name="environment">Environment variables; null for none.</param>
    /// <param name="content">The file's text (UTF-8) where it was read already; <paramref name="file"/> then only names it. Null
    /// to read the file.</param>
    /// <exception cref="OptionsException">Every problem there is, at once.</exception>
    public static RobotRlOptions Load(string? file, IEnumerable<string> assignments, IDictionary? environment, byte[]? content = null)
    {
        ArgumentNullException.ThrowIfNull(assignments);
        var problems = new List<string>();
        var settings = new List<Setting>();
        if (file is not null)
        {
            settings.AddRange(content is null ? SettingsFile.Read(file, problems) : SettingsFile.Parse(content, file, problems));
        }

        settings.AddRange(FromEnvironment(environment));
        settings.AddRange(FromAssignments(assignments, problems));
        settings.InsertRange(0, RecommendedSettings.For(settings));

        var options = new RobotRlOptions();
        var binder = new OptionsBinder(problems);
        binder.Bind(settings, options);
        // Defaults that a bad value left in place are fine by themselves, so these are further problems, not echoes.
        problems.AddRange(
            options
                .Validate()
                .Concat(ForeignOptions.Check(options))
                .Select(p => NotANumber(p, binder))
                .Select(p => WithOrigin(p, binder.Origins))
        );
        problems.AddRange(
            binder.NotNumbers.Select(path => $"{path} is NaN; expected a number.").Select(p => WithOrigin(p, binder.Origins))
        );
        return problems.Count == 0 ? options : throw new OptionsException(problems);
    }

    /// <summary>What the environment and the command line set the key <paramref name="path"/> to; null where neither names it.</summary>
    internal static string? Asked(string path, IEnumerable<string> assignments, IDictionary? environment) =>
        FromEnvironment(environment)
            .Concat(FromAssignments(assignments, []))
            .LastOrDefault(s => s.Path.Equals(path, StringComparison.OrdinalIgnoreCase))
            ?.Text;

    private static IEnumerable<Setting> FromEnvironment(IDictionary? environment) =>
        (environment ?? new Hashtable())
            .Cast<DictionaryEntry>()
            .Select(e => (Name: (string)e.Key, Value: (string?)e.Value))
            .Where(e => e.Name.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(e => e.Name, StringComparer.Ordinal)
            .Select(e => new Setting(
                e.Name[EnvironmentPrefix.Length..].Replace("__", ":", StringComparison.Ordinal),
                e.Value ?? "",
                JsonValueKind.Undefined,
                $"environment {e.Name}"
            ));

    private static IEnumerable<Setting> FromAssignments(IEnumerable<string> assignments, List<string> problems)
    {
        foreach (string assignment in assignments)
        {
            int equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                problems.Add($"--set {assignment}: expected Section:Key=value, such as Run:Seed=7.");
                continue;
            }

            string path = assignment[..equals].Trim();
            yield return new Setting(path, assignment[(equals + 1)..], JsonValueKind.Undefined, "--set");
        }
    }

    /// <summary>The message of a range for a value that was NaN; the binder then has it no longer.</summary>
    private static string NotANumber(string problem, OptionsBinder binder)
    {
        int space = problem.IndexOf(' ', StringComparison.Ordinal);
        string stood = FormattableString.Invariant($" is {double.PositiveInfinity}");
        return space > 0 && problem.AsSpan(space).StartsWith(stood) && binder.NotNumbers.Remove(problem[..space])
            ? $"{problem[..space]} is NaN{problem[(space + stood.Length)..]}"
            : problem;
    }

    private static string WithOrigin(string problem, IReadOnlyDictionary<string, Setting> origins)
    {
        int space = problem.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && origins.TryGetValue(problem[..space], out Setting? setting) ? $"{setting.Origin}: {problem}" : problem;
    }
}
