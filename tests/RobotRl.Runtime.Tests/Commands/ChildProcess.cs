using System.Diagnostics;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>The built <c>robotrl</c>, or another program beside the tests, as a process of its own, in a fresh directory.</summary>
internal sealed class ChildProcess(string program = "robotrl") : IDisposable
{
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("robotrl-cli-").FullName;

    /// <summary>Variables of the process that are not this one's.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public int ExitCode { get; private set; }

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    /// <summary>Every file and directory below <see cref="Directory"/>.</summary>
    public IReadOnlyList<string> Files =>
        [
            .. System
                .IO.Directory.EnumerateFileSystemEntries(Directory, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(Directory, f)),
        ];

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    public string Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(Directory, name), text);
        return name;
    }

    public Process Start(params string[] arguments) => Start(redirectInput: false, arguments);

    public Process Start(bool redirectInput, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, program), arguments)
        {
            WorkingDirectory = Directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = redirectInput,
        };
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("ROBOTRL__", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in Variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    public async Task<ChildProcess> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        await FinishAsync(process);
        return this;
    }

    public async Task FinishAsync(Process process)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token),
                error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            (ExitCode, Output, Error) = (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
