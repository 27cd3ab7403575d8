using System.Buffers.Binary;
using RobotRl.Hardware.Protocols.Framing;

namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>One entry of a memory table.</summary>
/// <param name="Address">Its first byte.</param>
/// <param name="Size">1 or 2 bytes, little-endian.</param>
/// <param name="SignBit">The bit that is the sign of a sign-magnitude number; 0 where it has none.</param>
public readonly record struct FeetechRegister(byte Address, byte Size, byte SignBit = 0)
{
    /// <summary>The address behind it.</summary>
    public int End => Address + Size;

    /// <summary>The value in the first <see cref="Size"/> bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public int Decode(ReadOnlySpan<byte> bytes)
    {
        ushort raw = Size == 1 ? bytes[0] : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        return SignBit == 0 ? raw : SignMagnitude.Decode(raw, SignBit);
    }

    /// <summary>Writes a value into the first <see cref="Size"/> bytes.</summary>
    public void Encode(int value, Span<byte> bytes)
    {
        ushort raw = SignBit == 0 ? (ushort)value : SignMagnitude.Encode(value, SignBit);
        bytes[0] = (byte)raw;
        if (Size > 1)
        {
            bytes[1] = (byte)(raw >> 8);
        }
    }
}
