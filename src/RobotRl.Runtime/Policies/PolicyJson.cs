using System.Text.Json.Serialization;

namespace RobotRl.Runtime.Policies;

/// <summary>The manifest's JSON, generated at compile time so that it works ahead of time too.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // A state without bounds has infinite ones.
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(PolicyManifest))]
internal sealed partial class PolicyJson : JsonSerializerContext;
