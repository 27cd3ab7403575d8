using CsCheck;
using RobotRl.Hardware.Protocols.Framing;
using Xunit;

namespace RobotRl.Hardware.Tests.Protocols.Framing;

/// <summary>Examples of the paper's kind, and properties. CsCheck prints the seed of a counterexample.</summary>
public sealed class CobsTests
{
    [Theory]
    [InlineData("", "01")]
    [InlineData("00", "0101")]
    [InlineData("0000", "010101")]
    [InlineData("11220033", "0311220233")]
    [InlineData("11223344", "0511223344")]
    [InlineData("11000000", "0211010101")]
    public void Encode_Examples_AreAsDefined(string plain, string encoded)
    {
        byte[] source = Convert.FromHexString(plain);
        var destination = new byte[Cobs.MaxEncodedLength(source.Length)];
        int length = Cobs.Encode(source, destination);
        Assert.Equal(encoded, Convert.ToHexString(destination.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(253, 254)]
    [InlineData(254, 255)]
    [InlineData(255, 257)]
    [InlineData(508, 510)]
    public void Encode_NoZeros_AddsOneByteABlock(int length, int encodedLength)
    {
        byte[] source = [.. Enumerable.Repeat((byte)7, length)];
        var destination = new byte[Cobs.MaxEncodedLength(length)];
        Assert.Equal(encodedLength, Cobs.Encode(source, destination));
        var decoded = new byte[length];
        Assert.Equal(length, Cobs.Decode(destination.AsSpan(0, encodedLength), decoded));
        Assert.Equal(source, decoded);
    }

    [Fact]
    public void Decode_FullLastBlockFollowedByAnEmptyOne_IsTakenToo()
    {
        // Some encoders close a full block with an empty one; that reads as one more zero nowhere.
        byte[] encoded = [0xFF, .. Enumerable.Repeat((byte)7, 254), 0x01];
        Assert.Equal(254, Cobs.Decode(encoded, new byte[300]));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("0511")]
    [InlineData("03110022")]
    public void Decode_NotCobs_SaysSo(string encoded) => Assert.Equal(-1, Cobs.Decode(Convert.FromHexString(encoded), new byte[16]));

    [Fact]
    public void Decode_NoRoom_SaysSo() => Assert.Equal(-1, Cobs.Decode([0x05, 1, 2, 3, 4], new byte[3]));

    [Fact]
    public void Encode_NoRoom_Throws() => Assert.Throws<ArgumentException>(() => Cobs.Encode([1, 2, 3], new byte[3]));

    [Fact]
    public void Encode_AnyBytes_ComeBackAndHoldNoZero() =>
        Gen.Int[0, 5]
            .Select(zeros => zeros * 60)
            .SelectMany(bias => Gen.Int[0, 255].Select(v => (byte)(v < bias ? 0 : v)).Array[0, 700])
            .Sample(
                source =>
                {
                    var encoded = new byte[Cobs.MaxEncodedLength(source.Length)];
                    Span<byte> used = encoded.AsSpan(0, Cobs.Encode(source, encoded));
                    Assert.False(used.Contains((byte)0));
                    // In place, as the decoder does it.
                    int length = Cobs.Decode(used, encoded);
                    Assert.Equal(source, encoded.AsSpan(0, length).ToArray());
                },
                iter: 2_000
            );
}
