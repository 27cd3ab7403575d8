using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using RobotRl.Algorithms;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Telemetry;

/// <summary>
/// Writes scalars as a TensorBoard event file. The two formats it takes, TFRecord framing and four protobuf fields, are encoded
/// here by hand: a protobuf library would bring reflection or generated code for hundreds of messages, which ahead-of-time
/// builds do not like, for some thirty lines.
/// </summary>
/// <remarks>
/// One thread at a time. After a tag was seen once, writing allocates nothing. Errors of the disk are counted, not thrown.
/// </remarks>
public sealed class TensorBoardWriter : IDisposable
{
    // Field number << 3 | wire type (0 varint, 1 64-bit, 2 length-delimited, 5 32-bit), tensorflow/core/util/event.proto and
    // tensorflow/core/framework/summary.proto.
    private const byte EventWallTime = (1 << 3) | 1;
    private const byte EventStep = (2 << 3) | 0;
    private const byte EventFileVersion = (3 << 3) | 2;
    private const byte EventSummary = (5 << 3) | 2;
    private const byte EventSessionLog = (7 << 3) | 2;
    private const byte SessionStatus = (1 << 3) | 0,
        SessionStart = 1;
    private const byte SummaryValue = (1 << 3) | 2;
    private const byte ValueTag = (1 << 3) | 2;
    private const byte ValueSimple = (2 << 3) | 5;

    private const int FrameHeader = 12;

    private readonly string _directory;
    private readonly IFileOpener? _files;
    private readonly TimeProvider _time;
    private readonly long _maxFileBytes;
    private AppendedFile _file;
    private long _lostBefore;
    private readonly Dictionary<string, byte[]> _tags = new(StringComparer.Ordinal);
    private readonly List<LearnerMetric> _sorted = [];
    private byte[] _record = new byte[4096];
    private int _used;

    private TensorBoardWriter(string directory, TimeProvider time, IFileOpener? files, long maxFileBytes)
    {
        (_directory, _time, _files, _maxFileBytes) = (directory, time, files, maxFileBytes);
        (Path, _file) = Next();
    }

    /// <summary>Size at which a file is full and the next is begun; four such files are kept.</summary>
    public const long DefaultMaxFileBytes = 64L << 20;

    private const int KeptFiles = 4;

    /// <summary>The event file.</summary>
    public string Path { get; private set; }

    /// <summary>Records that a full or failing disk cost.</summary>
    public long LostRecords => _lostBefore + _file.LostRecords;

    /// <summary>Begins a new event file in <paramref name="directory"/>; TensorBoard joins the files of a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="time">Dates the events.</param>
    /// <param name="files">The file system.</param>
    /// <param name="resumedAt">
    /// First step that is written again after a resume: TensorBoard then drops what earlier files say of it and later ones. Null
    /// for a new run.
    /// </param>
    /// <param name="maxFileBytes">Size at which a file is full.</param>
    public static TensorBoardWriter Create(
        string directory,
        TimeProvider time,
        IFileOpener? files = null,
        long? resumedAt = null,
        long maxFileBytes = DefaultMaxFileBytes
    )
    {
        ArgumentNullException.ThrowIfNull(time);
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody's robot waits for these files: what cannot be written is counted.
        }

        var writer = new TensorBoardWriter(directory, time, files, maxFileBytes);
        if (resumedAt is { } step)
        {
            writer.WriteStart(step);
        }

