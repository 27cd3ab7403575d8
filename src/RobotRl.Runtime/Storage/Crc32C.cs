using System.Buffers.Binary;
using System.Numerics;

namespace RobotRl.Runtime.Storage;

/// <summary>
/// CRC-32C (Castagnoli, reflected, initial value and final XOR of all ones), by the processor's instruction where it has one.
/// </summary>
public static class Crc32C
{
    /// <summary>Checksum of <paramref name="bytes"/>; of "123456789" it is 0xE3069283.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
