using RobotRl.Runtime.Policies;

namespace RobotRl.Edge.Tests;

/// <summary>What the native programs do, on this processor and in qemu's ARM64.</summary>
public sealed class EdgeProgramTests(EdgeBuild edge) : IClassFixture<EdgeBuild>, IDisposable
{
    // 50 updates, after 100 steps of uniform actions.
    private static readonly string[] s_fifty =
    [
        "train",
        "--steps",
        "149",
        "--seed",
        "3",
        "--set",
        "Learner:Sac:LearningStarts=100",
        "--set",
        "Learner:Sac:UpdatesPerTransition=1",
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("robotrl-edge-run-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("x64")]
    [InlineData("arm64")]
    public void Program_IsOneFileOfTwentyMegabytesAtMost_BesideTheSerialPortsAndTheService(string machine)
    {
        string[] programs = machine == "x64" ? ["robotrl", "robotrl-portable"] : ["robotrl"];
        Assert.Equal(
            ["libSystem.IO.Ports.Native.so", .. programs, "robotrl-start", "robotrl.service"],
            Directory.GetFiles(Path.Combine(edge.Folder, machine)).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)
        );
        Assert.All(programs, p => Assert.InRange(new FileInfo(Path.Combine(edge.Folder, machine, p)).Length, 1_000_000, 20_000_000));
    }

    [Fact]
    public async Task Train_ProcessorWithoutAvx2_RunsThePortableProgramAndSaysSo()
    {
        (int code, string output) = await EdgeBuild.OnOldProcessorAsync(Path.Combine(edge.Folder, "x64"), _directory, "doctor");
        Assert.True(code == 0, output);
        Assert.Contains("portable: ", output, StringComparison.Ordinal);
        (code, output) = await EdgeBuild.OnOldProcessorAsync(Path.Combine(edge.Folder, "x64"), _directory, [.. s_fifty, "--run", "run"]);
        Assert.True(code == 0, output);
        Assert.Contains("Kernels: portable: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_ProcessorWithoutAvx2_WithoutThePortableProgram_SaysWhatToDo()
    {
        File.Copy(Path.Combine(edge.Folder, "x64", "robotrl"), Path.Combine(_directory, "robotrl"));
        (int code, string output) = await EdgeBuild.OnOldProcessorAsync(_directory, _directory, "train");
        Assert.Equal(2, code);
        Assert.Contains("this processor has no AVX2 with FMA", output, StringComparison.Ordinal);
        Assert.Contains("deploy/edge/build.sh x64-portable", output, StringComparison.Ordinal);
        Assert.Equal(["robotrl"], Directory.GetFileSystemEntries(_directory).Select(f => Path.GetFileName(f)));
    }

    [Fact]
    public async Task Train_FiftyUpdates_AreTheSameOnBothProcessors_AndEachReadsTheOthersPolicy()
    {
        foreach (string machine in (string[])["x64", "arm64"])
        {
            (int code, string output) = await edge.RobotRlAsync(machine, _directory, [.. s_fifty, "--run", machine]);
            Assert.True(code == 0, output);
        }

        PolicyFile x64 = PolicyFile.Load(Path.Combine(_directory, "x64/policy.safetensors")),
            arm64 = PolicyFile.Load(Path.Combine(_directory, "arm64/policy.safetensors"));
        Assert.Equal(x64.Block.Version, arm64.Block.Version);
        Assert.Equal(50, arm64.Block.Version);
        Assert.Equal(x64.Block.Parameters.Length, arm64.Block.Parameters.Length);
        Assert.True(x64.Block.Parameters.Max() > 0.1);
        Assert.All(x64.Block.Parameters.Zip(arm64.Block.Parameters), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

        await ReadsAsync("x64", "arm64");
        await ReadsAsync("arm64", "x64");
    }

    [Fact]
    public async Task Train_Resumed_GoesOn_AndIsEvaluatedAndDeployed()
    {
        (int code, string output) = await edge.RobotRlAsync("x64", _directory, [.. s_fifty, "--run", "run"]);
        Assert.True(code == 0, output);
        (code, output) = await edge.RobotRlAsync("x64", _directory, "train", "--run", "run", "--resume", "--steps", "400");
        Assert.True(code == 0, output);
        (code, output) = await edge.RobotRlAsync("x64", _directory, "eval", "run", "--episodes", "5", "--json");
        Assert.True(code == 0, output);
        Assert.Contains("\"episodes\": 5", output, StringComparison.Ordinal);
        (code, output) = await edge.RobotRlAsync("x64", _directory, "deploy", "run", "--set", "Run:Steps=20", "--set", "Loop:AutoArm=true");
        Assert.True(code == 0, output);
        Assert.Contains("0 bytes allocated by ticks", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("droq")]
    [InlineData("crossq")]
    [InlineData("td3")]
    [InlineData("avg")]
    [InlineData("stream-actor-critic")]
    [InlineData("ppo")]
    public async Task Train_EveryKindOfLearner_Learns(string algorithm)
    {
        (int code, string output) = await edge.RobotRlAsync(
            "x64",
            _directory,
            "train",
            "--steps",
            "200",
            "--run",
            "run",
            "--set",
            $"Learner:Algorithm={algorithm}"
        );
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Doctor_SaysWhatItComputesWith()
    {
        (int code, string output) = await edge.RobotRlAsync("arm64", _directory, "doctor");
        Assert.Equal(0, code);
        Assert.Contains("NEON", output, StringComparison.Ordinal);
        Assert.Contains("was built without TorchSharp", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_BackendThatIsNotInIt_SaysWhatToSet()
    {
        (int code, string output) = await edge.RobotRlAsync("x64", _directory, "train", "--set", "Learner:Backend=torch");
        Assert.Equal(2, code);
        Assert.Contains("Learner:Backend is \"torch\", and this program was built without TorchSharp", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    private async Task ReadsAsync(string reader, string writer)
    {
        (int code, string output) = await edge.RobotRlAsync(
            reader,
            _directory,
            "eval",
            Path.Combine(writer, "policy.safetensors"),
            "--episodes",
            "1",
            "--json"
        );
        Assert.True(code == 0, output);
        Assert.Contains("\"episodes\": 1", output, StringComparison.Ordinal);
    }
}
