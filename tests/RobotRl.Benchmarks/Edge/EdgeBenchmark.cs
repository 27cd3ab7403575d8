using System.Diagnostics;

namespace RobotRl.Benchmarks.Edge;

/// <summary>The native edge programs: how large, and how soon the one for this processor answers.</summary>
/// <remarks>
/// Arguments: a folder that already holds <c>x64/robotrl</c>, <c>x64-portable/robotrl-portable</c> and <c>arm64/robotrl</c>;
/// without it all are built (some minutes).
/// </remarks>
internal sealed class EdgeBenchmark : IBenchmark
{
    private const int Starts = 21;
    private const double MostMegabytes = 20,
        MostMs = 100;
    private static readonly (string Machine, string Program)[] s_programs =
    [
        ("x64", "robotrl"),
        ("x64-portable", "robotrl-portable"),
        ("arm64", "robotrl"),
    ];

    public string Name => "edge";

    public string Summary =>
        "native edge programs: megabytes, and milliseconds until `robotrl --version` and `robotrl inspect` have ended on x64 [folder]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        string folder = arguments.Count > 0 ? arguments[0] : Build(log);
        double largest = 0;
        foreach ((string machine, string name) in s_programs)
        {
            double megabytes = new FileInfo(Path.Combine(folder, machine, name)).Length / 1e6;
            log.WriteLine(FormattableString.Invariant($"{machine}: {megabytes:F2} MB"));
            largest = Math.Max(largest, megabytes);
        }

        string program = Path.Combine(folder, "x64", "robotrl"),
            run = Directory.CreateTempSubdirectory("robotrl-edge-").FullName;
        try
        {
            Start(program, run, "train", "--run", "run", "--steps", "10");
            double version = Median(() => Start(program, run, "--version")),
                inspect = Median(() => Start(program, run, "inspect", "run"));
            log.WriteLine(
                FormattableString.Invariant($"robotrl --version: {version:F1} ms; robotrl inspect: {inspect:F1} ms (medians of {Starts})")
            );
            return new(
                Name,
                largest,
                "MB, the largest",
                null,
                null,
                null,
                FormattableString.Invariant(
                    $"{MostMegabytes} MB; {MostMs} ms until it answers (slower of both: {Math.Max(version, inspect):F1} ms)"
                ),
                largest <= MostMegabytes && Math.Max(version, inspect) <= MostMs
            );
        }
        finally
        {
            Directory.Delete(run, recursive: true);
        }
    }

    private static string Build(TextWriter log)
    {
        string folder = Directory.CreateTempSubdirectory("robotrl-edge-").FullName;
        string root = Repository.Found
            ?? throw new InvalidOperationException("RobotRl.sln is in no folder above this program: name a folder with the programs.");
        foreach ((string machine, _) in s_programs)
        {
            log.WriteLine($"building {machine}");
            Start(Path.Combine(root, "deploy/edge/build.sh"), root, machine, Path.Combine(folder, machine));
        }

        return folder;
    }

    private static double Median(Func<double> measure) => Enumerable.Range(0, Starts).Select(_ => measure()).Order().ElementAt(Starts / 2);

    /// <summary>Milliseconds from start to end.</summary>
    private static double Start(string program, string directory, params string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = directory,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return process.ExitCode == 0
            ? ms
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error.GetAwaiter().GetResult()}");
    }
}
