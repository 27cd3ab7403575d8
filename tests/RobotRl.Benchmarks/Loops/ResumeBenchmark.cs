using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RobotRl.Algorithms.Randomness;
using RobotRl.Runtime.Composition;

namespace RobotRl.Benchmarks.Loops;

/// <summary>
/// Kills real training processes with SIGKILL at random moments, resumes them, and compares the end state's hash with an
/// uninterrupted run's.
/// </summary>
internal sealed class ResumeBenchmark : IBenchmark
{
    private const int Steps = 1500;

    public string Name => "resume";

    public string Summary => "runs that end bit-equal after SIGKILL at a random point and resume [kills, default 20]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        int kills = arguments.Count > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 20;
        string root = Directory.CreateTempSubdirectory("robotrl-resume-").FullName;
        try
        {
            string reference = Path.Combine(root, "reference");
            var clock = Stopwatch.StartNew();
            Finish(Train(reference));
            TimeSpan whole = clock.Elapsed;
            string expected = StateHash(reference);
            log.WriteLine($"uninterrupted: {Steps} steps in {whole.TotalSeconds:F1} s, state {expected[..16]}");
            var random = new CounterRandom(1, RandomPurpose.Simulation);
            int equal = 0;
            for (int kill = 0; kill < kills; kill++)
            {
                string run = Path.Combine(root, $"killed-{kill}");
                using Process process = Train(run);
                double moment = random.NextDouble(0.15, 0.95) * whole.TotalSeconds;
                process.WaitForExit(TimeSpan.FromSeconds(moment));
                bool killed = !process.HasExited;
                if (killed)
                {
                    process.Kill();
                    process.WaitForExit();
                }

                bool checkpoint =
                    Directory.Exists(Path.Combine(run, "checkpoints"))
                    && Directory.EnumerateFiles(Path.Combine(run, "checkpoints"), "*.safetensors").Any();
                if (killed && checkpoint)
                {
                    Finish(Start("train", "--run", run, "--resume"));
                }
                else if (killed)
                {
                    // Nothing was saved yet, so nothing can be resumed: the run starts anew in an empty directory.
                    if (Directory.Exists(run))
                    {
                        Directory.Delete(run, recursive: true);
                    }

                    Finish(Train(run));
                }

                bool same = StateHash(run) == expected;
                equal += same ? 1 : 0;
                log.WriteLine(
                    $"kill {kill + 1} after {moment:F2} s "
                        + $"({(!killed ? "had ended" : checkpoint ? "resumed" : "before the first checkpoint: begun anew")}): "
                        + $"{(same ? "equal" : "DIFFERENT")}"
                );
            }

            return new BenchmarkResult(Name, equal, "equal runs", "runs killed", kills, (double)equal / kills, "all equal", equal == kills);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static Process Train(string run) =>
        Start(
            "train",
            "--run",
            run,
            "--seed",
            "3",
            "--steps",
            Steps.ToString(CultureInfo.InvariantCulture),
            "--set",
            "Learner:Sac:HiddenWidth=64",
            "--set",
            "Checkpoint:EverySteps=100",
            "--set",
            "Run:EvaluationEpisodes=0"
        );

    private static string StateHash(string run)
    {
        using Process process = Start("inspect", run, "--json");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        using var document = JsonDocument.Parse(output);
        return document.RootElement.GetProperty("checkpoint").GetProperty("learnerSha256").GetString()!;
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(ExitCode).Assembly.Location);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    private static void Finish(Process process)
    {
        using (process)
        {
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"robotrl ended with exit code {process.ExitCode}.");
            }
        }
    }
}
