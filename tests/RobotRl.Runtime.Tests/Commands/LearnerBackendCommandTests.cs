using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>
/// What a learner computes with, as the command line sees it: what cannot be served ends with exit code 2 and says what to
/// change.
/// </summary>
public sealed class LearnerBackendCommandTests : IDisposable
{
    private readonly ChildProcess _child = new();

    public void Dispose() => _child.Dispose();

    [Theory]
    [InlineData(
        "Learner:Backend is \"managed\", which computes on the CPU, and Learner:Device is \"cuda\". Set Backend to torch or auto",
        "Learner:Backend=managed",
        "Learner:Device=cuda"
    )]
    [InlineData("Learner:Backend is \"gpu\"; allowed: auto, managed, torch", "Learner:Backend=gpu")]
    [InlineData("/nowhere", "Learner:Backend=torch", "Learner:LibTorchPath=/nowhere")]
    [InlineData(
        "--set: Learner:Sac:HiddenWidth is 1; allowed: 2 to 8192. Set it to a layer's width, such as 256.",
        "Learner:Sac:HiddenWidth=1"
    )]
    [InlineData(
        "--set: Learner:CrossQ:HiddenWidth is 8193; allowed: 2 to 8192",
        "Learner:Algorithm=crossq",
        "Learner:CrossQ:HiddenWidth=8193"
    )]
    [InlineData("Learner:CrossQ:BatchSize is 1; allowed: 2 to 65536", "Learner:Algorithm=crossq", "Learner:CrossQ:BatchSize=1")]
    [InlineData("Learner:Sac:Discount is NaN; allowed: 0 to 1. Set it to a number such as 0.99.", "Learner:Sac:Discount=NaN")]
    [InlineData(
        "Learner:Backend is \"torch\", and Learner:Algorithm ppo has a managed form only; on TorchSharp there are sac, td3, droq, crossq.",
        "Learner:Algorithm=ppo",
        "Learner:Backend=torch"
    )]
    [InlineData(
        "Learner:Sac:StateDependentExploration is true, which is for continuous actions; this task's are discrete. Set it to false.",
        "Robot:Name=cart-pole",
        "Learner:Sac:StateDependentExploration=true"
    )]
    [InlineData(
        "Learner:Ppo:Network:StateDependentExploration is true, which is for continuous actions; this task's are discrete. "
            + "Set it to false.",
        "Robot:Name=cart-pole",
        "Learner:Algorithm=ppo",
        "Learner:Ppo:Network:StateDependentExploration=true"
    )]
    public async Task Train_BackendOrWidthThatCannotServe_SaysWhatToChange(string message, params string[] settings)
    {
        await _child.RunAsync(["train", .. settings.SelectMany(s => (string[])["--set", s])]);

        AssertRefused(message);
        Assert.Empty(_child.Files);
    }

    [Theory]
    [InlineData("sac", "Sac")]
    [InlineData("stream-actor-critic", "StreamActorCritic")]
    public async Task Train_CheckpointOfOtherShapes_IsRefusedAndLeftAsItWas(string algorithm, string section)
    {
        string[] common = ["--run", "run", "--set", $"Learner:Algorithm={algorithm}", "--set", "Run:EvaluationEpisodes=0"];
        await _child.RunAsync(["train", "--steps", "220", "--set", $"Learner:{section}:HiddenWidth=16", .. common]);
        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
        string options = File.ReadAllText(Path.Combine(_child.Directory, "run", "options.json"));

        await _child.RunAsync(["train", "--resume", "--steps", "440", "--set", $"Learner:{section}:HiddenWidth=24", .. common]);

        AssertRefused(
            $"were expected. The file was written with other options. Changed since: Learner:{section}:HiddenWidth was 16 and "
                + $"is 24. Resume with the options that the run was made with"
        );
        Assert.Equal(1, _child.Error.Split(".safetensors").Length - 1);
        Assert.Equal(options, File.ReadAllText(Path.Combine(_child.Directory, "run", "options.json")));
    }

    [Fact]
    public async Task Train_ResumedWithAnotherAlgorithm_SaysWhichTheRunWasMadeWith()
    {
        await _child.RunAsync(
            "train",
            "--run",
            "run",
            "--steps",
            "120",
            "--set",
            "Run:EvaluationEpisodes=0",
            "--set",
            "Learner:Sac:HiddenWidth=16",
            "--set",
            "Learner:Sac:BatchSize=8"
        );
        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);

        await _child.RunAsync("train", "--run", "run", "--resume", "--set", "Learner:Algorithm=td3");

