using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace RobotRl.Runtime.Telemetry;

/// <summary>
/// What happened in a run, one JSON document a line: <c>{"time":"...","kind":"failsafe","level":"Error","message":"...",...}</c>. When a file
/// is full it becomes <c>log.1.jsonl</c>, in the place of the one before it, so that both together are bounded.
/// </summary>
/// <remarks>
/// <see cref="Add"/>: any thread; it neither touches the disk nor waits. <see cref="Flush"/>: one thread at a time, one that may wait for the
/// disk. Errors of the disk are counted, not thrown; what a crash cuts off is what was added since the last flush.
/// </remarks>
public sealed class EventLog : IDisposable
{
    /// <summary>Size at which a file is full: some 50,000 events.</summary>
    public const long DefaultMaxFileBytes = 8L << 20;

    // A condition that flickers at every poll must not fill the memory while the disk stands still.
    private const int MaxWaiting = 1024;

    // The file is for people and for programs that read JSON, not for a web page: quotes and plus signs stay as they are.
    private static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly long _maxFileBytes;
    private readonly ConcurrentQueue<byte[]> _waiting = new();
    private readonly Lock _flushing = new();
    private FileStream? _file;
    private long _lost, _lostTold;

    /// <summary>Opens the log at <paramref name="path"/>; what is there already stays.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">Dates the events.</param>
    /// <param name="maxFileBytes">Size at which a file is full.</param>
    public EventLog(string path, TimeProvider time, long maxFileBytes = DefaultMaxFileBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(time);
        (_path, _time, _maxFileBytes) = (path, time, maxFileBytes);
    }

    /// <summary>Events that a full or failing disk cost, or that came faster than they could be written. Any thread.</summary>
    public long LostEvents => Interlocked.Read(ref _lost);

    /// <summary>Adds an event. Any thread; never waits.</summary>
    /// <param name="kind">What it is about: <c>run</c>, <c>failsafe</c>, <c>arm</c>, <c>stop</c>, <c>policy</c>, <c>log</c>.</param>
    /// <param name="level">How bad it is.</param>
    /// <param name="message">The event in words, as it is shown too.</param>
    /// <param name="fields">Further values by name; null values are left out.</param>
    public void Add(string kind, LogLevel level, string message, params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        if (_waiting.Count >= MaxWaiting)
        {
            Interlocked.Increment(ref _lost);
            return;
        }

        _waiting.Enqueue(Line(kind, level, message, fields));
    }

    /// <summary>Writes what was added. One thread at a time, one that may wait for the disk.</summary>
    public void Flush()
    {
        lock (_flushing)
        {
            if (Interlocked.Read(ref _lost) is var lost && lost > _lostTold)
            {
                _waiting.Enqueue(Line("log", LogLevel.Warning, $"{lost - _lostTold} events were not written.", [("lost", lost)]));
                _lostTold = lost;
            }

            while (_waiting.TryDequeue(out byte[]? line))
            {
                if (!TryWrite(line))
                {
                    Interlocked.Increment(ref _lost);
                }
            }
        }
    }

    /// <summary>Writes what was added, and closes.</summary>
    public void Dispose()
    {
        Flush();
        _file?.Dispose();
        _file = null;
    }

    /// <summary>The file that a full one becomes: log.jsonl becomes log.1.jsonl.</summary>
    public static string PreviousOf(string path) => Path.ChangeExtension(path, ".1" + Path.GetExtension(path));

    private bool TryWrite(byte[] line)
    {
        try
        {
            if (_file is not null && (_file.Position + line.Length > _maxFileBytes || !File.Exists(_path)))
            {
                _file.Dispose();
                _file = null;
                if (File.Exists(_path))
                {
                    File.Move(_path, PreviousOf(_path), overwrite: true);
                }
            }

            if (_file is null)
            {
                _file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                EndLastLine(_file);
            }

            _file.Write(line);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _file?.Dispose();
            _file = null;
            return false;
        }
    }

    /// <summary>A crash may have cut the last line short: the next one begins on a line of its own.</summary>
    private static void EndLastLine(FileStream file)
    {
        if (file.Length > 0)
        {
            file.Position = file.Length - 1;
            bool whole = file.ReadByte() == '\n';
            file.Position = file.Length;
            if (!whole)
            {
                file.WriteByte((byte)'\n');
            }
        }
    }

    private byte[] Line(string kind, LogLevel level, string message, ReadOnlySpan<(string Name, object? Value)> fields)
    {
        using var bytes = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(bytes, s_plain))
        {
            json.WriteStartObject();
            json.WriteString("time", _time.GetUtcNow());
            json.WriteString("kind", kind);
            json.WriteString("level", level.ToString());
            json.WriteString("message", message);
            foreach ((string name, object? value) in fields)
            {
                switch (value)
                {
                    case null:
                        break;
                    case long number:
                        json.WriteNumber(name, number);
                        break;
                    case bool flag:
                        json.WriteBoolean(name, flag);
                        break;
                    case double real when double.IsFinite(real):
                        json.WriteNumber(name, real);
                        break;
                    default:
                        json.WriteString(name, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
                        break;
                }
            }

            json.WriteEndObject();
        }

        bytes.Write("\n"u8);
        return bytes.ToArray();
    }
}