        return writer;
    }

    /// <summary>Opens the next file, and deletes the oldest ones.</summary>
    private (string Path, AppendedFile File) Next()
    {
        DropOldFiles();
        long seconds = _time.GetUtcNow().ToUnixTimeSeconds();
        for (int n = 0; ; n++)
        {
            string path = System.IO.Path.Combine(
                _directory,
                string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{seconds}.robotrl.{n}")
            );
            if (!File.Exists(path))
            {
                (Path, _file) = (path, new AppendedFile(path, FileMode.CreateNew, _files));
                BeginRecord();
                PutByte(EventFileVersion);
                PutBytes("brain.Event:2"u8);
                EndRecord();
                return (Path, _file);
            }
        }
    }

    /// <summary>Deletes the oldest event files of this program, so that all together stay below four full ones.</summary>
    private void DropOldFiles()
    {
        try
        {
            List<FileInfo> files =
            [
                .. new DirectoryInfo(_directory)
                    .EnumerateFiles("events.out.tfevents.*.robotrl.*")
                    .OrderBy(f => f.LastWriteTimeUtc)
                    .ThenBy(f => f.Name, StringComparer.Ordinal),
            ];
            long total = files.Sum(f => f.Length);
            foreach (FileInfo file in files.TakeWhile(_ => total > (KeptFiles - 1) * _maxFileBytes))
            {
                total -= file.Length;
                file.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next full file tries again.
        }
    }

    /// <summary>A session that starts: steps from <paramref name="step"/> on in earlier files are void.</summary>
    private void WriteStart(long step)
    {
        BeginRecord();
        PutByte(EventStep);
        PutVarint((ulong)step);
        PutByte(EventSessionLog);
        PutBytes([SessionStatus, SessionStart]);
        EndRecord();
    }

    /// <summary>Writes one figure.</summary>
    public void Write(long step, string tag, double value) => Write(step, [new LearnerMetric(tag, value)]);

    /// <summary>Writes figures of one step as one event, sorted by name.</summary>
    public void Write(long step, ReadOnlySpan<LearnerMetric> metrics)
    {
        if (_file.Length >= _maxFileBytes)
        {
            _file.Dispose();
            _lostBefore += _file.LostRecords;
            Next();
        }

        _sorted.Clear();
        _sorted.AddRange(metrics);
        _sorted.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        BeginRecord();
        PutByte(EventStep);
        PutVarint((ulong)step);
        PutByte(EventSummary);
        int summaryBytes = 0;
        foreach (LearnerMetric metric in _sorted)
        {
            int value = ValueBytes(Tag(metric.Name));
            summaryBytes += 1 + VarintBytes((ulong)value) + value;
        }

        PutVarint((ulong)summaryBytes);
        foreach (LearnerMetric metric in _sorted)
        {
            byte[] tag = Tag(metric.Name);
            PutByte(SummaryValue);
            PutVarint((ulong)ValueBytes(tag));
            PutByte(ValueTag);
            PutBytes(tag);
            PutByte(ValueSimple);
            BinaryPrimitives.WriteSingleLittleEndian(Take(sizeof(float)), (float)metric.Value);
        }

        EndRecord();
    }

    /// <summary>Hands what was written to the system; false where the disk refuses.</summary>
    public bool Flush() => _file.Flush();

    /// <summary>Returns when what was written is on the medium; false where the disk refuses.</summary>
    public bool Sync() => _file.Sync();

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>CRC as TFRecord stores it, so that a CRC over data that holds CRCs stays useful.</summary>
    internal static uint Mask(uint crc) => ((crc >> 15) | (crc << 17)) + 0xa282ead8u;

    private static int ValueBytes(byte[] tag) => 1 + VarintBytes((ulong)tag.Length) + tag.Length + 1 + sizeof(float);

    private static int VarintBytes(ulong value)
    {
        int bytes = 1;
        while ((value >>= 7) != 0)
        {
            bytes++;
        }

        return bytes;
    }

    private byte[] Tag(string name)
    {
        if (!_tags.TryGetValue(name, out byte[]? bytes))
        {
            bytes = Encoding.UTF8.GetBytes(name);
            _tags.Add(name, bytes);
        }

        return bytes;
    }

    private void BeginRecord()
    {
        _used = FrameHeader;
        PutByte(EventWallTime);
        double seconds = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        BinaryPrimitives.WriteDoubleLittleEndian(Take(sizeof(double)), seconds);
    }

    /// <summary>TFRecord: length (8 bytes), its masked CRC (4), data, its masked CRC (4).</summary>
    private void EndRecord()
    {
        int length = _used - FrameHeader;
        BinaryPrimitives.WriteUInt64LittleEndian(_record, (ulong)length);
        BinaryPrimitives.WriteUInt32LittleEndian(_record.AsSpan(8), Mask(Crc32C.Compute(_record.AsSpan(0, 8))));
        uint crc = Mask(Crc32C.Compute(_record.AsSpan(FrameHeader, length)));
        BinaryPrimitives.WriteUInt32LittleEndian(Take(sizeof(uint)), crc);
        _file.Append(_record.AsSpan(0, _used));
    }

    private void PutByte(byte value) => Take(1)[0] = value;

    private void PutVarint(ulong value)
    {
        while (value >= 0x80)
        {
            PutByte((byte)(value | 0x80));
            value >>= 7;
        }

        PutByte((byte)value);
    }

    private void PutBytes(ReadOnlySpan<byte> bytes)
    {
        PutVarint((ulong)bytes.Length);
        bytes.CopyTo(Take(bytes.Length));
    }

    private Span<byte> Take(int count)
    {
        if (_used + count > _record.Length)
        {
            Array.Resize(ref _record, Math.Max(_record.Length * 2, _used + count));
        }

        _used += count;
        return _record.AsSpan(_used - count, count);
    }
}
