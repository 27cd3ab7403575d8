using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Checkpoints;

/// <summary>What a checkpoint is a checkpoint of: the strings in its file's metadata.</summary>
public sealed partial record CheckpointHeader
{
    /// <summary>Format version that this program writes and reads.</summary>
    public const int CurrentFormatVersion = 1;

    /// <summary>Format version of the file.</summary>
    public int FormatVersion { get; init; } = CurrentFormatVersion;

    /// <summary>The run that it belongs to; null if it was written before runs had an identity.</summary>
    public RunId? Run { get; init; }

    /// <summary>Control steps done in the run.</summary>
    public required long Step { get; init; }

    /// <summary>Episodes ended in the run.</summary>
    public required long Episode { get; init; }

    /// <summary>Sequence of the journal's next frame when this was taken: frames below it belong to this checkpoint.</summary>
    public required long JournalSequence { get; init; }

    /// <summary>Counters by name, such as <c>learner/updates</c>.</summary>
    public ImmutableSortedDictionary<string, long> Counters { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Name of the robot.</summary>
    public required string Robot { get; init; }

    /// <summary>Name of the task.</summary>
    public required string Task { get; init; }

    /// <summary>Name of the algorithm.</summary>
    public required string Algorithm { get; init; }

    /// <summary>Effective options of the run, as JSON.</summary>
    public required string OptionsJson { get; init; }

    /// <summary>
    /// The task's settings on which the meaning of an observation or an action depends, by key; null if it was written before
    /// they were kept.
    /// </summary>
    public ImmutableSortedDictionary<string, double>? ActingValues { get; init; }

    /// <summary>Version of the program that wrote it; <see cref="CheckpointStore"/> fills it in.</summary>
    public string ProgramVersion { get; init; } = "";

    /// <summary>When it was written; <see cref="CheckpointStore"/> fills it in.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>A number with all its digits; "absent" for none.</summary>
    internal static string Text(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "absent";

    internal IEnumerable<KeyValuePair<string, string>> ToMetadata() =>
        [
            new("format", "robotrl-checkpoint"),
            new("format_version", FormatVersion.ToString(CultureInfo.InvariantCulture)),
            new("step", Step.ToString(CultureInfo.InvariantCulture)),
            new("episode", Episode.ToString(CultureInfo.InvariantCulture)),
            new("journal_sequence", JournalSequence.ToString(CultureInfo.InvariantCulture)),
            new("counters", JsonSerializer.Serialize(new Dictionary<string, long>(Counters), CounterJson.Default.DictionaryStringInt64)),
            new("robot", Robot),
            new("task", Task),
            new("algorithm", Algorithm),
            new("options", OptionsJson),
            new("program_version", ProgramVersion),
            new("created", Created.ToString("O", CultureInfo.InvariantCulture)),
            .. ActingValues is { } acting
                ?
                [
                    new KeyValuePair<string, string>(
                        "acting_values",
                        JsonSerializer.Serialize(
                            acting.ToDictionary(v => v.Key, v => Text(v.Value)),
                            CounterJson.Default.DictionaryStringString
                        )
                    ),
                ]
                : Array.Empty<KeyValuePair<string, string>>(),
            .. Run is { } run ? [new KeyValuePair<string, string>("run", run.ToString())] : Array.Empty<KeyValuePair<string, string>>(),
        ];

    /// <summary>Reads the metadata of a verified file.</summary>
    internal static CheckpointHeader Of(SafetensorsFile file)
    {
        if (file.Metadata.GetValueOrDefault("format") != "robotrl-checkpoint")
        {
            throw new DamagedFileException(file.Path, "a safetensors file, but not a checkpoint.");
        }

        if (Number("format_version") is not CurrentFormatVersion and var version)
        {
            throw new DamagedFileException(
                file.Path,
                $"checkpoint format version {version}; this program reads version {CurrentFormatVersion}. Use the program that wrote it."
            );
        }

        try
        {
            return new()
            {
                Run = !file.Metadata.TryGetValue("run", out string? run)
                    ? null
                    : RunId.Parse(run) ?? throw new FormatException($"\"run\" is {run}, which is no identity of a run."),
                Step = Number("step"),
                Episode = Number("episode"),
                JournalSequence = Number("journal_sequence"),
                Counters = (
                    JsonSerializer.Deserialize(Text("counters"), CounterJson.Default.DictionaryStringInt64) ?? []
                ).ToImmutableSortedDictionary(StringComparer.Ordinal),
                ActingValues = !file.Metadata.TryGetValue("acting_values", out string? acting)
                    ? null
                    : (JsonSerializer.Deserialize(acting, CounterJson.Default.DictionaryStringString) ?? []).ToImmutableSortedDictionary(
                        v => v.Key,
                        v => double.Parse(v.Value, NumberStyles.Float, CultureInfo.InvariantCulture),
                        StringComparer.Ordinal
                    ),
                Robot = Text("robot"),
                Task = Text("task"),
                Algorithm = Text("algorithm"),
                OptionsJson = Text("options"),
                ProgramVersion = Text("program_version"),
                Created = DateTimeOffset.Parse(Text("created"), CultureInfo.InvariantCulture),
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentNullException)
        {
            throw new DamagedFileException(file.Path, $"its metadata cannot be read: {e.Message}", e);
        }

        string Text(string key) =>
            file.Metadata.GetValueOrDefault(key) ?? throw new DamagedFileException(file.Path, $"its metadata has no \"{key}\".");
        long Number(string key) =>
            long.TryParse(Text(key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
                ? value
                : throw new DamagedFileException(file.Path, $"its metadata has \"{key}\" {Text(key)}, which is no number.");
    }

    [JsonSerializable(typeof(Dictionary<string, long>))]
    [JsonSerializable(typeof(Dictionary<string, string>))]
    private sealed partial class CounterJson : JsonSerializerContext;
}
