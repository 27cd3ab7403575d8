using System.Buffers.Binary;
using System.Text;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.Framing;

namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>The compact form of commands and states; little-endian, CRC-32 at the end. The README has the table.</summary>
internal static class BinaryFrameCodec
{
    public const byte Magic0 = (byte)'R',
        Magic1 = (byte)'L';

    private const int HeadBytes = 56,
        StateBytes = 13,
        CountBytes = 2,
        CrcBytes = 4;

    private static readonly UTF8Encoding Utf8 = new(false, true);

    public static byte[] Encode(MqttFrame frame)
    {
        byte[] text = frame is { Kind: MqttFrameKind.State, Text: { } words } ? FrameText.Encode(words) : [];
        bool state = frame.Kind == MqttFrameKind.State;
        byte[] bytes = new byte[
            HeadBytes + (state ? StateBytes + text.Length : 0) + CountBytes + (frame.Count * sizeof(double)) + CrcBytes
        ];
        (bytes[0], bytes[1], bytes[2], bytes[3]) = (Magic0, Magic1, MqttFrame.Format, (byte)frame.Kind);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(4), frame.Session);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(12), frame.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(20), frame.StampNs);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(28), (uint)(frame.TimeToLive.Ticks / TimeSpan.TicksPerMicrosecond));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), frame.EchoStampNs);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), frame.EchoReceivedNs);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(48), frame.Reference);
        int at = HeadBytes;
        if (state)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), frame.ReadingNs);
            (bytes[at + 8], bytes[at + 9]) = ((byte)frame.Device, (byte)frame.Stop);
            (bytes[at + 10], bytes[at + 11], bytes[at + 12]) = (
                frame.StopConfirmed ? (byte)1 : (byte)0,
                (byte)frame.Status,
                (byte)text.Length
            );
            text.CopyTo(bytes, at + StateBytes);
            at += StateBytes + text.Length;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)frame.Count);
        at += CountBytes;
        foreach (double value in frame.Values)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(at), value);
            at += sizeof(double);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), Crc32.Compute(bytes.AsSpan(0, at)));
        return bytes;
    }

    public static string? Decode(ReadOnlySpan<byte> bytes, MqttFrame frame)
    {
        if (bytes.Length < HeadBytes + CountBytes + CrcBytes || bytes[1] != Magic1)
        {
            return "it is not in the binary format, or cut short";
        }

        ReadOnlySpan<byte> body = bytes[..^CrcBytes];
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[^CrcBytes..]) != Crc32.Compute(body))
        {
            return "its CRC is wrong: it was damaged";
        }

        if (bytes[2] != MqttFrame.Format)
        {
            return $"its format version is {bytes[2]}, ours {MqttFrame.Format}: use the same version of the software on both sides";
        }

        frame.Kind = (MqttFrameKind)bytes[3];
        if (frame.Kind is not (MqttFrameKind.Command or MqttFrameKind.State))
        {
            return "its kind is not one of the binary format";
        }

        frame.Session = BinaryPrimitives.ReadUInt64LittleEndian(body[4..]);
        frame.Sequence = BinaryPrimitives.ReadUInt64LittleEndian(body[12..]);
        frame.StampNs = BinaryPrimitives.ReadInt64LittleEndian(body[20..]);
        frame.TimeToLive = new(BinaryPrimitives.ReadUInt32LittleEndian(body[28..]) * TimeSpan.TicksPerMicrosecond);
        frame.EchoStampNs = BinaryPrimitives.ReadInt64LittleEndian(body[32..]);
        frame.EchoReceivedNs = BinaryPrimitives.ReadInt64LittleEndian(body[40..]);
        frame.Reference = BinaryPrimitives.ReadUInt64LittleEndian(body[48..]);
        ReadOnlySpan<byte> rest = body[HeadBytes..];
        if (frame.Kind == MqttFrameKind.State)
        {
            if (rest.Length < StateBytes + CountBytes || rest.Length < StateBytes + CountBytes + rest[12] || rest[10] > 1)
            {
                return "its length does not fit its contents";
            }

            frame.ReadingNs = BinaryPrimitives.ReadInt64LittleEndian(rest);
            (frame.Device, frame.Stop, frame.StopConfirmed, frame.Status) = (
                (DeviceState)rest[8],
                (StopLevel)rest[9],
                rest[10] == 1,
                (IoStatus)rest[11]
            );
            int length = rest[12];
            if (length > 0)
            {
                try
                {
                    frame.Text = Utf8.GetString(rest.Slice(StateBytes, length));
                }
                catch (DecoderFallbackException)
                {
                    return "its text is not UTF-8";
                }
            }

            rest = rest[(StateBytes + length)..];
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(rest);
        rest = rest[CountBytes..];
        if (rest.Length != count * sizeof(double) || count > MqttFrame.MaxValues)
        {
            return "its length does not fit its contents";
        }

        for (int i = 0; i < count; i++)
        {
            frame.TryAdd(BinaryPrimitives.ReadDoubleLittleEndian(rest[(i * sizeof(double))..]));
        }

        return null;
    }
}
