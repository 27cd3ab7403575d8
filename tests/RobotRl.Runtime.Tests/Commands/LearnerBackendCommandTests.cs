using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>What a learner computes with, as the command line sees it: what cannot be served ends with exit code 2 and says what to change.</summary>
public sealed class LearnerBackendCommandTests : IDisposable
{
    private readonly ChildProcess _child = new();

    public void Dispose() => _child.Dispose();

    [Theory]
    [InlineData("Learner:Backend is \"managed\", which computes on the CPU, and Learner:Device is \"cuda\". Set Backend to torch or auto", "Learner:Backend=managed", "Learner:Device=cuda")]
    [InlineData("Learner:Backend is \"gpu\"; allowed: auto, managed, torch", "Learner:Backend=gpu")]
    [InlineData("/nowhere", "Learner:Backend=torch", "Learner:LibTorchPath=/nowhere")]
    [InlineData("Learner:Sac:HiddenWidth is 1; the managed backend serves 2 to 8192. Change it, or set Learner:Backend to torch.", "Learner:Sac:HiddenWidth=1")]
    [InlineData("Learner:Td3:HiddenWidth is 1; the managed backend serves 2 to 8192.", "Learner:Algorithm=td3", "Learner:Td3:HiddenWidth=1")]
    [InlineData("Learner:Droq:HiddenWidth is 1; the managed backend serves 2 to 8192.", "Learner:Algorithm=droq", "Learner:Droq:HiddenWidth=1")]
    [InlineData("Learner:CrossQ:HiddenWidth is 1; the managed backend serves 2 to 8192.", "Learner:Algorithm=crossq", "Learner:CrossQ:HiddenWidth=1")]
    [InlineData("Learner:Sac:HiddenWidth is 8193; allowed: 1 to 8192", "Learner:Sac:HiddenWidth=8193")]
    [InlineData("Learner:CrossQ:HiddenWidth is 8193; allowed: 1 to 8192", "Learner:Algorithm=crossq", "Learner:CrossQ:HiddenWidth=8193")]
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

        AssertRefused("were expected. The file was written with other options. Resume with the options that the run was made with");
        Assert.Equal(options, File.ReadAllText(Path.Combine(_child.Directory, "run", "options.json")));
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task TrainAndDoctor_ProcessorWithoutAvx2OrNeon_TakeThePortablePathAndSaySo(string switchedOff)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "NEON cannot be switched off.");
        _child.Variables[switchedOff] = "0";

        await _child.RunAsync("doctor", "--json");
        JsonNode kernels = JsonNode.Parse(_child.Output)!["checks"]!.AsArray().Single(c => (string)c!["name"]! == "kernels")!;
        Assert.StartsWith("portable: ", (string)kernels["detail"]!, StringComparison.Ordinal);
        Assert.Equal("Advice", (string)kernels["state"]!);
        Assert.Contains("no AVX2 with FMA and no NEON: the portable path works", (string)kernels["remedy"]!, StringComparison.Ordinal);

        await _child.RunAsync("train", "--run", "run", "--steps", "220", "--set", "Run:EvaluationEpisodes=2", "--json");
        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
        Assert.True((long)JsonNode.Parse(_child.Output)!["updates"]! > 0);
    }

    private void AssertRefused(string message)
    {
        Assert.Contains(message, _child.Error, StringComparison.Ordinal);
        Assert.Equal(2, _child.ExitCode);
        Assert.Empty(_child.Output);
        Assert.DoesNotContain("   at ", _child.Error, StringComparison.Ordinal);
    }
}
