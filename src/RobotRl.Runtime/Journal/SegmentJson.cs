using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RobotRl.Runtime.Journal;

/// <summary>The JSON in a segment's header: robot and fields by name.</summary>
internal static class SegmentJson
{
    public static byte[] Write(JournalLayout layout, JournalOrigin origin)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("robot"u8, origin.Robot);
            json.WriteStartArray("fields"u8);
            foreach (JournalField field in layout.Fields)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, field.Name);
                json.WriteString("type"u8, field.Type.ToString().ToLowerInvariant());
                json.WriteNumber("offset"u8, field.Offset);
                json.WriteNumber("count"u8, field.Count);
                if (!field.Components.IsEmpty)
                {
                    json.WriteStartArray("components"u8);
                    foreach (string component in field.Components)
                    {
                        json.WriteStringValue(component);
                    }

                    json.WriteEndArray();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    public static bool TryRead(ReadOnlySpan<byte> utf8, int payloadBytes, [NotNullWhen(true)] out JournalLayout? layout, out string robot)
    {
        (layout, robot) = (null, "");
        try
        {
            var reader = new Utf8JsonReader(utf8);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            robot = document.RootElement.GetProperty("robot"u8).GetString() ?? "";
            layout = JournalLayout.TryOf([.. document.RootElement.GetProperty("fields"u8).EnumerateArray().Select(Field)], payloadBytes);
            return layout is not null;
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return false;
        }
    }

    private static JournalField Field(JsonElement field) =>
        new(
            field.GetProperty("name"u8).GetString()!,
            Enum.Parse<JournalFieldType>(field.GetProperty("type"u8).GetString()!, ignoreCase: true),
            field.GetProperty("offset"u8).GetInt32(),
            field.GetProperty("count"u8).GetInt32()
        )
        {
            Components = field.TryGetProperty("components"u8, out JsonElement components)
                ? [.. components.EnumerateArray().Select(c => c.GetString()!)]
                : ImmutableArray<string>.Empty,
        };
}
