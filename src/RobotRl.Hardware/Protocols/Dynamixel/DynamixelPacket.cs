using System.Buffers.Binary;

namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>
/// A packet that passed its checksum, byte stuffing removed. It lies in the decoder: valid until the decoder's next call.
/// </summary>
public readonly ref struct DynamixelPacket
{
    private const byte AlertBit = 0x80;

    internal DynamixelPacket(byte id, DynamixelInstruction instruction, byte error, ReadOnlySpan<byte> parameters)
    {
        (Id, Instruction, ErrorByte) = (id, instruction, error);
        Parameters = parameters;
    }

    /// <summary>Whom it goes to, or who answers: 0 to 252, or <see cref="DynamixelProtocol.BroadcastId"/>.</summary>
    public byte Id { get; }

    /// <summary>What it asks for; <see cref="DynamixelInstruction.Status"/> for an answer.</summary>
    public DynamixelInstruction Instruction { get; }

    /// <summary>The error byte of a status packet as it came; 0 for an instruction.</summary>
    public byte ErrorByte { get; }

    /// <summary>What a status packet says was wrong with the request.</summary>
    public DynamixelError Error => (DynamixelError)(ErrorByte & ~AlertBit);

    /// <summary>A status packet says that the servo has a hardware error: read register 70 to learn which.</summary>
    public bool HasHardwareAlert => (ErrorByte & AlertBit) != 0;

    /// <summary>What follows instruction or error byte.</summary>
    public ReadOnlySpan<byte> Parameters { get; }

    /// <summary>
    /// The register value of <paramref name="register"/>, where the parameters begin with register <paramref name="first"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The parameters do not reach that far.</exception>
    public int Value(DynamixelRegister register, DynamixelRegister first = default) =>
        register.Decode(Parameters.Slice(first == default ? 0 : register.Address - first.Address, register.Size));

    /// <summary>Two bytes at <paramref name="offset"/>, little-endian.</summary>
    public ushort UInt16At(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Parameters[offset..]);
}
