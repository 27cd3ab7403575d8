using System.Buffers.Binary;

namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>
/// A frame that passed its checksum, with a known type and a length that fits it. It lies in the decoder: valid until the
/// decoder's next call.
/// </summary>
public readonly ref struct McuFrame
{
    internal McuFrame(ReadOnlySpan<byte> payload)
    {
        (Type, Sequence) = ((McuMessage)payload[0], BinaryPrimitives.ReadUInt16LittleEndian(payload[1..]));
        Body = payload[McuProtocol.HeaderLength..];
    }

    /// <summary>What it is.</summary>
    public McuMessage Type { get; }

    /// <summary>The host's number; an answer carries the request's.</summary>
    public ushort Sequence { get; }

    /// <summary>What follows.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Why the device refuses; only of <see cref="McuMessage.Refused"/>.</summary>
    public McuRefusal Refusal => Type == McuMessage.Refused ? (McuRefusal)Body[0] : McuRefusal.None;
}
