using CsCheck;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Protocols.Framing;
using Xunit;

namespace RobotRl.Hardware.Tests.Protocols.Dynamixel;

/// <summary>Packets of the e-manual, and properties. CsCheck prints the seed of a counterexample.</summary>
public sealed class DynamixelCodecTests
{
    private readonly byte[] _packet = new byte[DynamixelProtocol.MaxPacketLength];

    [Fact]
    public void Ping_Servo1_IsTheManualsPacket() => Check("FFFFFD00010300 01 194E", DynamixelCodec.Ping(_packet, 1));

    [Fact]
    public void Write_TorqueOn_IsTheGoldenPacket() =>
        Check("FFFFFD00010600 03 4000 01 DB66", DynamixelCodec.Write(_packet, 1, DynamixelTable.TorqueEnable, 1));

    [Fact]
    public void Read_Position_IsTheManualsPacket() =>
        Check("FFFFFD00010700 02 8400 0400 1D15", DynamixelCodec.Read(_packet, 1, DynamixelTable.PresentPosition));

    [Fact]
    public void Write_BusWatchdog_IsTheGoldenPacket() =>
        Check("FFFFFD00010600 03 6200 05 68E4", DynamixelCodec.Write(_packet, 1, DynamixelTable.BusWatchdog, 5));

    [Fact]
    public void Write_HeaderAsData_IsStuffed() =>
        Check("FFFFFD00010A00 03 7400 FFFFFDFD00 21E7", DynamixelCodec.Write(_packet, 1, DynamixelTable.GoalPosition, 0x00FDFFFF));

    [Fact]
    public void Status_OfThePing_IsTheManualsPacket() =>
        Check("FFFFFD00010700 55 00 060426 655D", DynamixelCodec.Status(_packet, 1, 0, [0x06, 0x04, 0x26]));

    [Fact]
    public void SyncRead_TwoServos_IsTheManualsPacket() =>
        Check("FFFFFD00FE0900 82 8400 0400 01 02 CEFA", DynamixelCodec.SyncRead(_packet, 132, 4, [1, 2]));

    [Fact]
    public void SyncWrite_TwoServos_IsTheManualsPacket() =>
        Check(
            "FFFFFD00FE1100 83 7400 0400 01 96000000 02 AA000000 8287",
            DynamixelCodec.SyncWrite(_packet, DynamixelTable.GoalPosition, [1, 2], [150, 170])
        );

    [Fact]
    public void Reboot_Servo1_IsTheManualsPacket() => Check("FFFFFD00010300 08 2F4E", DynamixelCodec.Reboot(_packet, 1));

    [Fact]
    public void Write_ToAnIdThatDoesNotExist_Throws() => Assert.Throws<ArgumentException>(() => DynamixelCodec.Ping(_packet, 253));

    [Fact]
    public void Write_NoRoom_Throws() =>
        Assert.Throws<ArgumentException>(() => DynamixelCodec.Write(new byte[15], 1, DynamixelTable.GoalPosition, 0));

    [Fact]
    public void TryRead_AnyPacketInAnyPieces_ComesBack() =>
        Gen.Select(Gen.Byte[0, 252], Gen.Byte[0, 255], Bytes(60), Gen.Int[1, 20], Gen.Byte.Array[0, 30])
            .Sample(
                (id, error, data, piece, noise) =>
                {
                    var packet = new byte[DynamixelProtocol.MaxPacketLength];
                    int length = DynamixelCodec.Status(packet, id, error, data);
                    byte[] stream = [.. noise, .. packet.AsSpan(0, length)];
                    var decoder = new DynamixelDecoder();
                    bool found = false;
                    for (int at = 0; at < stream.Length; at += piece)
                    {
                        ReadOnlySpan<byte> bytes = stream.AsSpan(at, Math.Min(piece, stream.Length - at));
                        while (decoder.TryRead(ref bytes, out DynamixelPacket read))
                        {
                            found = true;
                            Assert.Equal((id, error, DynamixelInstruction.Status), (read.Id, read.ErrorByte, read.Instruction));
                            Assert.Equal(data, read.Parameters.ToArray());
                        }
                    }

                    Assert.True(found);
                    Assert.Equal(noise.Length, decoder.Counters.DroppedBytes);
                },
                iter: 3_000
            );

    [Fact]
    public void TryRead_RepliesOfASyncRead_ComeOneByOne()
    {
        var stream = new List<byte>();
        for (byte id = 1; id <= 6; id++)
        {
            stream.AddRange(_packet.AsSpan(0, DynamixelCodec.Status(_packet, id, 0, [id, 0, 0, 0])));
        }

        var decoder = new DynamixelDecoder();
        decoder.Expect(IdSet.Of(1, 2, 3, 4, 5, 6), 4);
        ReadOnlySpan<byte> bytes = stream.ToArray();
        for (byte id = 1; id <= 6; id++)
        {
            Assert.True(decoder.TryRead(ref bytes, out DynamixelPacket packet));
            Assert.Equal((id, id), (packet.Id, packet.Parameters[0]));
        }

        Assert.False(decoder.TryRead(ref bytes, out _));
    }

    [Fact]
    public void Expect_OtherIdOrLengthOrRequest_IsCountedAndNotHandedOver()
    {
        var decoder = new DynamixelDecoder();
        decoder.Expect(IdSet.Of(1), 4);
        Assert.False(Feed(decoder, DynamixelCodec.Status(_packet, 2, 0, [1, 2, 3, 4])));
        Assert.False(Feed(decoder, DynamixelCodec.Status(_packet, 1, 0, [1, 2, 3])));
        Assert.False(Feed(decoder, DynamixelCodec.Status(_packet, 1, 0, [])));
        Assert.False(Feed(decoder, DynamixelCodec.Read(_packet, 1, DynamixelTable.PresentPosition)));
        Assert.Equal(4, decoder.Counters.Unexpected);
        // A refusal carries no data.
        Assert.True(Feed(decoder, DynamixelCodec.Status(_packet, 1, (byte)DynamixelError.Access, [])));
        Assert.True(Feed(decoder, DynamixelCodec.Status(_packet, 1, 0x80, [1, 2, 3, 4])));
    }

    [Fact]
    public void ErrorByte_AlertAndError_AreKeptApart()
    {
        int length = DynamixelCodec.Status(_packet, 1, 0x87, []);
        ReadOnlySpan<byte> bytes = _packet.AsSpan(0, length);
        Assert.True(new DynamixelDecoder().TryRead(ref bytes, out DynamixelPacket packet));
        Assert.True(packet.HasHardwareAlert);
        Assert.Equal(DynamixelError.Access, packet.Error);
    }

    [Fact]
    public void TryRead_Running_AllocatesNothing()
    {
        var decoder = new DynamixelDecoder();
        int Cycle()
        {
            int found = 0;
            ReadOnlySpan<byte> bytes = _packet.AsSpan(0, DynamixelCodec.Status(_packet, 1, 0, [1, 2, 3, 4]));
            while (decoder.TryRead(ref bytes, out _))
            {
                found++;
            }

            return found;
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

    private bool Feed(DynamixelDecoder decoder, int length)
    {
        ReadOnlySpan<byte> bytes = _packet.AsSpan(0, length);
        return decoder.TryRead(ref bytes, out _);
    }

    private static Gen<byte[]> Bytes(int most) =>
        // Half of them 0xFF and 0xFD, so that stuffing is met all the time.
        Gen.OneOf(Gen.Const((byte)0xFF), Gen.Const((byte)0xFD), Gen.Byte, Gen.Byte).Array[0, most];

    private void Check(string hex, int length) =>
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(_packet.AsSpan(0, length)));
}
