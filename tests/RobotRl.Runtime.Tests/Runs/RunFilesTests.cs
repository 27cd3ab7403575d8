using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Runs;

/// <summary>What stands in the place of a run's file is never waited for, followed or replaced.</summary>
public sealed class RunFilesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RunDirectory _run;
    private readonly string _precious;

    public RunFilesTests()
    {
        _run = RunDirectory.CreateAt(_directory.File("run"));
        File.WriteAllText(_run.OptionsPath, "{}");
        _precious = _directory.File("precious");
        File.WriteAllText(_precious, "precious");
    }

    public static TheoryData<string, string> Places()
    {
        var places = new TheoryData<string, string>();
        foreach (string kind in new[] { "a named pipe", "a symbolic link", "a directory" })
        {
            foreach (
                string file in new[]
                {
                    "options.json",
                    "metrics.jsonl",
                    "curve.svg",
                    "policy.safetensors",
                    "champion.safetensors",
                    "lock",
                    "lock.owner",
                    "options.json.tmp",
                    "journal/0000000000000000000.journal",
                    "checkpoints/00000001-step400.safetensors",
                    "events/events.out.tfevents.1",
                }
            )
            {
                places.Add(file, kind);
            }
        }

        places.Add("control.sock", "a named pipe");
        places.Add("control.sock", "a regular file");
        places.Add("stop.sock", "a named pipe");
        places.Add("journal", "a symbolic link");
        places.Add("checkpoints", "a regular file");
        return places;
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Places))]
    public void Open_SomethingElseInTheFilesPlace_IsRefusedByName(string file, string kind)
    {
        string path = Put(file, kind);

        foreach (bool write in new[] { false, true })
        {
            RunException refused = Assert.Throws<RunException>(() => RunDirectory.Open(_run.Path, write));
            Assert.StartsWith($"{path}: is {kind}; a run has ", refused.Message, StringComparison.Ordinal);
        }

        Assert.Throws<RunException>(() => RunDirectory.CreateAt(_run.Path));
        Assert.Equal("precious", File.ReadAllText(_precious));
    }

    [Fact]
    public void Open_FilesOfTheUsersOwn_AreLeftAlone()
    {
        Put("notes", "a named pipe");
        Put("data", "a symbolic link");
        Assert.Equal(_run.Path, RunDirectory.Open(_run.Path, write: true).Path);
    }

    [Fact]
    public void Open_RunNamedByALink_IsTheRun()
    {
        string link = _directory.File("link");
        Directory.CreateSymbolicLink(link, _run.Path);
        Assert.Equal(_run.Path, RunDirectory.Open(link, write: true).Path);
    }

    [Theory]
    [InlineData("a regular file")]
    [InlineData("a directory")]
    [InlineData("a named pipe")]
    public void Create_UsersOwnFileNamedLatest_IsKept(string kind)
    {
        string root = _directory.File("runs");
        Directory.CreateDirectory(root);
        string latest = Make(Path.Combine(root, "latest"), kind);
        RunDirectory.Create(root, "pendulum", "sac", new FakeTimeProvider());
        Assert.Null(new FileInfo(latest).LinkTarget);
        Assert.True(File.Exists(latest) || Directory.Exists(latest));
    }

    private string Put(string file, string kind)
    {
        string path = Path.Combine(_run.Path, file);
        if (Directory.Exists(path))
        {
            Directory.Delete(path);
        }

        File.Delete(path);
        return Make(path, kind);
    }

    private string Make(string path, string kind)
    {
        switch (kind)
        {
            case "a named pipe":
                using (Process made = Process.Start("mkfifo", [path]))
                {
                    made.WaitForExit();
                }

                break;
            case "a symbolic link":
                File.CreateSymbolicLink(path, _precious);
                break;
            case "a directory":
                Directory.CreateDirectory(path);
                break;
            default:
                File.WriteAllText(path, "mine");
                break;
        }

        return path;
    }
}
