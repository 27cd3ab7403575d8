using System.Text.Json.Nodes;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Runtime.Tests.Commands;

public sealed class EvalCommandTests : IDisposable
{
    private readonly ChildProcess _child = new();

    public void Dispose() => _child.Dispose();

    [Fact]
    public async Task Eval_PolicyThatDoesNothing_SaysItsReturnAsOneDocument()
    {
        await _child.RunAsync("eval", SavePolicy(), "--episodes", "10", "--json");

        Assert.Equal(0, _child.ExitCode);
        JsonNode document = JsonNode.Parse(_child.Output)!;
        Assert.Equal(10, (int)document["episodes"]!);
        Assert.Equal("pendulum", (string)document["robot"]!);
        Assert.Equal(200, (double)document["meanLength"]!);
        // Free swinging costs far more than the optimum of about -140 and less than 200 steps of the greatest cost, 16.3.
        Assert.InRange((double)document["mean"]!, -200 * 16.3, -500);
        Assert.Equal(["policy.safetensors"], _child.Files);
    }

    [Fact]
    public async Task Eval_Twice_GivesTheSame()
    {
        string policy = SavePolicy();
        JsonNode first = JsonNode.Parse((await _child.RunAsync("eval", policy, "--episodes", "7", "--json")).Output)!;
        JsonNode second = JsonNode.Parse((await _child.RunAsync("eval", policy, "--episodes", "7", "--json")).Output)!;

        Assert.Equal((double)first["mean"]!, (double)second["mean"]!);
    }

    [Theory]
    [InlineData("eval")]
    [InlineData("deploy")]
    public async Task PolicyForAnotherRobot_IsRefusedNamingTheField(string command)
    {
        string policy = SavePolicy();
        string[] task = ["--set", "Robot:Name=cart-pole", "--set", "Task:Name=cart-pole-balance"];

        await _child.RunAsync([command, policy, .. task]);

        Assert.Equal(2, _child.ExitCode);
        Assert.Contains(
            "the policy does not fit robot cart-pole: states[0]: the policy file has pole/position, the robot has cart/position",
            _child.Error,
            StringComparison.Ordinal
        );
        Assert.Contains("control period: the policy file has 0.05 s, the robot has 0.02 s", _child.Error, StringComparison.Ordinal);
        Assert.Empty(_child.Output);
        Assert.Equal([policy], _child.Files);
    }

    [Theory]
    [InlineData("eval")]
    [InlineData("deploy")]
    public async Task PolicyOfAnotherDivisor_IsRefused_NamedAloneItsOwnHolds(string command)
    {
        string policy = SavePolicy(divisor: 4);

        await _child.RunAsync(command, policy, "--set", "Loop:PolicyDivisor=1");

        Assert.Equal(2, _child.ExitCode);
        Assert.Contains(
            "policy divisor: the policy file has 4, the settings have 1. It acts at every n-th tick: set Loop:PolicyDivisor=4.",
            _child.Error,
            StringComparison.Ordinal
        );
        Assert.Equal([policy], _child.Files);
        if (command == "eval")
        {
            await _child.RunAsync(command, policy, "--episodes", "2", "--json");
            Assert.Equal(0, _child.ExitCode);
        }
    }

    [Fact]
    public async Task Eval_PolicyOfAnotherRate_IsRefused_WhateverRateIsSet()
    {
        string policy = SavePolicy(periodSeconds: 0.025);

        await _child.RunAsync("eval", policy, "--set", "Loop:RateHz=40", "--set", "Loop:Clock=RealTime");

        Assert.Equal(2, _child.ExitCode);
        Assert.Contains("control period: the policy file has 0.025 s, the robot has 0.05 s", _child.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Loop:Clock=Lockstep")]
    [InlineData("loop:clock = lockstep")]
    public async Task Deploy_InLockstep_IsRefused(string assignment)
    {
        string policy = SavePolicy();

        await _child.RunAsync("deploy", policy, "--set", assignment);

        Assert.Equal(2, _child.ExitCode);
        Assert.Contains($"--set {assignment}: deploy runs in real time. Remove the setting", _child.Error, StringComparison.Ordinal);
        Assert.Empty(_child.Output);
        Assert.Equal([policy], _child.Files);
    }

    [Fact]
    public async Task Inspect_Policy_SaysManifestAndHash()
    {
        await _child.RunAsync("inspect", SavePolicy(), "--json");

        Assert.Equal(0, _child.ExitCode);
        JsonNode document = JsonNode.Parse(_child.Output)!;
        Assert.Equal("pendulum", (string)document["manifest"]!["robot"]!);
        Assert.Equal(64, ((string)document["sha256"]!).Length);
        Assert.Equal("sac", (string)document["manifest"]!["provenance"]!["algorithm"]!);
    }

    [Fact]
    public async Task Inspect_Policy_InWords_NamesWhatItNeeds()
    {
        await _child.RunAsync("inspect", SavePolicy());

        Assert.Contains("actions continuous 1: pole/effort -2 to 2 N m", _child.Output, StringComparison.Ordinal);
        Assert.Contains("learned by sac, seed 4, 100 steps, 90 updates", _child.Output, StringComparison.Ordinal);
    }

    private string SavePolicy(int divisor = 1, double periodSeconds = 0.05)
    {
        using var robot = new PendulumRobot();
        var spec = new PolicySpec(new MlpShape(3, [4], 2), PolicyHead.SquashedGaussian, 1);
        var manifest = PolicyManifest.Of(
            robot.Description,
            new PendulumTask(),
            TimeSpan.FromSeconds(periodSeconds),
            divisor,
            spec,
            new PolicyProvenance("sac", 4, 100, 90, null, new string('0', 64), "test")
        );
        PolicyFile.Save(Path.Combine(_child.Directory, "policy.safetensors"), manifest, new PolicyBlock(spec));
        return "policy.safetensors";
    }
}
