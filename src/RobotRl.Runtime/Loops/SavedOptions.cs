using System.Text.Json;

namespace RobotRl.Runtime.Loops;

/// <summary>Single values of the options (JSON) that a checkpoint holds.</summary>
internal static class SavedOptions
{
    /// <summary>Digits of the seed; null if there is none.</summary>
    public static string? Seed(string optionsJson)
    {
        using JsonDocument options = JsonDocument.Parse(optionsJson);
        return options.RootElement.TryGetProperty("Run", out JsonElement run) && run.TryGetProperty("Seed", out JsonElement seed)
            ? seed.GetRawText()
            : null;
    }

    /// <summary>A number by its key, such as <c>Loop:RateHz</c>; null if there is none.</summary>
    public static double? Number(string optionsJson, string key)
    {
        using JsonDocument options = JsonDocument.Parse(optionsJson);
        JsonElement value = options.RootElement;
        foreach (string part in key.Split(':'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(part, out value))
            {
                return null;
            }
        }

        return value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
    }
}
