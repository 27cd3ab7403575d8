using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>
/// Gains of a servo's loops, registers 76 to 91, as they are when it is armed. They may have been tuned: they are watched, not
/// written.
/// </summary>
/// <param name="Low">Registers 76 to 83.</param>
/// <param name="High">Registers 84 to 91.</param>
internal readonly record struct DynamixelGains(long Low, long High)
{
    /// <summary>First register.</summary>
    public const ushort First = 76;

    /// <summary>Bytes.</summary>
    public const ushort Length = 16;

    /// <summary>Reads the block.</summary>
    public static DynamixelGains Decode(ReadOnlySpan<byte> block) =>
        new(
            System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(block),
            System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(block[8..])
        );
}
