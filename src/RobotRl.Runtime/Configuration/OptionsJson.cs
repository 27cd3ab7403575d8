using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RobotRl.Runtime.Configuration;

/// <summary>The options' types, generated at build: binding, schema and the written file all go by it.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    AllowTrailingCommas = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    Converters = [typeof(DurationJsonConverter)]
)]
[JsonSerializable(typeof(RobotRlOptions))]
internal sealed partial class OptionsJson : JsonSerializerContext
{
    /// <summary>What the generator knows of <paramref name="type"/>.</summary>
    public static JsonTypeInfo Of(Type type) =>
        Default.GetTypeInfo(type) ?? throw new InvalidOperationException($"{type} is not part of the options.");
}
