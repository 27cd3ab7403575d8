using System.Buffers;
using System.Text.Json;
using RobotRl.Algorithms;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Telemetry;

/// <summary>
/// Figures over time, one JSON document a line: <c>{"step":200,"time":"...","return":-157.1,...}</c>. A figure that is not finite
/// is null.
/// </summary>
/// <remarks>One thread at a time. Errors of the disk are counted, not thrown.</remarks>
public sealed class MetricsLog : IDisposable
{
    private readonly AppendedFile _file;
    private readonly TimeProvider _time;
    private readonly ArrayBufferWriter<byte> _line = new(1024);
    private readonly Utf8JsonWriter _json;

    private MetricsLog(AppendedFile file, TimeProvider time)
    {
        (_file, _time) = (file, time);
        _json = new Utf8JsonWriter(_line);
    }

    /// <summary>Records that a full or failing disk cost.</summary>
    public long LostRecords => _file.LostRecords;

    /// <summary>
    /// Opens or creates the log. A line that a crash cut short is dropped, and so are lines from <paramref name="fromStep"/> on: a
    /// resume writes them again.
    /// </summary>
    public static MetricsLog Open(string path, TimeProvider time, long fromStep = long.MaxValue, IFileOpener? files = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        long keep = File.Exists(path) ? KeptBytes(File.ReadAllBytes(path), fromStep) : 0;
        var file = new AppendedFile(path, FileMode.OpenOrCreate, files);
        file.SetLength(keep);
        return new(file, time);
    }

    /// <summary>Writes figures of one step.</summary>
    public void Write(long step, ReadOnlySpan<LearnerMetric> metrics)
    {
        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteNumber("step"u8, step);
        _json.WriteString("time"u8, _time.GetUtcNow());
        foreach (LearnerMetric metric in metrics)
        {
            if (double.IsFinite(metric.Value))
            {
                _json.WriteNumber(metric.Name, metric.Value);
            }
            else
            {
                _json.WriteNull(metric.Name);
            }
        }

        _json.WriteEndObject();
        _json.Flush();
        _line.Write("\n"u8);
        _file.Append(_line.WrittenSpan);
    }

    /// <summary>Hands what was written to the system; false where the disk refuses.</summary>
    public bool Flush() => _file.Flush();

    /// <summary>The values of one figure against the step, in the order of the file; lines without it and lines that are damaged are passed over.</summary>
    public static CurveSeries Read(string path, string figure)
    {
        var steps = new List<double>();
        var values = new List<double>();
        foreach (string line in File.ReadLines(path))
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(line);
                if (document.RootElement.TryGetProperty("step"u8, out JsonElement step)
                    && document.RootElement.TryGetProperty(figure, out JsonElement value) && value.ValueKind == JsonValueKind.Number)
                {
                    steps.Add(step.GetDouble());
                    values.Add(value.GetDouble());
                }
            }
            catch (JsonException)
            {
                // The line that a crash cut short, or one being written.
            }
        }

        return new(figure, [.. steps], [.. values]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _json.Dispose();
    }

    private static long KeptBytes(byte[] bytes, long fromStep)
    {
        int kept = 0;
        while (kept < bytes.Length)
        {
            int end = Array.IndexOf(bytes, (byte)'\n', kept);
            if (end < 0 || Step(bytes.AsSpan(kept, end - kept)) is not { } step || step >= fromStep)
            {
                break;
            }

            kept = end + 1;
        }

        return kept;
    }

    private static long? Step(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            return reader.Read() && reader.Read() && reader.ValueTextEquals("step"u8) && reader.Read() ? reader.GetInt64() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
