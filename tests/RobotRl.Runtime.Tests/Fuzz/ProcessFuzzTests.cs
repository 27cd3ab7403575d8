using System.Globalization;
using System.Security.Cryptography;
using RobotRl.Runtime.Commands.Inspect;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Tests.Commands;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Fuzz;

/// <summary>
/// The built program with damaged settings, odd assignments and damaged runs: it works or refuses in words, never with a stack
/// trace, a signal
/// or a hang, and what it refuses it leaves as it was.
/// </summary>
[Collection(AloneGroup.Name)]
public sealed class ProcessFuzzTests : IAsyncLifetime
{
    private const int Processes = 200,
        InProcess = 2000,
        FirstCase = 20_000;

    private static readonly string[] s_short =
    [
        "--set",
        "Run:Steps=40",
        "--set",
        "Run:EvaluationEpisodes=0",
        "--set",
        "Learner:Sac:LearningStarts=20",
    ];

    private readonly ChildProcess _base = new();

    private string Run => Path.Combine(_base.Directory, "base");

    public async ValueTask InitializeAsync()
    {
        await _base.RunAsync(["train", "--run", "base", .. s_short, "--set", "Checkpoint:EverySteps=15"]);
        Assert.True(_base.ExitCode == ExitCode.Done, _base.Error);
    }

    public ValueTask DisposeAsync()
    {
        _base.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Processes_DamagedSettingsAndRuns_EndInWordsAndTouchNothingTheyRefuse()
    {
        byte[][] settings =
        [
            .. Repository
                .Files("deploy", "*.json")
                .Where(f => !f.EndsWith("schema.json", StringComparison.Ordinal))
                .Select(File.ReadAllBytes),
        ];
        var options = new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(FuzzCase.Take(Processes, FirstCase), options, async (fuzz, _) =>
        {
            using var child = new ChildProcess();
            string run = Path.Combine(child.Directory, "run"),
                what;
            string[] arguments;
            switch (fuzz.Index % 4)
            {
                case 0:
                    byte[] bytes = fuzz.Damage(fuzz.Pick(settings));
                    await File.WriteAllBytesAsync(Path.Combine(child.Directory, "settings.json"), bytes, options.CancellationToken);
                    what = "settings file";
                    arguments =
                    [
                        "train",
                        "settings.json",
                        "--run",
                        "run",
                        "--set",
                        "Robot:Name=pendulum",
                        "--set",
                        "Loop:Clock=Lockstep",
                        .. s_short,
                    ];
                    break;
                case 1:
                    what = $"Run:{fuzz.Pick(["Seed", "Steps", "Directory", "EvaluationEpisodes"])}={fuzz.Value()}";
                    arguments = ["train", .. s_short, "--set", "Run:Directory=run", "--set", what, "--set", "Run:Steps=40"];
                    break;
                default:
                    Copy(Run, run);
                    what = DamageOne(fuzz, run);
                    arguments = fuzz.Next(4) switch
                    {
                        0 => ["inspect", "run"],
                        1 => ["eval", "run", "--episodes", "1"],
                        _ => ["train", "--run", "run", "--resume", "--steps", "60"],
                    };
                    break;
            }

            string before = State(run);
            await child.RunAsync(arguments);
            fuzz.Check($"{what}: robotrl {string.Join(' ', arguments)}", () =>
            {
                Assert.True(child.ExitCode is ExitCode.Done or ExitCode.BadInput, $"exit code {child.ExitCode}: {child.Error}");
                Assert.DoesNotContain("\n   at ", child.Error, StringComparison.Ordinal);
                if (child.ExitCode == ExitCode.BadInput)
                {
                    Assert.False(string.IsNullOrWhiteSpace(child.Error), "no message");
                    Assert.Equal(before, State(run));
                }
            });
        });
    }

    [Fact]
    public void InProcess_DamagedFileOfARun_IsReadOrRefusedByName()
    {
        using var directory = new TemporaryDirectory();
        foreach (FuzzCase fuzz in FuzzCase.Take(InProcess, FirstCase + Processes))
        {
            string run = directory.File(fuzz.Index.ToString(CultureInfo.InvariantCulture));
            Copy(Run, run);
            string what = DamageOne(fuzz, run);
            fuzz.Check(what, () =>
            {
                try
                {
                    RunDirectory opened = RunDirectory.Open(run);
                    _ = RunInspection.Of(opened);
                    _ = PolicyFile.Load(opened.PolicyPath);
                }
                catch (Exception e) when (e is RunException or PolicyFileException or BadInputException)
                {
                    Assert.Contains(run, e.Message, StringComparison.Ordinal);
                }
            });
            Directory.Delete(run, recursive: true);
        }
    }

    /// <summary>Damages one file of a run, or takes it away; returns which and how.</summary>
    private static string DamageOne(FuzzCase fuzz, string run)
    {
        string[] files =
        [
            .. Directory
                .EnumerateFiles(run, "*", SearchOption.AllDirectories)
                .Where(f => !f.Contains("lock", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
        string file = fuzz.Pick(files),
            name = Path.GetRelativePath(run, file);
        switch (fuzz.Next(8))
        {
            case 0:
                File.Delete(file);
                return $"{name} deleted";
            case 1:
                File.WriteAllBytes(file, []);
                return $"{name} empty";
            case 2:
                string other = fuzz.Pick(files);
                if (other != file)
                {
                    File.Copy(other, file, overwrite: true);
                }

                return $"{name} replaced by {Path.GetRelativePath(run, other)}";
            default:
                File.WriteAllBytes(file, fuzz.Damage(File.ReadAllBytes(file)));
                return $"{name} damaged";
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string folder in Directory.EnumerateDirectories(from))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }

        foreach (string file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    /// <summary>Names and hashes of all files of a run but its locks; empty where there is no run.</summary>
    private static string State(string run) =>
        !Directory.Exists(run)
            ? ""
            : string.Join(
                '\n',
                Directory
                    .EnumerateFiles(run, "*", SearchOption.AllDirectories)
                    .Where(f => !Path.GetFileName(f).StartsWith("lock", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal)
                    .Select(f => $"{Path.GetRelativePath(run, f)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))}")
            );
}
