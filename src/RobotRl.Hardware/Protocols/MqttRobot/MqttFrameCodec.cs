namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>Writes frames in either format and reads both. Pure; any thread.</summary>
public static class MqttFrameCodec
{
    /// <summary>Longest payload that is looked at.</summary>
    public const int MaxBytes = 32 * 1024;

    /// <summary>The payload of <paramref name="frame"/>. Requests and answers are always JSON: they are rare, and read by people.</summary>
    /// <exception cref="ArgumentException">The frame could not be read again.</exception>
    public static byte[] Encode(MqttFrame frame, MqttPayloadFormat format)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (frame.Problem() is { } problem)
        {
            throw new ArgumentException($"The frame cannot be sent: {problem}.", nameof(frame));
        }

        return format == MqttPayloadFormat.Binary && frame.Kind is MqttFrameKind.Command or MqttFrameKind.State
            ? BinaryFrameCodec.Encode(frame)
            : JsonFrameCodec.Encode(frame);
    }

    /// <summary>
    /// Reads <paramref name="payload"/> into <paramref name="frame"/>. Null where it is a frame of ours, else what is wrong, as the
    /// rest of a sentence; the frame is then cleared. Never throws.
    /// </summary>
    public static string? Decode(ReadOnlySpan<byte> payload, MqttFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        frame.Clear();
        string? problem = payload.Length switch
        {
            0 => "it is empty",
            > MaxBytes => "it is longer than 32 kB",
            _ => payload[0] switch
            {
                (byte)'{' => JsonFrameCodec.Decode(payload, frame),
                BinaryFrameCodec.Magic0 => BinaryFrameCodec.Decode(payload, frame),
                _ => "it is neither a JSON object nor in the binary format",
            },
        };
        problem ??= frame.Problem();
        if (problem is not null)
        {
            frame.Clear();
        }

        return problem;
    }
}
