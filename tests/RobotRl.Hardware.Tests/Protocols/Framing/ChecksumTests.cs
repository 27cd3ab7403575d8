using System.Text;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Protocols.Framing;
using Xunit;

namespace RobotRl.Hardware.Tests.Protocols.Framing;

public sealed class ChecksumTests
{
    private static readonly byte[] Digits = Encoding.ASCII.GetBytes("123456789");

    [Fact]
    public void Crc16_CheckString_IsTheCataloguesValue() => Assert.Equal(0xFEE8, Crc16.Compute(Digits));

    [Fact]
    public void Crc16_InTwoParts_IsThatOfTheWhole() =>
        Assert.Equal(0xFEE8, Crc16.Append(Crc16.Compute(Digits.AsSpan(0, 4)), Digits.AsSpan(4)));

    [Fact]
    public void Crc32_CheckString_IsTheCataloguesValue() => Assert.Equal(0xCBF43926u, Crc32.Compute(Digits));

    [Fact]
    public void FeetechChecksum_ReadPositionOfServo1_IsThatOfTheMakersExample() =>
        Assert.Equal(0xBE, FeetechProtocol.Checksum([0x01, 0x04, 0x02, 0x38, 0x02]));

    [Theory]
    [InlineData(5, 15, 5)]
    [InlineData(-5, 15, 0x8005)]
    [InlineData(-5, 10, 0x0405)]
    [InlineData(0, 15, 0)]
    [InlineData(40_000, 15, 32_767)]
    [InlineData(int.MinValue, 15, 0xFFFF)]
    [InlineData(-3000, 10, 0x07FF)]
    public void SignMagnitude_Encode_PutsTheSignIntoItsBit(int value, int signBit, int raw)
    {
        Assert.Equal(raw, SignMagnitude.Encode(value, signBit));
        Assert.Equal(Math.Clamp(value, -(1 << signBit) + 1, (1 << signBit) - 1), SignMagnitude.Decode((ushort)raw, signBit));
    }

    [Fact]
    public void IdSet_AddAndRemove_KeepsAllIdsApart()
    {
        var set = IdSet.Of(0, 127, 128, 254);
        Assert.Equal(4, set.Count);
        Assert.True(set.Contains(128) && set.Contains(127) && !set.Contains(1));
        Assert.True(set.Remove(128));
        Assert.False(set.Remove(128));
        Assert.Equal(IdSet.Of(254, 127, 0), set);
        Assert.Equal(256, IdSet.All.Count);
    }
}
