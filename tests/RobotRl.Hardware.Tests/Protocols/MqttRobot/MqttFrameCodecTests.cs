using System.Text;
using CsCheck;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.MqttRobot;

namespace RobotRl.Hardware.Tests.Protocols.MqttRobot;

public sealed class MqttFrameCodecTests
{
    private const int FuzzFrames = 1_000_000;

    private static readonly Gen<double> Value = Gen.OneOf(
        Gen.Double[-1e9, 1e9],
        Gen.Const(0.0),
        Gen.Const(double.Epsilon),
        Gen.Const(double.MaxValue),
        Gen.Const(-0.1)
    );

    private static readonly Gen<MqttFrame> Frames =
        from kind in Gen.Int[1, 4]
        from head in Gen.Select(Gen.ULong, Gen.ULong, Gen.Long[0, long.MaxValue], Gen.Int[1, 60_000_000])
        from echo in Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.ULong)
        from state in Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 5])
        from text in Gen.OneOf(Gen.Const((string?)null), Gen.String[Gen.Char[' ', 'ÿ'], 1, 60].Select(s => (string?)s))
        from values in Value.Array[0, 12]
        from action in Gen.Int[1, 5]
        select Make((MqttFrameKind)kind, head, echo, state, text, values, (MqttRequestAction)action);

    [Theory]
    [InlineData(MqttPayloadFormat.Json)]
    [InlineData(MqttPayloadFormat.Binary)]
    public void Decode_Encoded_IsTheSame(MqttPayloadFormat format)
    {
        Frames.Sample(
            frame =>
            {
                var read = new MqttFrame();
                Assert.Null(MqttFrameCodec.Decode(MqttFrameCodec.Encode(frame, format), read));
                AssertSame(frame, read);
            },
            seed: "0000KOIXPh91",
            iter: 2000
        );
    }

    [Fact]
    public void Encode_JsonCommand_IsTheDocumentedText() =>
        Assert.Equal(
            """{"format":1,"kind":"command","session":"0123456789abcdef","sequence":12,"stampNs":5000000000,"ttlUs":125000,"echoStampNs":7000000000,"echoReceivedNs":4999000000,"values":[1.5,-0.25]}""",
            Encoding.UTF8.GetString(MqttFrameCodec.Encode(Command(), MqttPayloadFormat.Json))
        );

    [Fact]
    public void Encode_JsonState_IsTheDocumentedText() =>
        Assert.Equal(
            """{"format":1,"kind":"state","session":"0123456789abcdef","sequence":12,"stampNs":5000000000,"ttlUs":125000,"echoStampNs":7000000000,"echoReceivedNs":4999000000,"reference":11,"device":"faulted","stop":"powerOff","stopConfirmed":true,"status":"notFresh","readingNs":4990000000,"values":[1.5,-0.25],"text":"over-heated"}""",
            Encoding.UTF8.GetString(MqttFrameCodec.Encode(State(), MqttPayloadFormat.Json))
        );

    [Fact]
    public void Encode_BinaryCommand_IsTheDocumentedBytes() =>
        Assert.Equal(
            "524C0101EFCDAB89674523010C0000000000000000F2052A0100000048E8010000863BA10100000"
                + "0C0AFF62901000000000000000000000002"
                + "00000000000000F83F000000000000D0BF"
                + "BDA80A18",
            Convert.ToHexString(MqttFrameCodec.Encode(Command(), MqttPayloadFormat.Binary))
        );

    [Theory]
    [InlineData("", "empty")]
    [InlineData("21.5", "neither a JSON object nor")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{}", "no format version")]
    [InlineData("""{"format":2}""", "format version is not 1")]
    [InlineData("""{"format":1}""", "a field is missing")]
    [InlineData("""{"format":1,"format":1}""", "comes twice")]
    [InlineData("""{"format":1,"temperature":3}""", "field \"temperature\" is unknown")]
    [InlineData("""{"format":1,"kind":"telegram"}""", "field \"kind\" has a value that is not allowed")]
    [InlineData("""{"format":1,"kind":"1"}""", "field \"kind\" has a value that is not allowed")]
    [InlineData("""{"format":1,"kind":7}""", "wrong type")]
    [InlineData("""{"format":1,"values":[1,{}]}""", "field \"values\" has a value that is not allowed")]
    public void Decode_NotOurs_SaysWhyAndClears(string text, string reason)
    {
        MqttFrame frame = Command();
        Assert.Contains(reason, MqttFrameCodec.Decode(Encoding.UTF8.GetBytes(text), frame), StringComparison.Ordinal);
        AssertSame(new MqttFrame(), frame);
    }

    [Theory]
    [InlineData("\"values\":[1.5,-0.25]}", "\"values\":[1e999]}", "not")]
    [InlineData("\"ttlUs\":125000", "\"ttlUs\":0", "time to live")]
    [InlineData("\"ttlUs\":125000", "\"ttlUs\":60000001", "time to live")]
    [InlineData("\"stampNs\":5000000000", "\"stampNs\":-1", "negative")]
    [InlineData("\"session\":\"0123456789abcdef\"", "\"session\":\"abc\"", "session")]
    [InlineData("]}", "]}{}", "not valid JSON")]
    public void Decode_OneFieldWrong_SaysWhich(string good, string bad, string reason)
    {
        string text = Encoding.UTF8.GetString(MqttFrameCodec.Encode(Command(), MqttPayloadFormat.Json));
        Assert.Contains(good, text, StringComparison.Ordinal);
        Assert.Contains(
            reason,
            MqttFrameCodec.Decode(Encoding.UTF8.GetBytes(text.Replace(good, bad, StringComparison.Ordinal)), new MqttFrame()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Decode_BinaryOfAnotherVersion_SaysBothVersions()
    {
        byte[] bytes = MqttFrameCodec.Encode(Command(), MqttPayloadFormat.Binary);
        bytes[2] = 9;
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), Crc(bytes.AsSpan(0, bytes.Length - 4)));
        Assert.Contains("version is 9, ours 1", MqttFrameCodec.Decode(bytes, new MqttFrame()), StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_TextTooLong_IsCutAtACharacter()
    {
        MqttFrame frame = State(),
            read = new();
        frame.Text = new string('é', 200);
        foreach (MqttPayloadFormat format in Enum.GetValues<MqttPayloadFormat>())
        {
            Assert.Null(MqttFrameCodec.Decode(MqttFrameCodec.Encode(frame, format), read));
            Assert.Equal(new string('é', 127), read.Text);
        }
    }

    [Fact]
    public void Encode_ValueNotFinite_Throws()
    {
        MqttFrame frame = Command();
        frame.SetValues([double.NaN]);
        Assert.Contains(
            "not finite",
            Assert.Throws<ArgumentException>(() => MqttFrameCodec.Encode(frame, MqttPayloadFormat.Binary)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Decode_MillionDamagedBinaryFrames_NoneIsAcceptedOrThrows()
    {
        var random = new Random(20);
        byte[][] good =
        [
            MqttFrameCodec.Encode(Command(), MqttPayloadFormat.Binary),
            MqttFrameCodec.Encode(State(), MqttPayloadFormat.Binary),
        ];
        var frame = new MqttFrame();
        for (int i = 0; i < FuzzFrames; i++)
        {
            byte[] bytes = Damage([.. good[i & 1]], random);
            Assert.NotNull(MqttFrameCodec.Decode(bytes, frame));
        }
    }

    [Fact]
    public void Decode_MillionDamagedJsonFrames_NoneThrowsAndWhatPassesIsSound()
    {
        var random = new Random(21);
        byte[][] good = [MqttFrameCodec.Encode(Command(), MqttPayloadFormat.Json), MqttFrameCodec.Encode(State(), MqttPayloadFormat.Json)];
        var frame = new MqttFrame();
        for (int i = 0; i < FuzzFrames; i++)
        {
            if (MqttFrameCodec.Decode(Damage([.. good[i & 1]], random), frame) is null)
            {
                // A digit may have become another: JSON has no checksum. But what comes through must be a frame.
                Assert.Null(frame.Problem());
                Assert.NotEqual(default, frame.Kind);
            }
        }
    }

    /// <summary>CRC-32/ISO-HDLC bit by bit.</summary>
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
            }
        }

        return ~crc;
    }

    /// <summary>Flips bits, cuts, lengthens, or makes noise of it; never leaves it as it was.</summary>
    private static byte[] Damage(byte[] bytes, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                return [.. bytes, (byte)random.Next(1, 256)];
            case 2:
                byte first = bytes[0];
                random.NextBytes(bytes);
                bytes[0] = first;
                return bytes;
            default:
                for (int flips = random.Next(1, 5), at = random.Next(bytes.Length), i = 0; i < flips; i++)
                {
                    // Different bits, so that no two flips cancel.
                    bytes[(at + i) % bytes.Length] ^= (byte)(1 << random.Next(8));
                }

                return bytes;
        }
    }

    private static MqttFrame Command()
    {
        var frame = new MqttFrame
        {
            Kind = MqttFrameKind.Command,
            Session = 0x0123456789abcdef,
            Sequence = 12,
            StampNs = 5_000_000_000,
            TimeToLive = TimeSpan.FromMilliseconds(125),
            EchoStampNs = 7_000_000_000,
            EchoReceivedNs = 4_999_000_000,
        };
        frame.SetValues([1.5, -0.25]);
        return frame;
    }

    private static MqttFrame State()
    {
        MqttFrame frame = Command();
        (frame.Kind, frame.Reference, frame.ReadingNs, frame.Text) = (MqttFrameKind.State, 11, 4_990_000_000, "over-heated");
        (frame.Device, frame.Stop, frame.StopConfirmed, frame.Status) = (DeviceState.Faulted, StopLevel.PowerOff, true, IoStatus.NotFresh);
        return frame;
    }

    private static MqttFrame Make(
        MqttFrameKind kind,
        (ulong, ulong, long, int) head,
        (long, long, long, ulong) echo,
        (int, int, bool, int) state,
        string? text,
        double[] values,
        MqttRequestAction action
    )
    {
        var frame = new MqttFrame
        {
            Kind = kind,
            Session = head.Item1,
            Sequence = head.Item2,
            StampNs = head.Item3,
            TimeToLive = TimeSpan.FromMicroseconds(head.Item4),
            EchoStampNs = echo.Item1,
            EchoReceivedNs = echo.Item2,
            Text = kind == MqttFrameKind.Command ? null : text,
        };
        switch (kind)
        {
            case MqttFrameKind.State:
                (frame.Device, frame.Stop, frame.StopConfirmed, frame.Status) = (
                    (DeviceState)state.Item1,
                    (StopLevel)state.Item2,
                    state.Item3,
                    (IoStatus)state.Item4
                );
                (frame.ReadingNs, frame.Reference) = (echo.Item3, echo.Item4);
                break;
            case MqttFrameKind.Request:
                (frame.Action, frame.Owner) = (action, echo.Item4);
                break;
            case MqttFrameKind.Answer:
                (frame.Done, frame.Reference) = (state.Item3, echo.Item4);
                break;
        }

        if (kind is MqttFrameKind.Command or MqttFrameKind.State)
        {
            frame.SetValues(values);
        }

        return frame;
    }

    private static void AssertSame(MqttFrame a, MqttFrame b)
    {
        Assert.Equal(
            (a.Kind, a.Session, a.Sequence, a.StampNs, a.TimeToLive, a.EchoStampNs, a.EchoReceivedNs),
            (b.Kind, b.Session, b.Sequence, b.StampNs, b.TimeToLive, b.EchoStampNs, b.EchoReceivedNs)
        );
        Assert.Equal(
            (a.Device, a.Stop, a.StopConfirmed, a.Status, a.ReadingNs, a.Reference),
            (b.Device, b.Stop, b.StopConfirmed, b.Status, b.ReadingNs, b.Reference)
        );
        Assert.Equal((a.Action, a.Done, a.Owner, a.Text), (b.Action, b.Done, b.Owner, b.Text));
        Assert.Equal(a.Values.ToArray(), b.Values.ToArray());
    }
}
