using System.Text.Json;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Telemetry;

/// <summary>A line of <c>metrics.jsonl</c>: what it says about itself.</summary>
/// <param name="Step">The step that its figures belong to; null if it is the first line of a file, which names the run.</param>
/// <param name="Run">The run that it names; null if it names none.</param>
internal readonly record struct MetricsLine(long? Step, RunId? Run)
{
    /// <summary>Reads a line; null if it is damaged: no JSON object, or one without a step or a run.</summary>
    public static MetricsLine? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            long? step = root.TryGetProperty("step"u8, out JsonElement number) && number.TryGetInt64(out long found) ? found : null;
            RunId? run =
                root.TryGetProperty("run"u8, out JsonElement id) && id.ValueKind == JsonValueKind.String
                    ? RunId.Parse(id.GetString())
                    : null;
            return step is null && run is null ? null : new MetricsLine(step, run);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
