using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Hardware.Transports;

namespace RobotRl.Runtime.Storage;

/// <summary>
/// A safetensors file in memory, verified: header and offsets by the format's rules (tensors follow each other without hole or
/// overlap to the end of the file), and all bytes by the SHA-256 in its last tensor.
/// </summary>
public sealed class SafetensorsFile : IStateReader
{
    /// <summary>Name of the last tensor, the SHA-256 of all bytes of the file before it.</summary>
    public const string IntegrityName = "integrity.sha256";

    internal const int IntegrityBytes = 32;
    private const long MaxHeaderBytes = 100_000_000; // As the reference implementation.

    private readonly byte[] _bytes;
    private readonly int _data;
    private readonly Dictionary<string, SafetensorsTensor> _byName;

    private SafetensorsFile(
        string path,
        byte[] bytes,
        int data,
        ImmutableArray<SafetensorsTensor> tensors,
        Dictionary<string, string> metadata
    )
    {
        (Path, _bytes, _data, Tensors, Metadata) = (path, bytes, data, tensors, metadata);
        _byName = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>Where it was read from.</summary>
    public string Path { get; }

    /// <summary>Strings about the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors in the order of their bytes, the integrity tensor last.</summary>
    public ImmutableArray<SafetensorsTensor> Tensors { get; }

    /// <summary>Reads and verifies a file.</summary>
    /// <exception cref="DamagedFileException">It is truncated, altered or no such file; the message says what is wrong.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SafetensorsFile Load(string path) =>
        FileKinds.Of(path, follow: true) is var kind and not (FileKind.File or FileKind.Missing or FileKind.Unknown)
            ? throw new DamagedFileException(path, $"is {FileKinds.Describe(kind)}, not a safetensors file.")
            : Parse(path, File.ReadAllBytes(path));

    /// <summary>Verifies the bytes of a file; they must not change afterwards.</summary>
    internal static SafetensorsFile Parse(string path, byte[] bytes)
    {
        if (bytes.Length < 8)
        {
            throw new DamagedFileException(
                path,
                $"truncated: {bytes.Length} bytes, and a safetensors file begins with 8 bytes of header length."
            );
        }

        long header = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        if (header is < 2 or > MaxHeaderBytes)
        {
            throw new DamagedFileException(
                path,
                $"not a safetensors file, or damaged: by its first 8 bytes its header is {(ulong)header} bytes long; allowed: "
                    + $"2 to {MaxHeaderBytes}."
            );
        }

        if (8 + header > bytes.Length)
        {
            throw new DamagedFileException(path, $"truncated: {bytes.Length} bytes, and its header alone ends at byte {8 + header}.");
        }

        int data = (int)(8 + header);
        (List<SafetensorsTensor> tensors, Dictionary<string, string> metadata) = ParseHeader(path, bytes.AsMemory(8, (int)header));
        CheckLayout(path, tensors, bytes.Length - data, data);
        CheckIntegrity(path, tensors[^1], bytes);
        return new(path, bytes, data, [.. tensors], metadata);
    }

    /// <summary>The tensor named <paramref name="name"/>, or null.</summary>
    public SafetensorsTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>A tensor's bytes.</summary>
    public ReadOnlySpan<byte> Bytes(SafetensorsTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return _bytes.AsSpan(_data + (int)tensor.Start, (int)(tensor.End - tensor.Start));
    }

    /// <inheritdoc/>
    public void Read(string name, Span<float> values) => Copy(name, SafetensorsType.F32, values.Length, MemoryMarshal.AsBytes(values));

    /// <inheritdoc/>
    public void Read(string name, Span<double> values) => Copy(name, SafetensorsType.F64, values.Length, MemoryMarshal.AsBytes(values));

    /// <inheritdoc/>
    public void Read(string name, Span<long> values) => Copy(name, SafetensorsType.I64, values.Length, MemoryMarshal.AsBytes(values));

    private void Copy(string name, SafetensorsType type, int count, Span<byte> destination)
    {
        SafetensorsTensor tensor = Find(name)
            ?? throw new StateMismatchException(
                name,
                $"{Path}: no state \"{name}\"; {count} values of {type.Name} were expected. The file was written by another "
                    + $"algorithm, robot or version."
            );
        if (tensor.Type != type || tensor.Count != count)
        {
            throw new StateMismatchException(
                name,
                $"{Path}: state \"{name}\" has {tensor.Count} values of {tensor.Type.Name}; {count} of {type.Name} were "
                    + $"expected. The file was written with other options."
            );
        }

        Bytes(tensor).CopyTo(destination);
    }

    private static (List<SafetensorsTensor> Tensors, Dictionary<string, string> Metadata) ParseHeader(
        string path,
        ReadOnlyMemory<byte> header
    )
    {
        var tensors = new List<SafetensorsTensor>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            using JsonDocument document = JsonDocument.Parse(header);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name))
                {
                    throw new DamagedFileException(path, $"damaged header: \"{property.Name}\" occurs twice.");
                }

