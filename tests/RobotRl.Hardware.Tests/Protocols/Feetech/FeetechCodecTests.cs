using CsCheck;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Protocols.Framing;
using Xunit;

namespace RobotRl.Hardware.Tests.Protocols.Feetech;

/// <summary>Golden packets, and properties. CsCheck prints the seed of a counterexample.</summary>
public sealed class FeetechCodecTests
{
    private readonly byte[] _packet = new byte[FeetechProtocol.MaxPacketLength];

    [Fact]
    public void Ping_Servo1_IsTheGoldenPacket() => Check("FFFF010201FB", FeetechCodec.Ping(_packet, 1));

    [Fact]
    public void Write_TorqueOn_IsTheGoldenPacket() =>
        Check("FFFF0104032801CE", FeetechCodec.Write(_packet, 1, FeetechTable.TorqueEnable, 1));

    [Fact]
    public void Read_Position_IsTheGoldenPacket() => Check("FFFF0104023802BE", FeetechCodec.Read(_packet, 1, FeetechTable.PresentPosition));

    [Fact]
    public void Write_Goal2048_IsTheGoldenPacket() =>
        Check("FFFF0105032A0008C4", FeetechCodec.Write(_packet, 1, FeetechTable.GoalPosition, 2048));

    [Fact]
    public void Write_NegativeVelocity_CarriesTheSignInBit15() =>
        Check("FFFF0105032E6480E4", FeetechCodec.Write(_packet, 1, FeetechTable.GoalVelocity, -100));

    [Fact]
    public void SyncRead_TwoServos_NamesAddressLengthAndIds() =>
        Check("FFFFFE0682380201023C", FeetechCodec.SyncRead(_packet, 56, 2, [1, 2]));

    [Fact]
    public void SyncWrite_TwoServos_HasEachIdWithItsData() =>
        Check("FFFFFE0A832A0201000802FF0737", FeetechCodec.SyncWrite(_packet, FeetechTable.GoalPosition, [1, 2], [2048, 2047]));

    [Fact]
    public void SyncWrite_TooManyServos_Throws() =>
        Assert.Throws<ArgumentException>(() => FeetechCodec.SyncWrite(_packet, FeetechTable.GoalPosition, new byte[84], new int[84]));

    [Fact]
    public void TryRead_AnyPacketInAnyPieces_ComesBack() =>
        Gen.Select(Gen.Byte[0, 253], Gen.Byte, Gen.OneOf(Gen.Const((byte)0xFF), Gen.Byte).Array[0, 253], Gen.Int[1, 300])
            .Sample(
                (id, error, data, piece) =>
                {
                    var packet = new byte[FeetechProtocol.MaxPacketLength];
                    int length = FeetechCodec.Status(packet, id, (FeetechErrors)error, data);
                    var decoder = new FeetechDecoder();
                    int found = 0;
                    for (int at = 0; at < length; at += piece)
                    {
                        ReadOnlySpan<byte> bytes = packet.AsSpan(at, Math.Min(piece, length - at));
                        while (decoder.TryRead(ref bytes, out FeetechPacket read))
                        {
                            found++;
                            Assert.Equal((id, error), (read.Id, read.InstructionOrError));
                            Assert.Equal(data, read.Parameters.ToArray());
                        }
                    }

                    Assert.Equal(1, found);
                    Assert.Equal(new DecoderCounters(1, 0, 0, 0, 0), decoder.Counters);
                },
                iter: 3_000
            );

    [Fact]
    public void TryRead_ThirdFfBeforeThePacket_IsSkipped()
    {
        ReadOnlySpan<byte> bytes = Convert.FromHexString("FFFFFF010201FB");
        Assert.True(new FeetechDecoder().TryRead(ref bytes, out FeetechPacket packet));
        Assert.Equal(1, packet.Id);
    }

