using System.Text.Json;

namespace RobotRl.Runtime.Loops;

/// <summary>Single values of the options (JSON) that a checkpoint holds.</summary>
internal static class SavedOptions
{
    /// <summary>Digits of the seed; null if there is none.</summary>
    public static string? Seed(string optionsJson)
    {
        using JsonDocument options = JsonDocument.Parse(optionsJson);
        return options.RootElement.TryGetProperty("Run", out JsonElement run) && run.TryGetProperty("Seed", out JsonElement seed) ? seed.GetRawText() : null;
    }

    /// <summary>A number by section and key; null if there is none.</summary>
    public static double? Number(string optionsJson, string section, string key)
    {
        using JsonDocument options = JsonDocument.Parse(optionsJson);
        return options.RootElement.TryGetProperty(section, out JsonElement found) && found.TryGetProperty(key, out JsonElement value)
            && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
    }
}