        AssertRefused(
            "run: this run was made with sac, and Learner:Algorithm is \"td3\". Leave it out to go on with sac, or start a new run."
        );
        Assert.Single(_child.Error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData(
        "Learner:Sac:ReplayCapacity is 100000000, which takes 4.6 GB: the learner needs 4.6 GB altogether, and this process "
            + "may have 2.1 GB. Lower it, to 23303000 say.",
        "Learner:Sac:ReplayCapacity=100000000"
    )]
    [InlineData(
        "Learner:Sac:HiddenWidth is 8192 and HiddenLayers 8, of which a checkpoint takes 22",
        "Learner:Sac:HiddenWidth=8192",
        "Learner:Sac:HiddenLayers=8"
    )]
    [InlineData(
        "Learner:Sac:HiddenWidth is 4096 and HiddenLayers 3, which takes 3",
        "Learner:Sac:HiddenWidth=4096",
        "Learner:Sac:HiddenLayers=3",
        "Learner:Sac:ReplayCapacity=1000"
    )]
    [InlineData(
        "Learner:Ppo:Network:HiddenWidth is 4096 and HiddenLayers 8, of which a checkpoint takes 3",
        "Robot:Name=cart-pole",
        "Learner:Algorithm=ppo",
        "Learner:Ppo:Network:HiddenWidth=4096",
        "Learner:Ppo:Network:HiddenLayers=8"
    )]
    [InlineData(
        "Learner:Sac:BatchSize is 65536 at a HiddenWidth of 4096, which takes 21",
        "Learner:Sac:HiddenWidth=4096",
        "Learner:Sac:BatchSize=65536"
    )]
    public async Task Train_MoreThanTheMachineHas_IsRefusedBeforeItIsTaken(string message, params string[] settings)
    {
        // As much as a small board has.
        _child.Variables["DOTNET_GCHeapHardLimit"] = "0x80000000";

        await _child.RunAsync(["train", .. settings.SelectMany(s => (string[])["--set", s])]);

        AssertRefused(message);
        Assert.Empty(_child.Files);
    }

    [Fact]
    public async Task Train_MoreThanTheProcessIsGiven_IsRefused_AndLeavesNothingBehind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ulimit is a shell's.");
        string program = Path.Combine(AppContext.BaseDirectory, "robotrl"),
            arguments = "train --set Learner:Sac:ReplayCapacity=60000000";
        using var shell = new ChildProcess("/bin/sh");
        await shell.RunAsync("-c", $"ulimit -v 3000000; exec '{program}' {arguments}");

        Assert.Contains(
            "Learner:Sac:ReplayCapacity is 60000000, which takes 2.8 GB: the learner needs 2.8 GB altogether, and this "
                + "process was not given that much",
            shell.Error,
            StringComparison.Ordinal
        );
        Assert.Equal(2, shell.ExitCode);
        Assert.DoesNotContain("   at ", shell.Error, StringComparison.Ordinal);
        Assert.Empty(shell.Files);
    }

    [Fact]
    public async Task Train_RunShorterThanTheFirstRollout_SaysThatNothingIsLearned()
    {
        await _child.RunAsync(
            "train",
            "--run",
            "run",
            "--steps",
            "50",
            "--set",
            "Learner:Algorithm=ppo",
            "--set",
            "Learner:Ppo:StepsPerUpdate=2048",
            "--set",
            "Run:EvaluationEpisodes=0"
        );
        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
        Assert.Contains(
            "Learner:Ppo:StepsPerUpdate is 2048, more than Run:Steps (50): this run ends before its first update.",
            _child.Error,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task TrainAndDoctor_ProcessorWithoutAvx2OrNeon_TakeThePortablePathAndSaySo(string switchedOff)
    {
        Assert.SkipUnless(
            RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64,
            "NEON cannot be switched off."
        );
        _child.Variables[switchedOff] = "0";

        await _child.RunAsync("doctor", "--json");
        JsonNode kernels = JsonNode.Parse(_child.Output)!["checks"]!.AsArray().Single(c => (string)c!["name"]! == "kernels")!;
        Assert.StartsWith("portable: ", (string)kernels["detail"]!, StringComparison.Ordinal);
        Assert.Equal("Advice", (string)kernels["state"]!);
        Assert.Contains("This processor has no AVX2 with FMA and no NEON", (string)kernels["remedy"]!, StringComparison.Ordinal);

        await _child.RunAsync("train", "--run", "run", "--steps", "220", "--set", "Run:EvaluationEpisodes=2", "--json");
        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
        Assert.True((long)JsonNode.Parse(_child.Output)!["updates"]! > 0);
        AssertSaysPortableOnce();

        await _child.RunAsync("deploy", "run", "--set", "Run:Steps=5", "--set", "Loop:AutoArm=true");
        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
        AssertSaysPortableOnce();
    }

    private void AssertSaysPortableOnce()
    {
        Assert.Contains("Kernels: portable: ", _child.Error, StringComparison.Ordinal);
        Assert.Equal(2, _child.Error.Split("the portable path works, about three times slower").Length);
    }

    private void AssertRefused(string message)
    {
        Assert.Contains(message, _child.Error, StringComparison.Ordinal);
        Assert.Equal(2, _child.ExitCode);
        Assert.Empty(_child.Output);
        Assert.DoesNotContain("   at ", _child.Error, StringComparison.Ordinal);
    }
}
