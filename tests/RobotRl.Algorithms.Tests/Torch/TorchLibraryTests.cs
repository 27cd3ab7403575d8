#if TORCH
using System.Text.Json.Nodes;
using RobotRl.Algorithms.Torch;

namespace RobotRl.Algorithms.Tests.Torch;

public sealed class TorchLibraryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("robotrl-torch-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_OwnLibrary_ComputesAndCopiesNothing()
    {
        (int code, string output) = TorchChild.Run("auto");
        Assert.True(code == 0, output);
        Assert.Contains("2.10", output, StringComparison.Ordinal);
        Assert.Contains("sum 6", output, StringComparison.Ordinal);
        AssertNothingCopied();
    }

    [Fact]
    public void Load_Twice_KeepsTheLibraryAndTakesNewThreads()
    {
        TorchRuntime first = TorchLibrary.Load(new TorchOptions()),
            second = TorchLibrary.Load(new TorchOptions { Device = "cpu", Threads = 2 });
        Assert.Equal(2, TorchSharp.torch.get_num_threads());
        TorchLibrary.Load(new TorchOptions());
        Assert.Equal(1, TorchSharp.torch.get_num_threads());
        Assert.Equal(first.Folder, second.Folder);
        Assert.Equal("cpu", second.Device);
        Assert.True(TorchLibrary.IsBuiltIn);
        AssertNothingCopied();
    }

    [Fact]
    public void Load_OtherPathAfterwards_Throws()
    {
        TorchLibrary.Load(new TorchOptions());
        Assert.Contains(
            "loaded already",
            Assert.Throws<TorchLibraryException>(() => TorchLibrary.Load(new TorchOptions { LibTorchPath = _folder })).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("lib")]
    public void Load_LibTorchPathOfAProgramWithoutItsOwn_UsesThatOneOnly(string under)
    {
        string given = Path.Combine(_folder, "given"),
            lib = Directory.CreateDirectory(Path.Combine(given, under)).FullName;
        foreach (
            string file in Directory.GetFiles(LibTorchFolder()).Where(file => !file.Contains("LibTorchSharp", StringComparison.Ordinal))
        )
        {
            File.CreateSymbolicLink(Path.Combine(lib, Path.GetFileName(file)), file);
        }

        (int code, string output) = TorchChild.Run("cpu", given, program: ProgramWithoutLibTorch());
        Assert.True(code == 0, output);
        Assert.Contains("sum 6", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'), line => line.StartsWith("mapped", StringComparison.Ordinal));
        AssertNothingCopied();
    }

    [Fact]
    public void Load_LibTorchPathBesideItsOwn_IsRefused()
    {
        File.WriteAllText(Path.Combine(_folder, "libtorch_cpu.so"), "");
        AssertRefused(TorchChild.Run("cpu", _folder), "brings its own libtorch", "-p:TorchBackend=external");
    }

    [Fact]
    public void Load_EmptyLibTorchPath_SaysWhatIsMissingWhere() =>
        AssertRefused(
            TorchChild.Run("cpu", _folder, program: ProgramWithoutLibTorch()),
            "libtorch_cpu.so: it is not in " + _folder,
            "LibTorchPath"
        );

    [Fact]
    public void Load_NoLibraryOfOurOwn_SaysWhatIsMissingWhere() =>
        AssertRefused(TorchChild.Run("cpu", null, _folder), "libLibTorchSharp.so: it is not in " + _folder, "Build or publish");

    [Fact]
    public void Load_CorruptFile_IsNamed()
    {
        File.WriteAllText(Path.Combine(_folder, "libc10.so"), "no library");
        File.WriteAllText(Path.Combine(_folder, "libtorch_cpu.so"), "no library");
        AssertRefused(
            TorchChild.Run("cpu", _folder, program: ProgramWithoutLibTorch()),
            Path.Combine(_folder, "libc10.so") + ": it is not a 64-bit ELF library (10 bytes)"
        );
    }

    [Fact]
    public void Load_FileCutOff_IsNamed()
    {
        foreach (string name in new[] { "libc10.so", "libtorch_cpu.so" })
        {
            byte[] whole = File.ReadAllBytes(Path.Combine(LibTorchFolder(), name));
            File.WriteAllBytes(Path.Combine(_folder, name), name == "libc10.so" ? whole[..(whole.Length / 2)] : []);
        }

        AssertRefused(TorchChild.Run("cpu", _folder, program: ProgramWithoutLibTorch()), "libc10.so: it is cut off");
    }

    [Fact]
    public void Load_SymbolMissing_IsNamedAndNothingIsCalled() =>
        AssertRefused(
            RunWithChangedBridge("_ZN2at4_ops4mean4call", "_ZN2at4_ops4mean4cbll"),
            "undefined symbol: _ZN2at4_ops4mean4cbll",
            "does not fit"
        );

    [Fact]
    public void Load_NewerStandardLibraryNeeded_IsNamed() =>
        AssertRefused(
            RunWithChangedBridge("GLIBCXX_3.4.21", "GLIBCXX_9.9.99"),
            "GLIBCXX_9.9.99' not found",
            "This system's C or C++ library is older"
        );

    [Fact]
    public void Load_CudaWhereThereIsNone_SaysWhatToDo()
    {
        if (TorchLibrary.Load(new TorchOptions()).HasCuda)
        {
            Assert.Skip("This machine has CUDA.");
        }

        (int code, string output) = TorchChild.Run("cuda");
        AssertRefused((code, output), "libtorch_cuda.so", "Device to cpu or auto");
    }

    [Fact]
    public void Validate_AllWrong_NamesEverything() =>
        Assert.Equal(
            [
                "Learner:Torch:Device is \"gpu\"; allowed: auto, cpu, cuda. Set it to one of them.",
                "Learner:Torch:LibTorchPath is empty; allowed: a folder that holds libtorch, or nothing. Name the folder or "
                    + "leave the key out.",
                "Learner:Torch:Threads is 0; allowed: 1 to 1024. Set it to the cores that the learner may have.",
            ],
            new TorchOptions
            {
                Device = "gpu",
                LibTorchPath = "",
                Threads = 0,
            }.Validate("Learner:Torch")
        );

    [Fact]
    public void Validate_Defaults_AreValid() => Assert.Empty(new TorchOptions().Validate("Learner:Torch"));

    private static string LibTorchFolder() => TorchLibrary.Load(new TorchOptions()).Folder;

    private static void AssertRefused((int Code, string Output) child, params string[] words)
    {
        Assert.Equal(1, child.Code);
        Assert.All(words, word => Assert.True(child.Output.Contains(word, StringComparison.Ordinal), child.Output));

        // One line, and none of TorchSharp's own trace.
        Assert.Single(child.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        AssertNothingCopied();
    }

    private static void AssertNothingCopied() =>
        Assert.DoesNotContain(Directory.GetDirectories(AppContext.BaseDirectory).Select(Path.GetFileName), name =>
            name == "cpu" || name!.StartsWith("cuda", StringComparison.Ordinal)
        );

    // TorchSharp's library with one name in it replaced: what a wrong libtorch or an old system looks like to the linker.
    private (int Code, string Output) RunWithChangedBridge(string name, string replacement)
    {
        string own = LibTorchFolder();
        byte[] library = File.ReadAllBytes(
            NativeTorch.ProgramFolders.Select(folder => Path.Combine(folder, "libLibTorchSharp.so")).First(File.Exists)
        );
        byte[] from = System.Text.Encoding.ASCII.GetBytes(name),
            to = System.Text.Encoding.ASCII.GetBytes(replacement);
        int place = library.AsSpan().IndexOf(from);
        Assert.True(place > 0);
        to.CopyTo(library, place);
        File.WriteAllBytes(Path.Combine(_folder, "libLibTorchSharp.so"), library);
        foreach (string file in Directory.GetFiles(own).Where(file => !file.Contains("LibTorchSharp", StringComparison.Ordinal)))
        {
            File.CreateSymbolicLink(Path.Combine(_folder, Path.GetFileName(file)), file);
        }

        return TorchChild.Run("cpu", null, _folder);
    }

    // This test program as -p:TorchBackend=external builds it.
    private string ProgramWithoutLibTorch()
    {
        string from = AppContext.BaseDirectory,
            program = Directory.CreateDirectory(Path.Combine(_folder, "program")).FullName;
        foreach (
            string file in Directory
                .GetFiles(from, "*", SearchOption.AllDirectories)
                .Where(file => !Path.GetFileName(file).StartsWith("libtorch", StringComparison.Ordinal))
        )
        {
            string copy = Path.Combine(program, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (Path.GetExtension(file) != ".so")
            {
                File.Copy(file, copy);
            }
            else
            {
                File.CreateSymbolicLink(copy, file);
            }
        }

        string dependencies = Path.Combine(program, "RobotRl.Algorithms.Tests.deps.json");
        JsonNode root = JsonNode.Parse(File.ReadAllText(dependencies))!;
        root["targets"]!.AsObject().First().Value!["libtorch-cpu-linux-x64/2.10.0"]!.AsObject().Remove("runtimeTargets");
        File.WriteAllText(dependencies, root.ToJsonString());
        return Path.Combine(program, "RobotRl.Algorithms.Tests");
    }
}
#endif
