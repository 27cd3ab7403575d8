using CsCheck;
using RobotRl.Hardware.Protocols.Framing;
using RobotRl.Hardware.Protocols.Mcu;
using Xunit;

namespace RobotRl.Hardware.Tests.Protocols.Mcu;

/// <summary>Frames as the protocol's README has them, and properties. CsCheck prints the seed of a counterexample.</summary>
public sealed class McuCodecTests
{
    private readonly byte[] _frame = new byte[McuProtocol.MaxFrameLength];
    private readonly McuDecoder _decoder = new();

    [Fact]
    public void Frames_OfTheReadme_AreByteForByteSo()
    {
        // Computed by an independent program (Python's zlib.crc32 and struct).
        Check("0301010A010102030422D9E7A500", McuCodec.Hello(_frame, 1, 0x04030201));
        Check("030302023C05B93C785800", McuCodec.PowerOn(_frame, 2, 60));
        Check("0304030440420F0724FAF6A9E2EC00", McuCodec.Command(_frame, 3, 1_000_000, [-1500]));
        Check(
            "0383030440420F0440E201020101010424FA64010107ECFFFFFF5E010103E02E01056AF689FF00",
            McuCodec.State(_frame, 3, 1_000_000, 123_456, McuStatus.Powered, 0, [-1500], [100, -20, 350, 12_000])
        );
    }

    [Fact]
    public void Command_IsRead_AsItWasWritten() =>
        Gen.Select(Gen.UShort, Gen.UInt, Gen.Short.Array[1, 20])
            .Sample(
                (sequence, time, commands) =>
                {
                    var frame = new byte[McuProtocol.MaxFrameLength];
                    ReadOnlySpan<byte> bytes = frame.AsSpan(0, McuCodec.Command(frame, sequence, time, commands));
                    Assert.True(new McuDecoder().TryRead(ref bytes, out McuFrame read));
                    Assert.Equal((McuMessage.Command, sequence), (read.Type, read.Sequence));
                    Assert.True(McuCommand.TryDecode(read, commands.Length, out McuCommand command));
                    Assert.Equal(time, command.HostTimeUs);
                    for (int i = 0; i < commands.Length; i++)
                    {
                        Assert.Equal(commands[i], command.Value(i));
                    }

                    Assert.False(McuCommand.TryDecode(read, commands.Length + 1, out _));
                },
                iter: 2_000
            );

    [Fact]
    public void State_IsRead_AsItWasWritten() =>
        Gen.Select(Gen.UShort, Gen.UInt, Gen.UShort, Gen.Short.Array[0, 12], Gen.Int.Array[0, 40])
            .Sample(
                (sequence, time, flags, applied, values) =>
                {
                    var frame = new byte[McuProtocol.MaxFrameLength];
                    ReadOnlySpan<byte> bytes = frame.AsSpan(
                        0,
                        McuCodec.State(frame, sequence, time, ~time, (McuStatus)flags, 7, applied, values)
                    );
                    Assert.True(new McuDecoder().TryRead(ref bytes, out McuFrame read));
                    Assert.True(McuState.TryDecode(read, applied.Length, values.Length, out McuState state));
                    Assert.Equal(
                        (sequence, time, ~time, (McuStatus)flags, 7),
                        (read.Sequence, state.HostTimeUs, state.DeviceTimeUs, state.Flags, state.BadFrames)
                    );
                    for (int i = 0; i < applied.Length; i++)
                    {
                        Assert.Equal(applied[i], state.Applied(i));
                    }

                    for (int i = 0; i < values.Length; i++)
                    {
                        Assert.Equal(values[i], state.Value(i));
                    }

                    Assert.False(McuState.TryDecode(read, applied.Length, values.Length + 1, out _));
                },
                iter: 2_000
            );

    [Fact]
    public void Capabilities_IsRead_AsItWasWritten()
    {
        var sent = new McuCapabilities
        {
            Nonce = 0xDEADBEEF,
            FirmwareVersion = 3,
            DeviceKind = 0x0101,
            BootId = 17,
            States = 4,
            Commands = 1,
            LeastTimeoutMs = 20,
            GreatestTimeoutMs = 500,
            CheckPeriodUs = 1000,
            PwmPeriodUs = 50,
            Name = "pendulum",
        };
        Assert.Equal(sent, McuCapabilities.Decode(Read(McuCodec.Capabilities(_frame, 5, sent))));
        Assert.Equal(
            sent with
            {
                Name = "sixteen letters!",
            },
            McuCapabilities.Decode(Read(McuCodec.Capabilities(_frame, 5, sent with { Name = "sixteen letters!" })))
        );
        Assert.Throws<ArgumentException>(() => McuCodec.Capabilities(_frame, 5, sent with { Name = "seventeen letters" }));
        Assert.Null(McuCapabilities.Decode(Read(McuCodec.Capabilities(_frame, 5, sent with { LeastTimeoutMs = 501 }))));
        Assert.Null(McuCapabilities.Decode(Read(McuCodec.Capabilities(_frame, 5, sent with { States = 60 }))));
    }