    [Fact]
    public void EndOfBurst_GoodPacketBehindAFalseHeader_IsFound()
    {
        // The false one announces 200 bytes.
        ReadOnlySpan<byte> bytes = Convert.FromHexString("FFFF05C8" + "FFFF010201FB");
        var decoder = new FeetechDecoder();
        Assert.False(decoder.TryRead(ref bytes, out _));
        decoder.EndOfBurst();
        Assert.True(decoder.TryRead(ref bytes, out FeetechPacket packet));
        Assert.Equal((1, 4), (packet.Id, (int)decoder.Counters.DroppedBytes));
    }

    [Fact]
    public void Expect_FalseHeaderOfAnotherLength_DoesNotDelayTheGoodPacket()
    {
        var decoder = new FeetechDecoder();
        decoder.Expect(IdSet.Of(1, 5), 0);
        ReadOnlySpan<byte> bytes = Convert.FromHexString("FFFF05C8" + "FFFF010201FB");
        Assert.True(decoder.TryRead(ref bytes, out FeetechPacket packet));
        Assert.Equal(1, packet.Id);
        Assert.Equal(1, decoder.Counters.Unexpected);
    }

    [Fact]
    public void TryDecode_BlockOfRegisters_IsInSi()
    {
        var block = new byte[FeetechReading.Length];
        Put(block, FeetechTable.PresentPosition, 1024);
        Put(block, FeetechTable.PresentVelocity, -652);
        Put(block, FeetechTable.PresentLoad, -500);
        Put(block, FeetechTable.PresentVoltage, 74);
        Put(block, FeetechTable.PresentTemperature, 41);
        Put(block, FeetechTable.Status, (int)FeetechErrors.Overload);
        Put(block, FeetechTable.PresentCurrent, -100);
        Assert.True(FeetechReading.TryDecode(block, out FeetechReading reading));
        Assert.Equal(-Math.PI / 2, reading.PositionRad, 9);
        Assert.Equal(-1.0002, reading.VelocityRadPerSecond, 3);
        Assert.Equal(
            (-0.5, 7.4, 41.0, FeetechErrors.Overload, -0.65),
            (reading.Load, Math.Round(reading.Volts, 9), reading.Celsius, reading.Errors, Math.Round(reading.Amperes, 9))
        );
    }

    [Fact]
    public void TryDecode_ValuesNoServoReports_AreRefused()
    {
        (FeetechRegister Register, int Value)[] wrong =
        [
            (FeetechTable.PresentVelocity, -8001),
            (FeetechTable.PresentLoad, 1001),
            (FeetechTable.PresentVoltage, 161),
            (FeetechTable.PresentTemperature, 121),
            (FeetechTable.Status, 64),
            (FeetechTable.Moving, 2),
            (FeetechTable.PresentCurrent, 1001),
        ];
        foreach ((FeetechRegister register, int value) in wrong)
        {
            var block = new byte[FeetechReading.Length];
            Put(block, register, value);
            Assert.False(FeetechReading.TryDecode(block, out _), $"address {register.Address}");
        }
    }

    [Fact]
    public void PositionTicks_EveryTick_ComesBack()
    {
        for (int ticks = -FeetechUnits.MaxTicks; ticks <= FeetechUnits.MaxTicks; ticks++)
        {
            Assert.Equal(ticks, FeetechUnits.PositionTicks(FeetechUnits.PositionRad(ticks)));
            Assert.Equal(ticks, FeetechUnits.VelocityRaw(FeetechUnits.VelocityRadPerSecond(ticks)));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => FeetechUnits.PositionTicks(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => FeetechUnits.TorqueRaw(double.NaN));
    }

    private static void Put(byte[] block, FeetechRegister register, int value) =>
        register.Encode(value, block.AsSpan(register.Address - FeetechReading.FirstAddress));

    private void Check(string hex, int length) => Assert.Equal(hex, Convert.ToHexString(_packet.AsSpan(0, length)));
}
