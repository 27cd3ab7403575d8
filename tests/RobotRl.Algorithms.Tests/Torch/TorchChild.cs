#if TORCH
using System.Diagnostics;
using System.Runtime.CompilerServices;
using RobotRl.Algorithms.Torch;
using TorchSharp;

namespace RobotRl.Algorithms.Tests.Torch;

/// <summary>
/// Loads libtorch in a process of its own, as that can be done once only: this test program again, told so by its environment.
/// </summary>
internal static class TorchChild
{
    private const string PathVariable = "ROBOTRL_TEST_TORCH_PATH",
        DeviceVariable = "ROBOTRL_TEST_TORCH_DEVICE",
        FolderVariable = "ROBOTRL_TEST_TORCH_FOLDER";

    /// <summary>Loads there; the answer is what the child printed.</summary>
    public static (int ExitCode, string Output) Run(
        string device,
        string? libTorchPath = null,
        string? programFolder = null,
        string? program = null
    )
    {
        var start = new ProcessStartInfo(program ?? Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[DeviceVariable] = device;
        start.Environment[PathVariable] = libTorchPath;
        start.Environment[FolderVariable] = programFolder;
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return (child.ExitCode, output + errors.Result);
    }

#pragma warning disable CA2255 // This is a program, and what must come before the test runner's Main.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void BeforeMain()
    {
        if (Environment.GetEnvironmentVariable(DeviceVariable) is not { Length: > 0 } device)
        {
            return;
        }

        try
        {
            var options = new TorchOptions
            {
                Device = device,
                LibTorchPath = Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } path ? path : null,
            };
            string? folder = Environment.GetEnvironmentVariable(FolderVariable);
            TorchRuntime runtime = string.IsNullOrEmpty(folder) ? TorchLibrary.Load(options) : TorchLibrary.Load(options, [folder]);
            Console.WriteLine($"{runtime.Device} {runtime.Version} in {runtime.Folder}, sum {Sum()}");
            foreach (
                string library in File.ReadLines("/proc/self/maps")
                    .Where(l => l.Contains("libtorch_cpu", StringComparison.Ordinal))
                    .Select(l => l[l.IndexOf('/', StringComparison.Ordinal)..])
                    .Distinct()
            )
            {
                Console.WriteLine($"mapped {library}");
            }

            Environment.Exit(0);
        }
        catch (TorchLibraryException exception)
        {
            Console.WriteLine(exception.Message);
            Environment.Exit(1);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Sum()
    {
        using torch.Tensor tensor = torch.ones(6);
        return tensor.sum().item<float>();
    }
}
#endif