    [Fact]
    public void Interface_IsRead_AsItWasWritten()
    {
        var sent = new McuInterface(4, McuInterfaceKind.Effort, -12000, 12000, 0.001f, "pole/effort");
        McuInterface? read = McuInterface.Decode(Read(McuCodec.Interface(_frame, 9, sent)));
        Assert.Equal(sent, read);
        Assert.Equal(1.5, read!.ToSi(1500), 6);
        Assert.Equal(1500, read.ToRaw(1.5));
        Assert.Equal(-12000, read.ToRaw(-99));
        Assert.Throws<ArgumentOutOfRangeException>(() => read.ToRaw(double.NaN));
        foreach (
            McuInterface wrong in new[]
            {
                sent with
                {
                    Scale = 0,
                },
                sent with
                {
                    Scale = float.NaN,
                },
                sent with
                {
                    Kind = (McuInterfaceKind)6,
                },
                sent with
                {
                    LeastRaw = 12001,
                },
                sent with
                {
                    Name = "",
                },
            }
        )
        {
            Assert.Null(McuInterface.Decode(Read(McuCodec.Interface(_frame, 9, wrong))));
        }
    }

    [Fact]
    public void Requests_WithoutBody_AreRead()
    {
        Assert.Equal(McuMessage.PowerOff, Read(McuCodec.PowerOff(_frame, 1)).Type);
        Assert.Equal(McuMessage.ClearFault, Read(McuCodec.ClearFault(_frame, 1)).Type);
        Assert.Equal(McuMessage.Read, Read(McuCodec.Read(_frame, 1, 0)).Type);
        Assert.Equal(McuMessage.Describe, Read(McuCodec.Describe(_frame, 1, 0)).Type);
        Assert.Equal([0x3C, 0], Read(McuCodec.PowerOn(_frame, 1, 60)).Body.ToArray());
        Assert.Equal(McuRefusal.OldSequence, Read(McuCodec.Refused(_frame, 1, McuRefusal.OldSequence)).Refusal);
    }

    [Fact]
    public void TryRead_RightChecksumWrongLengthOrType_IsDroppedAndCounted()
    {
        foreach (byte[] payload in new byte[][] { [0x07, 1, 0, 0], [0x04, 1, 0, 0, 0, 0, 0], [0x7F, 1, 0], [0x83, 1, 0, 5] })
        {
            var decoder = new McuDecoder();
            ReadOnlySpan<byte> bytes = Frame(payload);
            Assert.False(decoder.TryRead(ref bytes, out _));
            Assert.Equal((1, 0), (decoder.Counters.BadFrames, decoder.Counters.BadChecksums));
        }
    }

    [Fact]
    public void TryRead_EndlessBytesWithoutAZero_AreCountedAndTheNextFrameIsUnderstood()
    {
        ReadOnlySpan<byte> noise = Enumerable.Repeat((byte)0x55, 10_000).ToArray();
        Assert.False(_decoder.TryRead(ref noise, out _));
        ReadOnlySpan<byte> zero = [0];
        Assert.False(_decoder.TryRead(ref zero, out _));
        Assert.Equal((10_000, 1), (_decoder.Counters.DroppedBytes, _decoder.Counters.BadFrames));
        Assert.Equal(McuMessage.PowerOff, Read(McuCodec.PowerOff(_frame, 1)).Type);
    }

    [Fact]
    public void TryRead_ZerosInARow_AreNoError()
    {
        ReadOnlySpan<byte> zeros = new byte[5];
        Assert.False(_decoder.TryRead(ref zeros, out _));
        Assert.Equal(default, _decoder.Counters);
    }

    [Fact]
    public void State_TooManyInterfaces_Throws() =>
        Assert.Throws<ArgumentException>(() => McuCodec.State(_frame, 1, 0, 0, 0, 0, [1], new int[60]));

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(0, 0, false)]
    [InlineData(0, 1, false)]
    [InlineData(0, 65_535, true)]
    [InlineData(32_767, 0, true)]
    [InlineData(32_768, 0, false)]
    public void IsNewer_Sequences_WrapAround(int sequence, int last, bool newer) =>
        Assert.Equal(newer, McuProtocol.IsNewer((ushort)sequence, (ushort)last));

    [Fact]
    public void TryRead_Running_AllocatesNothing()
    {
        short[] command = [1, 2];
        int Cycle()
        {
            ReadOnlySpan<byte> bytes = _frame.AsSpan(0, McuCodec.Command(_frame, 1, 2, command));
            return _decoder.TryRead(ref bytes, out McuFrame frame) && McuCommand.TryDecode(frame, 2, out _) ? 1 : 0;
        }

        Cycle();
        long before = GC.GetAllocatedBytesForCurrentThread();
        int sum = 0;
        for (int i = 0; i < 1000; i++)
        {
            sum += Cycle();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1000, sum);
    }

    private McuFrame Read(int length)
    {
        ReadOnlySpan<byte> bytes = _frame.AsSpan(0, length);
        Assert.True(_decoder.TryRead(ref bytes, out McuFrame frame));
        return frame;
    }

    private void Check(string hex, int length) => Assert.Equal(hex, Convert.ToHexString(_frame.AsSpan(0, length)));

    private static byte[] Frame(byte[] payload)
    {
        byte[] whole = [.. payload, .. BitConverter.GetBytes(Crc32.Compute(payload))];
        var encoded = new byte[Cobs.MaxEncodedLength(whole.Length) + 1];
        int length = Cobs.Encode(whole, encoded);
        return encoded[..(length + 1)];
    }
}
