using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Storage;

/// <summary>
/// SHA-256 over named arrays: name, type, length and bytes of each, in the order of writing. Equal digests mean equal state,
/// bit for bit; hand it to any <c>Save(IStateWriter)</c>.
/// </summary>
public sealed class StateHash : IStateWriter, IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Digest, in lower-case hex, of everything that <paramref name="save"/> writes.</summary>
    public static string Of(Action<IStateWriter> save)
    {
        ArgumentNullException.ThrowIfNull(save);
        using var hash = new StateHash();
        save(hash);
        return hash.ToHex();
    }

    /// <summary>Digest of the tensors of a file whose names begin with <paramref name="prefix"/>, in the order of their names.</summary>
    public static string Of(SafetensorsFile file, string prefix)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var hash = new StateHash();
        // The integrity tensor covers dates and paths too, in which two equal states may differ.
        foreach (
            SafetensorsTensor tensor in file
                .Tensors.Where(t => t.Name.StartsWith(prefix, StringComparison.Ordinal) && t.Name != SafetensorsFile.IntegrityName)
                .OrderBy(t => t.Name, StringComparer.Ordinal)
        )
        {
            hash.Add(tensor.Name, tensor.Type.Name, tensor.Count, file.Bytes(tensor));
        }

        return hash.ToHex();
    }

    /// <inheritdoc/>
    public void Write(string name, ReadOnlySpan<float> values) => Add(name, "F32", values.Length, MemoryMarshal.AsBytes(values));

    /// <inheritdoc/>
    public void Write(string name, ReadOnlySpan<double> values) => Add(name, "F64", values.Length, MemoryMarshal.AsBytes(values));

    /// <inheritdoc/>
    public void Write(string name, ReadOnlySpan<long> values) => Add(name, "I64", values.Length, MemoryMarshal.AsBytes(values));

    /// <summary>The digest of what was written so far, in lower-case hex.</summary>
    public string ToHex() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private void Add(string name, string type, long count, ReadOnlySpan<byte> bytes)
    {
        // The lengths keep "ab" + "c" and "a" + "bc" apart.
        byte[] text = Encoding.UTF8.GetBytes($"{name}\n{type}\n");
        Span<byte> length = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        BinaryPrimitives.WriteInt64LittleEndian(length[4..], count);
        _hash.AppendData(length);
        _hash.AppendData(text);
        _hash.AppendData(bytes);
    }
}
