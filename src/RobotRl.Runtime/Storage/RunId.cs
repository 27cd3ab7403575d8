using System.Globalization;
using System.Security.Cryptography;

namespace RobotRl.Runtime.Storage;

/// <summary>
/// Identity of a run: 128 random bits, drawn at its start and kept through every resume. It stands in each of the run's files, so
/// that a file of another run is noticed even if robot, task and options are equal.
/// </summary>
/// <param name="Value">The bits.</param>
public readonly record struct RunId(UInt128 Value)
{
    /// <summary>Bytes of an id in a file.</summary>
    public const int Bytes = 16;

    /// <summary>A new identity. Not reproducible from a seed: two runs with one seed are two runs.</summary>
    public static RunId New()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(bytes);
        return Read(bytes);
    }

    /// <summary>Reads an id from 16 bytes, little-endian.</summary>
    public static RunId Read(ReadOnlySpan<byte> bytes) => new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes));

    /// <summary>Writes the id as 16 bytes, little-endian.</summary>
    public void Write(Span<byte> bytes) => System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(bytes, Value);

    /// <summary>Reads 32 hexadecimal digits; null if <paramref name="text"/> is null or anything else.</summary>
    public static RunId? Parse(string? text) =>
        text?.Length == 2 * Bytes && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 value)
            ? new RunId(value)
            : null;

    /// <summary>32 hexadecimal digits in lower case.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
