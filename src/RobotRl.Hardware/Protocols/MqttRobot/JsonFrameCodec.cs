using System.Buffers;
using System.Globalization;
using System.Text.Json;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>Frames as JSON objects; the README names the fields. Unknown fields are refused: a misspelt one must not be ignored.</summary>
internal static class JsonFrameCodec
{
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 3 };

    public static byte[] Encode(MqttFrame frame)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + (20 * frame.Count));
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("format", MqttFrame.Format);
            json.WriteString("kind", Name(frame.Kind));
            json.WriteString("session", Id(frame.Session));
            json.WriteNumber("sequence", frame.Sequence);
            json.WriteNumber("stampNs", frame.StampNs);
            json.WriteNumber("ttlUs", frame.TimeToLive.Ticks / TimeSpan.TicksPerMicrosecond);
            json.WriteNumber("echoStampNs", frame.EchoStampNs);
            json.WriteNumber("echoReceivedNs", frame.EchoReceivedNs);
            WriteKind(json, frame);
            if (frame.Text is { } text)
            {
                json.WriteString("text", FrameText.Encode(text));
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteKind(Utf8JsonWriter json, MqttFrame frame)
    {
        switch (frame.Kind)
        {
            case MqttFrameKind.Request:
                json.WriteString("action", Name(frame.Action));
                json.WriteString("owner", Id(frame.Owner));
                break;
            case MqttFrameKind.Answer:
                json.WriteNumber("reference", frame.Reference);
                json.WriteBoolean("done", frame.Done);
                break;
            case MqttFrameKind.State:
                json.WriteNumber("reference", frame.Reference);
                json.WriteString("device", Name(frame.Device));
                json.WriteString("stop", Name(frame.Stop));
                json.WriteBoolean("stopConfirmed", frame.StopConfirmed);
                json.WriteString("status", Name(frame.Status));
                json.WriteNumber("readingNs", frame.ReadingNs);
                break;
        }

        if (frame.Kind is MqttFrameKind.Command or MqttFrameKind.State)
        {
            json.WriteStartArray("values");
            foreach (double value in frame.Values)
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
        }
    }

    public static string? Decode(ReadOnlySpan<byte> payload, MqttFrame frame)
    {
        var json = new Utf8JsonReader(payload, Strict);
        try
        {
            return Read(ref json, frame);
        }
        catch (JsonException)
        {
            return "it is not valid JSON";
        }
        catch (InvalidOperationException)
        {
            // The reader's word for a token of another type, and for text that is not UTF-8.
            return "a field is of the wrong type";
        }
    }

    private static string? Read(ref Utf8JsonReader json, MqttFrame frame)
    {
        json.Read();
        bool versioned = false;
        uint seen = 0;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            int field = Field(ref json);
            if (field < 0)
            {
                return $"field \"{FrameText.Cut(json.GetString() ?? "")}\" is unknown";
            }

            if ((seen & (1u << field)) != 0)
            {
                return "a field comes twice";
            }

            seen |= 1u << field;
            json.Read();
            if (field == 0)
            {
                if (!json.TryGetInt32(out int version) || version != MqttFrame.Format)
                {
                    return $"its format version is not {MqttFrame.Format}: use the same version of the software on both sides";
                }

                versioned = true;
            }
            else if (!TryReadField(ref json, field, frame))
            {
                return $"field \"{Fields[field]}\" has a value that is not allowed";
            }
        }

        // What follows the object would show here.
        json.Read();
        return !versioned ? "it has no format version"
            : (seen & Needed(frame.Kind)) != Needed(frame.Kind) ? "a field is missing"
            : null;
    }

    private static readonly string[] Fields =
    [
        "format",
        "kind",
        "session",
        "sequence",
        "stampNs",
        "ttlUs",
        "echoStampNs",
        "echoReceivedNs",
        "values",
        "text",
        "action",
        "owner",
        "reference",
        "done",
        "device",
        "stop",
        "stopConfirmed",
        "status",
        "readingNs",
    ];

    private static uint Needed(MqttFrameKind kind) =>
        0xFFu
        | kind switch
        {
            MqttFrameKind.Command => Bits(8),
            MqttFrameKind.State => Bits(8, 12, 14, 15, 16, 17, 18),
            MqttFrameKind.Request => Bits(10, 11),
            MqttFrameKind.Answer => Bits(12, 13),
            _ => 0,
        };

    private static uint Bits(params ReadOnlySpan<int> fields)
    {
        uint bits = 0;
        foreach (int field in fields)
        {
            bits |= 1u << field;
        }

        return bits;
    }

    private static int Field(ref Utf8JsonReader json)
    {
        for (int i = 0; i < Fields.Length; i++)
        {
            if (json.ValueTextEquals(Fields[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool TryReadField(ref Utf8JsonReader json, int field, MqttFrame frame)
    {
        switch (field)
        {
            case 1:
                return TryRead(ref json, out MqttFrameKind kind) & Set(frame.Kind = kind);
            case 2:
                return TryReadId(ref json, out ulong session) & Set(frame.Session = session);
            case 3:
                return json.TryGetUInt64(out ulong sequence) & Set(frame.Sequence = sequence);
            case 4:
                return json.TryGetInt64(out long stamp) & Set(frame.StampNs = stamp);
            case 5:
                bool read = json.TryGetUInt32(out uint microseconds);
                frame.TimeToLive = new(microseconds * TimeSpan.TicksPerMicrosecond);
                return read;
            case 6:
                return json.TryGetInt64(out long echo) & Set(frame.EchoStampNs = echo);
            case 7:
                return json.TryGetInt64(out long received) & Set(frame.EchoReceivedNs = received);
            case 8:
                return TryReadValues(ref json, frame);
            case 9:
                frame.Text = json.GetString();
                return frame.Text is not null && json.ValueSpan.Length <= 6 * MqttFrame.MaxTextBytes;
            case 10:
                return TryRead(ref json, out MqttRequestAction action) & Set(frame.Action = action);
            case 11:
                return TryReadId(ref json, out ulong owner) & Set(frame.Owner = owner);
            case 12:
                return json.TryGetUInt64(out ulong reference) & Set(frame.Reference = reference);
            case 13:
                frame.Done = json.GetBoolean();
                return true;
            case 14:
                return TryRead(ref json, out DeviceState device) & Set(frame.Device = device);
            case 15:
                return TryRead(ref json, out StopLevel stop) & Set(frame.Stop = stop);
            case 16:
                frame.StopConfirmed = json.GetBoolean();
                return true;
            case 17:
                return TryRead(ref json, out IoStatus status) & Set(frame.Status = status);
            default:
                return json.TryGetInt64(out long reading) & Set(frame.ReadingNs = reading);
        }
    }

    /// <summary>So that a field is set within one expression; frames that are refused are cleared.</summary>
    private static bool Set<T>(T value) => value is not null;

    private static bool TryReadValues(ref Utf8JsonReader json, MqttFrame frame)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        while (json.Read() && json.TokenType == JsonTokenType.Number)
        {
            if (!json.TryGetDouble(out double value) || !frame.TryAdd(value))
            {
                return false;
            }
        }

        return json.TokenType == JsonTokenType.EndArray;
    }

    private static bool TryReadId(ref Utf8JsonReader json, out ulong id)
    {
        id = 0;
        return json.GetString() is { Length: 16 } text
            && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id);
    }

    private static bool TryRead<T>(ref Utf8JsonReader json, out T value)
        where T : struct, Enum
    {
        value = default;
        return json.GetString() is { } text
            && !char.IsAsciiDigit(text.FirstOrDefault('0'))
            && text[0] is not ('-' or '+')
            && !text.Contains(',', StringComparison.Ordinal)
            && Enum.TryParse(text, ignoreCase: true, out value)
            && Enum.IsDefined(value);
    }

    private static string Id(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Enum names, as written in C#, in lower case first letter.</summary>
    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
