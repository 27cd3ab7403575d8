using System.Diagnostics;

namespace RobotRl.Edge.Tests;

/// <summary>
/// The edge programs for both processors, built once by the script that users call; or already in <c>$ROBOTRL_EDGE/x64</c> (with
/// the portable one) and <c>arm64</c>.
/// </summary>
public sealed class EdgeBuild : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly string? _built = Environment.GetEnvironmentVariable("ROBOTRL_EDGE");
    private readonly string _own = Directory.CreateTempSubdirectory("robotrl-edge-").FullName;

    public string Folder => _built ?? _own;

    public async ValueTask InitializeAsync()
    {
        if (_built is not null)
        {
            return;
        }

        // One after the other: each takes every core.
        foreach (string machine in (string[])["x64", "x64-portable", "arm64"])
        {
            (int code, string output) = await RunAsync(
                Path.Combine(Repository.Root, "deploy/edge/build.sh"),
                Folder,
                machine,
                Path.Combine(Folder, machine.Split('-')[0])
            );
            Assert.True(code == 0, output);
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_own, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Runs robotrl for <paramref name="machine"/> in <paramref name="directory"/>, the one for arm64 in qemu. Exit code, and
    /// both outputs.
    /// </summary>
    public Task<(int Code, string Output)> RobotRlAsync(string machine, string directory, params string[] arguments)
    {
        string program = Path.Combine(Folder, machine, "robotrl");
        return
            machine == "arm64"
            && System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.Arm64
            ? RunAsync("qemu-aarch64-static", directory, [program, .. arguments])
            : RunAsync(program, directory, arguments);
    }

    /// <summary>Runs the x64 robotrl in <paramref name="folder"/> on an emulated processor of 2008, which has no AVX.</summary>
    public static Task<(int Code, string Output)> OnOldProcessorAsync(string folder, string directory, params string[] arguments) =>
        RunAsync("qemu-x86_64-static", directory, ["-cpu", "Nehalem", Path.Combine(folder, "robotrl"), .. arguments]);

    private static async Task<(int Code, string Output)> RunAsync(string program, string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("ROBOTRL__", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        using Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token),
                error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
