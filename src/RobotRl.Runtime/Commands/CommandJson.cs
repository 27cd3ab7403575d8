using System.Text.Json.Serialization;
using RobotRl.Runtime.Commands.Bench;
using RobotRl.Runtime.Commands.Inspect;

namespace RobotRl.Runtime.Commands;

/// <summary>Documents that commands print with <c>--json</c>.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    Converters = [typeof(Control.FiniteJsonConverter)]
)]
[JsonSerializable(typeof(EvaluationSummary))]
[JsonSerializable(typeof(RunSummary))]
[JsonSerializable(typeof(ControlSummary))]
[JsonSerializable(typeof(RunInspection))]
[JsonSerializable(typeof(PolicyInspection))]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class CommandJson : JsonSerializerContext;
