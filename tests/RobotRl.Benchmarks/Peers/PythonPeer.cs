using System.Diagnostics;
using System.Globalization;

namespace RobotRl.Benchmarks.Peers;

/// <summary>A peer in a Python process of its own that works when told and says how long it took.</summary>
internal sealed class PythonPeer : IDisposable
{
    private const string Interpreter = "/usr/bin/python3";
    private const int TrialTurns = 3;
    private readonly Process _process;

    private PythonPeer(Process process, string greeting)
    {
        _process = process;
        Greeting = greeting;
    }

    /// <summary>What the script said when it was ready: the release of PyTorch and the kernel of OpenBLAS.</summary>
    public string Greeting { get; }

    /// <summary>
    /// Starts a script beside the benchmarks on one thread, once with each kernel of OpenBLAS that the processor has, and keeps the
    /// fastest of those whose results agree with float64 (the script checks them).
    /// </summary>
    /// <param name="script">The script's file name.</param>
    /// <param name="updates">Updates in each trial turn.</param>
    /// <param name="log">Takes a line for each kernel.</param>
    /// <exception cref="InvalidOperationException">None started; the message says why, and which packages to install.</exception>
    public static PythonPeer StartFastest(string script, int updates, TextWriter log)
    {
        PythonPeer? fastest = null;
        double shortest = double.PositiveInfinity;
        string? problem = null;
        foreach (string? kernel in BlasKernel.Candidates())
        {
            PythonPeer peer;
            double seconds;
            try
            {
                peer = Start(script, kernel);
                seconds = Enumerable.Range(0, TrialTurns).Min(_ => peer.Run(updates));
            }
            catch (InvalidOperationException exception)
            {
                problem = exception.Message;
                log.WriteLine($"{script}, kernel {kernel ?? "of its own choice"}: not used. {problem}");
                continue;
            }

            log.WriteLine(
                FormattableString.Invariant(
                    $"{script}, kernel {kernel ?? "of its own choice"} ({peer.Greeting}): {updates / seconds:F1} updates/s"
                )
            );
            if (seconds < shortest)
            {
                fastest?.Dispose();
                (fastest, shortest) = (peer, seconds);
            }
            else
            {
                peer.Dispose();
            }
        }

        return fastest ?? throw new InvalidOperationException(problem);
    }

    /// <summary>Lets the peer do its work <paramref name="count"/> times and returns the processor seconds that it measured.</summary>
    /// <exception cref="InvalidOperationException">It ended; the message holds its last words.</exception>
    public double Run(int count)
    {
        try
        {
            _process.StandardInput.WriteLine(count);
            if (_process.StandardOutput.ReadLine() is { } seconds)
            {
                return double.Parse(seconds, CultureInfo.InvariantCulture);
            }
        }
        catch (IOException)
        {
            // The pipe is broken since the process ended: its own words say why.
        }

        throw new InvalidOperationException($"{Interpreter} ended: {_process.StandardError.ReadToEnd()}");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static PythonPeer Start(string script, string? kernel)
    {
        var start = new ProcessStartInfo(Interpreter, [Path.Combine(AppContext.BaseDirectory, "Peers", script)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["OMP_NUM_THREADS"] = "1",
                ["OPENBLAS_NUM_THREADS"] = "1",
                ["PYTHONDONTWRITEBYTECODE"] = "1",
            },
        };
        BlasKernel.Apply(start.Environment, kernel);
        Process? process = File.Exists(Interpreter) ? Process.Start(start) : null;
        string? greeting = process?.StandardOutput.ReadLine();
        if (process is null || greeting is null)
        {
            string reason = process is null ? $"{Interpreter} is missing" : process.StandardError.ReadToEnd().Trim().Split('\n')[^1];
            process?.Dispose();
            throw new InvalidOperationException(
                $"{script}: {reason}. Install the peer with: apt-get install python3-torch libopenblas0-pthread"
            );
        }

        return new(process, greeting);
    }
}
