using System.Text.Json.Nodes;

namespace RobotRl.Runtime.Tests.Commands;

public sealed class DoctorCommandTests : IDisposable
{
    private readonly ChildProcess _child = new();

    public void Dispose() => _child.Dispose();

    [Fact]
    public async Task Doctor_Defaults_SaysEveryCheckAsOneDocument_LeavesNothing()
    {
        await _child.RunAsync("doctor", "--json");

        JsonNode report = JsonNode.Parse(_child.Output)!;
        string[] names = [.. report["checks"]!.AsArray().Select(c => (string)c!["name"]!)];
        Assert.Subset(
            names.ToHashSet(),
            new HashSet<string> { "options", "runtime", "processor", "scheduling", "timer", "memory budget", "libtorch", "disk", "robot" }
        );
        Assert.Equal((bool)report["ready"]! ? 0 : 1, _child.ExitCode);
        Assert.Empty(_child.Error);
        Assert.Empty(_child.Files);
    }

    [Fact]
    public async Task Doctor_UnwritableRunDirectory_IsMissing()
    {
        await _child.RunAsync("doctor", "--set", "Run:Directory=/proc/robotrl");

        Assert.Equal(1, _child.ExitCode);
        Assert.Contains("missing  disk: /proc: cannot be written", _child.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_BadOptions_ReportsThemAndTheMachine()
    {
        await _child.RunAsync("doctor", "--set", "Loop:RateHz=-1");

        Assert.Equal(2, _child.ExitCode);
        Assert.Contains("Loop:RateHz is -1 Hz; allowed: 0.1 to 10000 Hz", _child.Output, StringComparison.Ordinal);
        Assert.Contains("ok       runtime:", _child.Output, StringComparison.Ordinal);
    }
}
