using System.Buffers.Binary;

namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>One entry of a control table.</summary>
/// <param name="Address">Its first byte.</param>
/// <param name="Size">1, 2 or 4 bytes, little-endian.</param>
/// <param name="IsSigned">Whether it holds a two's complement number.</param>
public readonly record struct DynamixelRegister(ushort Address, byte Size, bool IsSigned = false)
{
    /// <summary>The address behind it.</summary>
    public int End => Address + Size;

    /// <summary>The value in the first <see cref="Size"/> bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public int Decode(ReadOnlySpan<byte> bytes) =>
        (Size, IsSigned) switch
        {
            (1, false) => bytes[0],
            (1, true) => (sbyte)bytes[0],
            (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            (2, true) => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            _ => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        };

    /// <summary>Writes a value into the first <see cref="Size"/> bytes.</summary>
    public void Encode(int value, Span<byte> bytes)
    {
        for (int i = 0; i < Size; i++)
        {
            bytes[i] = (byte)(value >> (8 * i));
        }
    }
}
