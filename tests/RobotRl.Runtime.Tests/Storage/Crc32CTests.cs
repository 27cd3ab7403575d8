using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Tests.Storage;

public sealed class Crc32CTests
{
    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("123456789", 0xE3069283u)]
    public void Compute_CheckString_MatchesCatalogue(string text, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Compute_ThirtyTwoAscendingBytes_MatchesRfc3720() =>
        Assert.Equal(0x46DD794Eu, Crc32C.Compute([.. Enumerable.Range(0, 32).Select(i => (byte)i)])); // RFC 3720 appendix B.4
}
