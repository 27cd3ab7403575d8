using System.Text.Json;

namespace RobotRl.Runtime.Configuration;

/// <summary>One value that somebody set: a key path, its text, and where it was said.</summary>
/// <param name="Path">Key path such as <c>Learner:Sac:BatchSize</c>, as written.</param>
/// <param name="Text">The value's text; JSON for an array, null for a JSON null or a section.</param>
/// <param name="Kind">JSON kind in a file; <see cref="JsonValueKind.Undefined"/> for plain text of the environment or command line.</param>
/// <param name="Origin">Where it was said, such as <c>robot.json:12:5</c>.</param>
internal sealed record Setting(string Path, string? Text, JsonValueKind Kind, string Origin)
{
    /// <summary>The value as a message quotes it.</summary>
    public string Shown =>
        Kind switch
        {
            JsonValueKind.Object => "a section",
            JsonValueKind.Null => "null",
            JsonValueKind.String or JsonValueKind.Undefined => $"\"{Text}\"",
            _ => Text ?? "",
        };
}
