using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Telemetry;

/// <summary>
/// What happened in a run, one JSON document a line: <c>{"time":"...","kind":"failsafe","level":"Error","message":"...",...}</c>.
/// When a file
/// is full it becomes <c>log.1.jsonl</c>, in the place of the one before it, so that both together are bounded.
/// </summary>
/// <remarks>
/// <see cref="Add"/>: any thread; it neither touches the disk nor waits. <see cref="Flush"/>: one thread at a time, one that may
/// wait for the
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
    private readonly IFileOpener? _files;
    private AppendedFile? _file;
    private long _lost,
        _lostTold;

    /// <summary>Opens the log at <paramref name="path"/>; what is there already stays.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">Dates the events.</param>
    /// <param name="maxFileBytes">Size at which a file is full.</param>
    /// <param name="files">The file system.</param>
    public EventLog(string path, TimeProvider time, long maxFileBytes = DefaultMaxFileBytes, IFileOpener? files = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(time);
        (_path, _time, _maxFileBytes, _files) = (path, time, maxFileBytes, files);
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

            if (_waiting.IsEmpty)
            {
                return;
            }

            while (_waiting.TryDequeue(out byte[]? line))
            {
                FileFor(line.Length).Append(line);
            }

            if (_file?.Flush() == false)
            {
                Close(); // Counts what is lost; the next flush tries anew.
            }
        }
    }

    /// <summary>Writes what was added, and closes.</summary>
    public void Dispose()
    {
        Flush();
        Close();
    }

    /// <summary>The file to write to, with room for <paramref name="bytes"/>: the open one, or a new one after it is full.</summary>
    private AppendedFile FileFor(int bytes)
    {
        if (_file is not null && _file.Length + bytes > _maxFileBytes)
        {
            Close();
            AppendedFile.SetAside(_path);
        }

        if (_file is null)
        {
            bool isCutShort = IsCutShort();
            _file = new AppendedFile(_path, FileMode.OpenOrCreate, _files);
            if (isCutShort)
            {
                _file.Append("\n"u8);
            }
        }

        return _file;
    }

    private void Close()
    {
        if (_file is not null)
        {
            _file.Dispose();
            Interlocked.Add(ref _lost, _file.LostRecords);
            _file = null;
        }
    }

    /// <summary>Whether a crash cut the last line short: then the next one begins on a line of its own.</summary>
    private bool IsCutShort()
    {
        try
        {
            using FileStream file = new(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length == 0)
            {
                return false;
            }

            file.Position = file.Length - 1;
            return file.ReadByte() != '\n';
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // There is none yet.
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
