using System.Buffers.Binary;

namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>What a device says that it is and can do. Made at the handshake only: its name is a string.</summary>
public sealed record McuCapabilities
{
    /// <summary>Version of the protocol that it speaks.</summary>
    public byte ProtocolVersion { get; init; } = McuProtocol.Version;

    /// <summary>The number that the host asked with.</summary>
    public uint Nonce { get; init; }

    /// <summary>Version of its firmware.</summary>
    public ushort FirmwareVersion { get; init; }

    /// <summary>What kind of device it is; its maker's number.</summary>
    public ushort DeviceKind { get; init; }

    /// <summary>Differs from start to start.</summary>
    public ushort BootId { get; init; }

    /// <summary>Number of state interfaces.</summary>
    public byte States { get; init; }

    /// <summary>Number of command interfaces.</summary>
    public byte Commands { get; init; }

    /// <summary>Shortest command timeout, ms.</summary>
    public ushort LeastTimeoutMs { get; init; }

    /// <summary>Longest command timeout, ms.</summary>
    public ushort GreatestTimeoutMs { get; init; }

    /// <summary>It looks at the command timeout at least this often, us.</summary>
    public ushort CheckPeriodUs { get; init; }

    /// <summary>Period of its PWM, us; 0: none.</summary>
    public ushort PwmPeriodUs { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>
    /// Reads a frame. Null where it is no such frame, or says what cannot be (more interfaces than a frame holds, a range turned
    /// round, a name that is not UTF-8).
    /// </summary>
    public static McuCapabilities? Decode(McuFrame frame)
    {
        ReadOnlySpan<byte> body = frame.Body;
        if (frame.Type != McuMessage.Capabilities || McuName.Decode(body[21..]) is not { } name)
        {
            return null;
        }

        var read = new McuCapabilities
        {
            ProtocolVersion = body[0],
            Nonce = BinaryPrimitives.ReadUInt32LittleEndian(body[1..]),
            FirmwareVersion = BinaryPrimitives.ReadUInt16LittleEndian(body[5..]),
            DeviceKind = BinaryPrimitives.ReadUInt16LittleEndian(body[7..]),
            BootId = BinaryPrimitives.ReadUInt16LittleEndian(body[9..]),
            States = body[11],
            Commands = body[12],
            LeastTimeoutMs = BinaryPrimitives.ReadUInt16LittleEndian(body[13..]),
            GreatestTimeoutMs = BinaryPrimitives.ReadUInt16LittleEndian(body[15..]),
            CheckPeriodUs = BinaryPrimitives.ReadUInt16LittleEndian(body[17..]),
            PwmPeriodUs = BinaryPrimitives.ReadUInt16LittleEndian(body[19..]),
            Name = name,
        };
        bool fits = McuProtocol.HeaderLength + McuProtocol.StateLength(read.Commands, read.States) <= McuProtocol.MaxPayloadLength;
        return fits && read.LeastTimeoutMs <= read.GreatestTimeoutMs ? read : null;
    }
}
