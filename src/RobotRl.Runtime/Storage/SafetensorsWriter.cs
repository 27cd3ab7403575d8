using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Storage;

/// <summary>
/// Collects named arrays in memory and writes them as one safetensors file whose last tensor is the SHA-256 of all bytes
/// before it. Its buffers are reused: <see cref="Clear"/> and fill again.
/// </summary>
/// <remarks>
/// Collecting is a copy and touches no disk, so it may happen on a thread that must not wait, and <see cref="WriteTo"/> on
/// another. One thread at a time.
/// </remarks>
public sealed class SafetensorsWriter : IStateWriter
{
    /// <summary>Most bytes that the floats of a file may take, and its longer numbers.</summary>
    public static int MostBytes => Array.MaxLength;

    private readonly List<Entry> _entries = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly byte[] _length = new byte[8];
    private byte[] _wide = new byte[4096];
    private byte[] _narrow = new byte[4096];
    private int _wideUsed;
    private int _narrowUsed;

    /// <summary>Bytes collected.</summary>
    public long CollectedBytes => _wideUsed + (long)_narrowUsed;

    /// <summary>Forgets what was collected; the buffers stay.</summary>
    public void Clear()
    {
        _entries.Clear();
        _names.Clear();
        (_wideUsed, _narrowUsed) = (0, 0);
    }

    /// <inheritdoc/>
    public void Write(string name, ReadOnlySpan<float> values) =>
        Add(name, SafetensorsType.F32, values.Length, 0, MemoryMarshal.AsBytes(values));

    /// <inheritdoc/>
    public void Write(string name, ReadOnlySpan<double> values) =>
        Add(name, SafetensorsType.F64, values.Length, 0, MemoryMarshal.AsBytes(values));

    /// <inheritdoc/>
    public void Write(string name, ReadOnlySpan<long> values) =>
        Add(name, SafetensorsType.I64, values.Length, 0, MemoryMarshal.AsBytes(values));

    /// <summary>Writes a matrix [<paramref name="rows"/>, columns], row-major.</summary>
    public void WriteMatrix(string name, ReadOnlySpan<float> values, int rows)
    {
        if (rows < 1 || values.Length % rows != 0)
        {
            throw new ArgumentException($"Tensor {name}: {values.Length} values do not make {rows} rows.", nameof(rows));
        }

        Add(name, SafetensorsType.F32, rows, values.Length / rows, MemoryMarshal.AsBytes(values));
    }

    /// <summary>
    /// Writes the file beside <paramref name="path"/>, syncs it, renames it over <paramref name="path"/> and syncs the
    /// directory: at every moment the old file or the whole new one is there.
    /// </summary>
    /// <exception cref="IOException">The disk refuses; <paramref name="path"/> is as it was.</exception>
    public void WriteTo(string path, IEnumerable<KeyValuePair<string, string>> metadata, IFileOpener? files = null)
    {
        byte[] header = Header(metadata);
        WholeFile.Write(path, file => WriteContent(file, header), files);
    }

    private void WriteContent(IWritableFile file, ReadOnlySpan<byte> header)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_length, header.Length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long at = 0;
        Append(_length);
        Append(header);
        Append(_wide.AsSpan(0, _wideUsed));
        Append(_narrow.AsSpan(0, _narrowUsed));
        Span<byte> digest = stackalloc byte[SafetensorsFile.IntegrityBytes];
        hash.GetHashAndReset(digest);
        file.Write(at, digest);

        void Append(ReadOnlySpan<byte> bytes)
        {
            file.Write(at, bytes);
            hash.AppendData(bytes);
            at += bytes.Length;
        }
    }

    /// <summary>The JSON header, padded with spaces to a multiple of 8; 8-byte tensors come first, so every tensor is aligned.</summary>
    private byte[] Header(IEnumerable<KeyValuePair<string, string>> metadata)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__"u8);
            foreach ((string key, string value) in metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            foreach (Entry entry in _entries)
            {
                WriteEntry(json, entry with { Start = entry.Start + (entry.Type.IsWide ? 0 : _wideUsed) });
            }

            WriteEntry(
                json,
                new(
                    SafetensorsFile.IntegrityName,
                    SafetensorsType.U8,
                    SafetensorsFile.IntegrityBytes,
                    0,
                    CollectedBytes,
                    SafetensorsFile.IntegrityBytes
                )
            );
            json.WriteEndObject();
        }

        while (stream.Length % 8 != 0)
        {
            stream.WriteByte((byte)' ');
        }

        return stream.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, Entry entry)
    {
        json.WriteStartObject(entry.Name);
        json.WriteString("dtype"u8, entry.Type.Name);
        json.WriteStartArray("shape"u8);
        json.WriteNumberValue(entry.Rows);
        if (entry.Columns > 0)
        {
            json.WriteNumberValue(entry.Columns);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets"u8);
        json.WriteNumberValue(entry.Start);
        json.WriteNumberValue(entry.Start + entry.Bytes);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Add(string name, SafetensorsType type, int rows, int columns, ReadOnlySpan<byte> bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name is "__metadata__" or SafetensorsFile.IntegrityName || !_names.Add(name))
        {
            throw new ArgumentException($"State \"{name}\" is written twice, or its name is reserved.", nameof(name));
        }

        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("safetensors files are little-endian and this processor is not.");
        }

        ref byte[] buffer = ref type.IsWide ? ref _wide : ref _narrow;
        ref int used = ref type.IsWide ? ref _wideUsed : ref _narrowUsed;
        if (used + (long)bytes.Length > MostBytes)
        {
            throw new ArgumentException(
                $"State \"{name}\" makes the file longer than the {MostBytes} bytes that one holds. Lower the networks' "
                    + $"HiddenWidth or HiddenLayers.",
                nameof(name)
            );
        }

        if (buffer.Length - used < bytes.Length)
        {
            Array.Resize(ref buffer, (int)Math.Min(MostBytes, Math.Max(buffer.Length * 2L, used + (long)bytes.Length)));
        }

        bytes.CopyTo(buffer.AsSpan(used));
        _entries.Add(new(name, type, rows, columns, used, bytes.Length));
        used += bytes.Length;
    }

    private readonly record struct Entry(string Name, SafetensorsType Type, int Rows, int Columns, long Start, int Bytes);
}
