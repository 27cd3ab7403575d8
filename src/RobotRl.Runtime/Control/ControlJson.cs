using System.Text.Json.Serialization;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Control;

/// <summary>JSON of the control socket and of <c>robotrl status --json</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true,
    Converters = [typeof(FiniteJsonConverter)]
)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlAnswer))]
[JsonSerializable(typeof(RunStatus))]
[JsonSerializable(typeof(StopAnswer))]
internal sealed partial class ControlJson : JsonSerializerContext;
