namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>
/// Facts of the Feetech STS/SMS protocol: <c>FF FF | id | length | instruction or error | parameters | ~sum</c>, little-endian,
/// length = parameters + 2, no byte stuffing; the sum runs from the id on.
/// </summary>
public static class FeetechProtocol
{
    /// <summary>Every servo obeys; none answers.</summary>
    public const byte BroadcastId = 0xFE;

    /// <summary>Greatest id of a servo.</summary>
    public const byte MaxId = 253;

    /// <summary>Bytes of a packet beside its parameters.</summary>
    public const int Overhead = 6;

    /// <summary>Most parameters: the length is one byte.</summary>
    public const int MaxParameters = byte.MaxValue - 2;

    /// <summary>Bytes of the longest packet.</summary>
    public const int MaxPacketLength = Overhead + MaxParameters;

    internal const int IdAt = 2,
        LengthAt = 3,
        InstructionAt = 4,
        ParametersAt = 5;
    internal const byte HeaderByte = 0xFF;

    /// <summary>Checksum of what lies between header and checksum: all bits of the sum inverted.</summary>
    public static byte Checksum(ReadOnlySpan<byte> bytes)
    {
        int sum = 0;
        foreach (byte b in bytes)
        {
            sum += b;
        }

        return (byte)~sum;
    }
}
