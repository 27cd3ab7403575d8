using RobotRl.Benchmarks.Peers;
using Xunit;

namespace RobotRl.Runtime.Tests.Benchmarks;

public sealed class BlasKernelTests
{
    /// <summary>
    /// Where the machine's environment forces a slow kernel on OpenBLAS, the PyTorch peers lost a third of their speed and
    /// flattered us.
    /// </summary>
    [Fact]
    public void Apply_MachineForcesAKernel_PeerChoosesItsOwn()
    {
        var environment = new Dictionary<string, string?>
        {
            ["OPENBLAS_CORETYPE"] = "Prescott",
            ["OPENBLAS_L2_SIZE"] = "512",
            ["PATH"] = "/usr/bin",
        };
        BlasKernel.Apply(environment, null);
        Assert.Equal(["PATH"], environment.Keys);
    }

    [Fact]
    public void Apply_KernelIsNamed_ItReplacesTheMachines()
    {
        var environment = new Dictionary<string, string?> { ["OPENBLAS_CORETYPE"] = "Prescott", ["OPENBLAS_L2_SIZE"] = "512" };
        BlasKernel.Apply(environment, "SkylakeX");
        KeyValuePair<string, string?> left = Assert.Single(environment);
        Assert.Equal(("OPENBLAS_CORETYPE", "SkylakeX"), (left.Key, left.Value));
    }

    [Theory]
    [InlineData(false, false, new string?[] { null })]
    [InlineData(true, false, new string?[] { null, "Haswell", "Zen" })]
    [InlineData(true, true, new string?[] { null, "Haswell", "Zen", "SkylakeX" })]
    public void Candidates_InstructionSets_OnlyWhatTheProcessorCanRun(bool avx2, bool avx512, string?[] expected) =>
        Assert.Equal(expected, BlasKernel.Candidates(avx2, avx512));

    /// <summary>Every peer in Python is started by the one that tries the kernels, and checks itself against float64.</summary>
    [Fact]
    public void Scripts_EveryPeer_ChecksItsResultsAgainstFloat64()
    {
        string[] scripts = [.. Repository.Files("tests/RobotRl.Benchmarks/Peers", "*_update.py")];
        Assert.NotEmpty(scripts);
        Assert.All(scripts, script => Assert.Contains("peer.serve(update, [", File.ReadAllText(script), StringComparison.Ordinal));
    }
}
