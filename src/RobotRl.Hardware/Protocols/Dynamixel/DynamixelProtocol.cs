namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>
/// Facts of the Dynamixel protocol 2.0 (ROBOTIS e-manual): <c>FF FF FD 00 | id | length | instruction | parameters | CRC-16</c>,
/// little-endian, length = what follows it.
/// </summary>
public static class DynamixelProtocol
{
    /// <summary>Every servo obeys; none answers, but to a ping or sync read.</summary>
    public const byte BroadcastId = 0xFE;

    /// <summary>Greatest id of a servo.</summary>
    public const byte MaxId = 252;

    /// <summary>Bytes of the shortest packet: a ping.</summary>
    public const int MinPacketLength = HeaderLength + MinDeclaredLength;

    /// <summary>Bytes of the longest packet that is written or understood here: a sync write of 20 bytes to 48 servos fits.</summary>
    public const int MaxPacketLength = 1024;

    /// <summary>Parameters of the answer to a ping: model number (2), firmware version (1).</summary>
    public const int PingReplyParameters = 3;

    internal const int HeaderLength = 7,
        MinDeclaredLength = 3,
        CrcLength = 2,
        IdAt = 4,
        LengthAt = 5,
        InstructionAt = 7;

    internal static ReadOnlySpan<byte> Header => [0xFF, 0xFF, 0xFD, 0x00];

    /// <summary>Bytes of a status packet with <paramref name="parameters"/> parameters, where nothing needs stuffing.</summary>
    public static int StatusLength(int parameters) => HeaderLength + 2 + parameters + CrcLength;
}
