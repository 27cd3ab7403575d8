using System.Buffers;
using System.Text.Json;
using RobotRl.Algorithms;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Telemetry;

/// <summary>
/// Figures over time, one JSON document a line: <c>{"step":200,"time":"...","return":-157.1,...}</c>. A figure that is not finite
/// is null. The first line of a file names the run. When a file is full it becomes <c>metrics.1.jsonl</c>, in the place of the one
/// before it, so that both together are bounded.
/// </summary>
/// <remarks>One thread at a time. Errors of the disk are counted, not thrown.</remarks>
public sealed class MetricsLog : IDisposable
{
    /// <summary>Size at which a file is full. 64 MiB are about two days of two lines a second; there are two such files at most.</summary>
    public const long DefaultMaxFileBytes = 64L << 20;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly RunId? _run;
    private readonly IFileOpener? _files;
    private readonly long _maxFileBytes;
    private readonly ArrayBufferWriter<byte> _line = new(1024);
    private readonly Utf8JsonWriter _json;
    private AppendedFile _file;
    private long _lostBefore;

    private MetricsLog(string path, TimeProvider time, RunId? run, IFileOpener? files, long maxFileBytes)
    {
        (_path, _time, _run, _files, _maxFileBytes) = (path, time, run, files, maxFileBytes);
        _json = new Utf8JsonWriter(_line);
        _file = new AppendedFile(path, FileMode.OpenOrCreate, files);
        WriteFirstLine();
    }

    /// <summary>Records that a full or failing disk cost.</summary>
    public long LostRecords => _lostBefore + _file.LostRecords;

    /// <summary>What was found wrong with the lines that were there, each in one sentence.</summary>
    public IReadOnlyList<string> Damage { get; private init; } = [];

    /// <summary>
    /// Opens or creates the log. A line that a crash cut short is dropped, and so are lines from <paramref name="fromStep"/> on: a
    /// resume in lockstep writes them again.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="time">Dates the lines.</param>
    /// <param name="fromStep">First step whose lines go; <see cref="long.MaxValue"/> keeps all.</param>
    /// <param name="files">The file system.</param>
    /// <param name="run">The run that the first line of a new file names; null for none.</param>
    /// <param name="maxFileBytes">Size at which a file is full.</param>
    public static MetricsLog Open(
        string path,
        TimeProvider time,
        long fromStep = long.MaxValue,
        IFileOpener? files = null,
        RunId? run = null,
        long maxFileBytes = DefaultMaxFileBytes
    )
    {
        ArgumentNullException.ThrowIfNull(time);
        var damage = new List<string>();
        foreach (string file in (string[])[AppendedFile.PreviousOf(path), path])
        {
            try
            {
                damage.AddRange(((string?[])[MetricsCut.Apply(file, fromStep, files)]).OfType<string>());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                damage.Add($"{file}: its lines were not cut to the resumed state: {e.Message}");
            }
        }

        return new(path, time, run, files, maxFileBytes) { Damage = damage };
    }

    /// <summary>The run that the log at <paramref name="path"/> names; null if it names none, or there is none.</summary>
    public static RunId? RunOf(string path)
    {
        try
        {
            using FileStream stream = OpenRead(path);
            var reader = new LineReader(stream);
            return reader.TryRead() ? MetricsLine.Parse(reader.Line)?.Run : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes figures of one step.</summary>
    public void Write(long step, ReadOnlySpan<LearnerMetric> metrics)
    {
        Begin(step);
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

        End();
    }

    /// <summary>
    /// Marks that the run was resumed here, in real time: what stands before it was done, and the learner went on from an earlier
    /// step.
    /// </summary>
    /// <param name="step">The step at which the run goes on.</param>
    /// <param name="checkpointStep">The step of the checkpoint that the learner went on from.</param>
    public void MarkResumed(long step, long checkpointStep)
    {
        Begin(step);
        _json.WriteNumber("run/resumed_from_step"u8, checkpointStep);
        if (_run is { } run)
        {
            _json.WriteString("run"u8, run.ToString());
        }

        End();
    }

    /// <summary>Hands what was written to the system; false where the disk refuses.</summary>
    public bool Flush() => _file.Flush();

    /// <summary>Returns when what was written is on the medium; false where the disk refuses.</summary>
    public bool Sync() => _file.Sync();

    /// <summary>
    /// The values of one figure against the step, in the order of the files; lines without it and lines that are damaged are
    /// passed over.
    /// </summary>
    public static CurveSeries Read(string path, string figure)
    {
        var steps = new List<double>();
        var values = new List<double>();
        foreach (string file in ((string[])[AppendedFile.PreviousOf(path), path]).Where(File.Exists))
        {
            using FileStream stream = OpenRead(file);
            var reader = new LineReader(stream);
            while (reader.TryRead())
            {
                Add(reader.Line, figure, steps, values);
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

    private static FileStream OpenRead(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);

    private static void Add(ReadOnlyMemory<byte> line, string figure, List<double> steps, List<double> values)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (
                document.RootElement.TryGetProperty("step"u8, out JsonElement step)
                && step.ValueKind == JsonValueKind.Number
                && document.RootElement.TryGetProperty(figure, out JsonElement value)
                && value.ValueKind == JsonValueKind.Number
            )
            {
                steps.Add(step.GetDouble());
                values.Add(value.GetDouble());
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Damaged, cut short by a crash, or being written.
        }
    }

    private void Begin(long step)
    {
        if (_file.Length >= _maxFileBytes)
        {
            Rotate();
        }

        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteNumber("step"u8, step);
        _json.WriteString("time"u8, _time.GetUtcNow());
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _line.Write("\n"u8);
        _file.Append(_line.WrittenSpan);
    }

    private void WriteFirstLine()
    {
        if (_run is { } run && _file.Length == 0)
        {
            _line.ResetWrittenCount();
            _json.Reset();
            _json.WriteStartObject();
            _json.WriteString("run"u8, run.ToString());
            _json.WriteString("time"u8, _time.GetUtcNow());
            End();
        }
    }

    private void Rotate()
    {
        _file.Dispose();
        _lostBefore += _file.LostRecords;
        AppendedFile.SetAside(_path);
        _file = new AppendedFile(_path, FileMode.OpenOrCreate, _files);
        WriteFirstLine();
    }
}
