using System.Text.Json;
using System.Text.Json.Nodes;

namespace RobotRl.Runtime.Configuration;

/// <summary>
/// Writes effective options: all of them for the run directory and checkpoints, or what differs from the defaults for the log.
/// </summary>
public static class OptionsWriter
{
    /// <summary>All options as JSON that <see cref="OptionsLoader"/> reads back to the same options.</summary>
    public static string ToJson(RobotRlOptions options) => JsonSerializer.Serialize(options, OptionsJson.Default.RobotRlOptions);

    /// <summary>Each option that is not at its default, as <c>Section:Key = value (default value)</c>.</summary>
    public static IReadOnlyList<string> Changes(RobotRlOptions options)
    {
        var lines = new List<string>();
        Compare(OptionNode.Root, "", ToNode(options), ToNode(new RobotRlOptions()), lines, (path, now, then) =>
            $"{path} = {now} (default {then})"
        );
        return lines;
    }

    /// <summary>
    /// Each option of <paramref name="section"/> that is not what it was in the options <paramref name="then"/> (JSON), as
    /// <c>Section:Key was value and is value</c>.
    /// </summary>
    internal static IReadOnlyList<string> Changes(RobotRlOptions options, string then, string section)
    {
        var lines = new List<string>();
        Compare(
            OptionNode.Root.Child(section)!,
            section,
            ToNode(options)[section],
            JsonNode.Parse(then)?[section],
            lines,
            (path, now, was) => $"{path} was {was} and is {now}"
        );
        return lines;
    }

    /// <summary>The options as a JSON tree.</summary>
    internal static JsonNode ToNode(RobotRlOptions options) => JsonSerializer.SerializeToNode(options, OptionsJson.Default.RobotRlOptions)!;

    private static void Compare(
        OptionNode node,
        string path,
        JsonNode? now,
        JsonNode? then,
        List<string> lines,
        Func<string, string, string, string> line
    )
    {
        if (now is JsonObject section)
        {
            then ??= node.DefaultValue();
            foreach ((string name, JsonNode? value) in section)
            {
                Compare(node.Child(name)!, path.Length == 0 ? name : $"{path}:{name}", value, (then as JsonObject)?[name], lines, line);
            }
        }
        else if (!JsonNode.DeepEquals(now, then))
        {
            lines.Add(line(path, Show(now), Show(then)));
        }
    }

    private static string Show(JsonNode? node) => node is null ? "null" : node.ToJsonString();
}
