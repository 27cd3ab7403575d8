using System.Globalization;
using System.Text.RegularExpressions;

namespace RobotRl.Runtime.Configuration;

/// <summary>
/// Finds the range of a number by giving its validator values outside: the message names what is allowed. So the range that is
/// documented is the one that is enforced.
/// </summary>
internal static partial class ProbedRange
{
    private const double LargestExact = 1L << 53;

    private static readonly double[] Probes = [-1e300, -1e9, -1, 0, 1e9, 1e300];

    /// <summary>JSON Schema keywords and bounds of <paramref name="node"/>; none where it is no number or has no range.</summary>
    public static IReadOnlyDictionary<string, double> Of(OptionNode node)
    {
        var range = new SortedDictionary<string, double>(StringComparer.Ordinal);
        if (!OptionValue.IsWhole(node.ValueType) && !OptionValue.IsReal(node.ValueType))
        {
            return range;
        }

        foreach (double probe in Probes)
        {
            if (Message(node, probe) is { } message)
            {
                Parse(message, range);
            }
        }

        return range;
    }

    private static string? Message(OptionNode node, double probe)
    {
        var options = new RobotRlOptions();
        // A robot's own section is looked at where it is the one that was chosen.
        options.Robot.Name = RobotOptions
            .Sections(options.Robot)
            .FirstOrDefault(s => node.Path.StartsWith($"Robot:{s.Name}:", StringComparison.Ordinal))
            ?.Robot
            ?? options.Robot.Name;
        var problems = new List<string>();
        string text = probe.ToString("F0", CultureInfo.InvariantCulture);
        new OptionsBinder(problems).Bind([new Setting(node.Path, text, System.Text.Json.JsonValueKind.Undefined, "probe")], options);
        return problems.Count > 0 ? null : options.Validate().FirstOrDefault(p => p.StartsWith(node.Path + " ", StringComparison.Ordinal));
    }

    private static void Parse(string message, SortedDictionary<string, double> range)
    {
        Match match = Between().Match(message);
        if (match.Success)
        {
            double minimum = Number(match, "minimum");
            // "16 to 65536, or 0 to ..." has a value of its own beside the range.
            Match apart = Apart().Match(message);
            range["minimum"] = apart.Success ? Math.Min(minimum, Number(apart, "value")) : minimum;
            double maximum = Number(match, "maximum");
            // The end of the type is no range that anybody chose (and JSON numbers cannot hold it exactly).
            if (maximum < LargestExact)
            {
                range["maximum"] = maximum;
            }

            return;
        }

        Add(AtLeast(), "minimum", message, range);
        Add(Above(), "exclusiveMinimum", message, range);
        Add(AtMost(), "maximum", message, range);
        Add(Below(), "exclusiveMaximum", message, range);
    }

    private static void Add(Regex pattern, string keyword, string message, SortedDictionary<string, double> range)
    {
        Match match = pattern.Match(message);
        if (match.Success)
        {
            range[keyword] = Number(match, "value");
        }
    }

    private static double Number(Match match, string group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"allowed: (?<minimum>-?[0-9.]+(e[-+]?[0-9]+)?)( \S+)? to (?<maximum>-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?)",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Between();

    [GeneratedRegex(@"allowed: [^;]*?, or (?<value>-?[0-9]+)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Apart();

    [GeneratedRegex(@"allowed: [^;]*?at least (?<value>-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?)", RegexOptions.IgnoreCase)]
    private static partial Regex AtLeast();

    [GeneratedRegex(@"allowed: [^;]*?above (?<value>-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?)", RegexOptions.IgnoreCase)]
    private static partial Regex Above();

    [GeneratedRegex(@"allowed: [^;]*?at most (?<value>-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?)", RegexOptions.IgnoreCase)]
    private static partial Regex AtMost();

    [GeneratedRegex(@"allowed: [^;]*?below (?<value>-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?)", RegexOptions.IgnoreCase)]
    private static partial Regex Below();
}
