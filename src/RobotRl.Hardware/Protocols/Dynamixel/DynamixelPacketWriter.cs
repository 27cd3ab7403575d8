using System.Buffers.Binary;
using RobotRl.Hardware.Protocols.Framing;

namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>Writes one packet into a span, stuffing bytes as it goes. Does not allocate.</summary>
public ref struct DynamixelPacketWriter
{
    private const byte StuffedByte = 0xFD;

    private readonly Span<byte> _packet;
    private int _length;

    /// <summary>Begins a packet at the start of <paramref name="destination"/>.</summary>
    /// <param name="destination">Where it goes; at most <see cref="DynamixelProtocol.MaxPacketLength"/> bytes are used.</param>
    /// <param name="id">Whom it goes to: 0 to 252, or the broadcast id.</param>
    /// <param name="instruction">What it asks for.</param>
    /// <exception cref="ArgumentException">No such id, or the destination is too short.</exception>
    public DynamixelPacketWriter(Span<byte> destination, byte id, DynamixelInstruction instruction)
    {
        if (id > DynamixelProtocol.MaxId && id != DynamixelProtocol.BroadcastId)
        {
            throw new ArgumentException(
                $"Dynamixel id {id}; allowed: 0 to {DynamixelProtocol.MaxId}, or {DynamixelProtocol.BroadcastId} for all.",
                nameof(id)
            );
        }

        _packet = destination[..Math.Min(destination.Length, DynamixelProtocol.MaxPacketLength)];
        if (_packet.Length < DynamixelProtocol.MinPacketLength)
        {
            throw new ArgumentException(
                $"A destination of {destination.Length} bytes; a packet has at least {DynamixelProtocol.MinPacketLength}.",
                nameof(destination)
            );
        }

        DynamixelProtocol.Header.CopyTo(_packet);
        _packet[DynamixelProtocol.IdAt] = id;
        _packet[DynamixelProtocol.InstructionAt] = (byte)instruction;
        _length = DynamixelProtocol.InstructionAt + 1;
    }

    /// <summary>Appends one byte.</summary>
    /// <exception cref="ArgumentException">The packet is full.</exception>
    public void Put(byte value)
    {
        Append(value);
        // A receiver must never meet a header inside a packet. The header's own FF FF FD comes before the instruction.
        if (value == 0xFD && _length - DynamixelProtocol.InstructionAt >= 3 && _packet[_length - 2] == 0xFF && _packet[_length - 3] == 0xFF)
        {
            Append(StuffedByte);
        }
    }

    /// <summary>Appends two bytes, little-endian.</summary>
    public void PutUInt16(ushort value)
    {
        Put((byte)value);
        Put((byte)(value >> 8));
    }

    /// <summary>Appends bytes.</summary>
    public void Put(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            Put(b);
        }
    }

    /// <summary>Appends a register's value in the register's size.</summary>
    public void PutValue(DynamixelRegister register, int value)
    {
        for (int i = 0; i < register.Size; i++)
        {
            Put((byte)(value >> (8 * i)));
        }
    }

    /// <summary>Fills in length and checksum.</summary>
    /// <returns>Bytes of the packet.</returns>
    public int Finish()
    {
        Room(DynamixelProtocol.CrcLength);
        BinaryPrimitives.WriteUInt16LittleEndian(
            _packet[DynamixelProtocol.LengthAt..],
            (ushort)(_length + DynamixelProtocol.CrcLength - DynamixelProtocol.HeaderLength)
        );
        BinaryPrimitives.WriteUInt16LittleEndian(_packet[_length..], Crc16.Compute(_packet[.._length]));
        return _length + DynamixelProtocol.CrcLength;
    }

    private void Append(byte value)
    {
        Room(1);
        _packet[_length++] = value;
    }

    private readonly void Room(int bytes)
    {
        if (_packet.Length - _length < bytes)
        {
            throw new ArgumentException($"The Dynamixel packet does not fit into {_packet.Length} bytes.");
        }
    }
}
