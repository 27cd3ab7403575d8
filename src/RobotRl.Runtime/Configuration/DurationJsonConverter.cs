using System.Text.Json;
using System.Text.Json.Serialization;

namespace RobotRl.Runtime.Configuration;

/// <summary>Writes and reads <see cref="TimeSpan"/> as <see cref="Duration"/> does.</summary>
internal sealed class DurationJsonConverter : JsonConverter<TimeSpan>
{
    /// <inheritdoc/>
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text && Duration.TryParse(text, out TimeSpan value)
            ? value
            : throw new JsonException($"\"{reader.GetString()}\" is not {Duration.Expected}.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Duration.Format(value));
}
