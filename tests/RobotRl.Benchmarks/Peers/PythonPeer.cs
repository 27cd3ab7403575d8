using System.Diagnostics;
using System.Globalization;

namespace RobotRl.Benchmarks.Peers;

/// <summary>A peer in a Python process of its own that works when told and says how long it took.</summary>
internal sealed class PythonPeer : IDisposable
{
    private const string Interpreter = "/usr/bin/python3";
    private readonly Process _process;

    private PythonPeer(Process process, string greeting)
    {
        _process = process;
        Greeting = greeting;
    }

    /// <summary>What the script said when ready.</summary>
    public string Greeting { get; }

    /// <summary>Starts a script beside the benchmarks, on one thread.</summary>
    /// <exception cref="InvalidOperationException">It did not start; the message says which packages to install.</exception>
    public static PythonPeer Start(string script)
    {
        var start = new ProcessStartInfo(Interpreter, [Path.Combine(AppContext.BaseDirectory, "Peers", script)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["OMP_NUM_THREADS"] = "1", ["OPENBLAS_NUM_THREADS"] = "1" },
        };
        Process? process = File.Exists(Interpreter) ? Process.Start(start) : null;
        string? greeting = process?.StandardOutput.ReadLine();
        if (process is null || greeting is null)
        {
            string reason = process is null ? $"{Interpreter} is missing" : process.StandardError.ReadToEnd().Trim().Split('\n')[^1];
            process?.Dispose();
            throw new InvalidOperationException($"{script}: {reason}. Install the peer with: apt-get install python3-torch libopenblas0-pthread");
        }

        return new(process, greeting);
    }

    /// <summary>Lets the peer do its work <paramref name="count"/> times and returns the seconds that it measured.</summary>
    public double Run(int count)
    {
        _process.StandardInput.WriteLine(count);
        return double.Parse(_process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Interpreter} ended: {_process.StandardError.ReadToEnd()}"), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
