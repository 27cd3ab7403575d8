using System.Text.Json.Nodes;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>The program with a robot and a task of one's own that the README shows.</summary>
public sealed class ExampleTests : IDisposable
{
    private readonly ChildProcess _child = new("RobotRl.Example");

    public void Dispose() => _child.Dispose();

    [Fact]
    public async Task Doctor_WithOnesOwnRobot_OpensItAndListsBoth()
    {
        await _child.RunAsync("doctor", "--json", "--set", "Robot:Name=rail-cart");

        JsonNode report = JsonNode.Parse(_child.Output)!;
        Assert.Contains("rail-cart", report["robots"]!.AsArray().Select(n => (string)n!));
        Assert.Contains("rail-cart", report["tasks"]!.AsArray().Select(n => (string)n!));
        JsonNode robot = report["checks"]!.AsArray().Single(c => (string)c!["name"]! == "robot")!;
        Assert.Equal("Ok", (string)robot["state"]!);
        Assert.Contains("cart/position 0 m", (string)robot["detail"]!, StringComparison.Ordinal);
    }
}