                if (property.Name == "__metadata__")
                {
                    foreach (JsonProperty entry in property.Value.EnumerateObject())
                    {
                        metadata[entry.Name] = entry.Value.GetString()
                            ?? throw new DamagedFileException(path, $"damaged header: metadata {entry.Name} is null.");
                    }
                }
                else
                {
                    tensors.Add(ParseTensor(path, property));
                }
            }
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new DamagedFileException(path, $"damaged header: {e.Message}", e);
        }

        tensors.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.End.CompareTo(b.End));
        return (tensors, metadata);
    }

    private static SafetensorsTensor ParseTensor(string path, JsonProperty property)
    {
        string? type = property.Value.GetProperty("dtype"u8).GetString();
        if (!SafetensorsType.TryParse(type, out SafetensorsType known))
        {
            throw new DamagedFileException(path, $"tensor {property.Name} has type {type}; this program reads F32, F64, I64 and U8.");
        }

        ImmutableArray<long> shape = [.. property.Value.GetProperty("shape"u8).EnumerateArray().Select(e => e.GetInt64())];
        JsonElement offsets = property.Value.GetProperty("data_offsets"u8);
        if (offsets.GetArrayLength() != 2 || shape.Any(n => n < 0))
        {
            throw new DamagedFileException(path, $"damaged header: tensor {property.Name} has no valid shape or offsets.");
        }

        return new(property.Name, known, shape, offsets[0].GetInt64(), offsets[1].GetInt64());
    }

    private static void CheckLayout(string path, List<SafetensorsTensor> tensors, long dataBytes, long dataStart)
    {
        long at = 0;
        foreach (SafetensorsTensor tensor in tensors)
        {
            long bytes;
            try
            {
                bytes = tensor.Shape.Aggregate((long)tensor.Type.Bytes, (product, n) => checked(product * n));
            }
            catch (OverflowException)
            {
                bytes = -1;
            }

            if (tensor.Start != at || tensor.End - tensor.Start != bytes)
            {
                throw new DamagedFileException(
                    path,
                    $"damaged header: tensor {tensor} lies at bytes {tensor.Start} to {tensor.End} of the data; {at} to "
                        + $"{at + bytes} was expected."
                );
            }

            at = tensor.End;
        }

        if (at != dataBytes)
        {
            throw new DamagedFileException(
                path,
                at > dataBytes
                    ? $"truncated: {dataStart + dataBytes} bytes of {dataStart + at}."
                    : $"{dataBytes - at} bytes too many: {dataStart + dataBytes} bytes, and its header says {dataStart + at}."
            );
        }

        if (
            tensors.Count == 0
            || tensors[^1] is not { Name: IntegrityName, End: var end, Start: var start }
            || end - start != IntegrityBytes
        )
        {
            throw new DamagedFileException(
                path,
                $"its last tensor is not {IntegrityName}, so it cannot be verified. It was not written by this program."
            );
        }
    }

    private static void CheckIntegrity(string path, SafetensorsTensor integrity, byte[] bytes)
    {
        int covered = bytes.Length - IntegrityBytes;
        if (!SHA256.HashData(bytes.AsSpan(0, covered)).AsSpan().SequenceEqual(bytes.AsSpan(covered)))
        {
            throw new DamagedFileException(
                path,
                $"altered since it was written: the SHA-256 of its first {covered} bytes is not the one in {integrity.Name}."
            );
        }
    }
}
