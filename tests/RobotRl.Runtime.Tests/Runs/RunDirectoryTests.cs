using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Runs;

public sealed class RunDirectoryTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 12, 30, 5, TimeSpan.Zero);

    [Fact]
    public void Create_SeveralInOneSecond_HaveNumbersAndLatestPointsAtTheLast()
    {
        using var directory = new TemporaryDirectory();
        var time = new FakeTimeProvider(s_start);
        string root = directory.File("runs");
        RunDirectory first = RunDirectory.Create(root, "pendulum", "sac", time),
            second = RunDirectory.Create(root, "pendulum", "sac", time);
        Assert.Equal(("20260301T123005Z-pendulum-sac-1", "20260301T123005Z-pendulum-sac-2"), (first.Name, second.Name));
        Assert.True(Directory.Exists(first.JournalPath) && Directory.Exists(first.CheckpointsPath) && Directory.Exists(first.EventsPath));
        Assert.Equal(second.Path, RunDirectory.Open(Path.Combine(root, "latest")).Path);
        time.Advance(TimeSpan.FromDays(1));
        RunDirectory third = RunDirectory.Create(root, "my robot/2", "sac", time);
        Assert.Equal("20260302T123005Z-my-robot-2-sac-1", third.Name);
        Assert.Equal(third, RunDirectory.FindNewest(root));
        Assert.Equal(third.Path, RunDirectory.Open(Path.Combine(root, "latest")).Path);
    }

    [Fact]
    public async Task Create_ManyAtOnce_GivesEachItsOwn()
    {
        using var directory = new TemporaryDirectory();
        var time = new FakeTimeProvider(s_start);
        RunDirectory[] runs = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => Task.Run(() => RunDirectory.Create(directory.Path, "r", "a", time)))
        );
        Assert.Equal(16, runs.Select(r => r.Path).Distinct().Count());
    }

    [Fact]
    public void FindNewest_OtherDirectories_AreNotRuns()
    {
        using var directory = new TemporaryDirectory();
        Assert.Null(RunDirectory.FindNewest(directory.File("none")));
        Directory.CreateDirectory(directory.File("zzz"));
        Assert.Null(RunDirectory.FindNewest(directory.Path));
    }

    [Fact]
    public void Open_NoRun_SaysWhatToGive()
    {
        using var directory = new TemporaryDirectory();
        Assert.Contains(
            "no such run directory",
            Assert.Throws<RunException>(() => RunDirectory.Open(directory.File("none"))).Message,
            StringComparison.Ordinal
        );
        RunException error = Assert.Throws<RunException>(() => RunDirectory.Open(directory.Path));
        Assert.StartsWith($"{directory.Path}: not a run directory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteOptions_Twice_ReplacesWhole_NamesTheRunAndItsOwnSum()
    {
        using var directory = new TemporaryDirectory();
        RunDirectory run = RunDirectory.CreateAt(directory.File("r"));
        RunId id = RunId.New();
        run.WriteOptions("{\"long\":\"text\"}", id);
        run.WriteOptions("{}", id);
        RunOptionsFile file = RunOptionsFile.Read(run.OptionsPath);
        Assert.Equal((id, true, null), (file.Run, file.IsSigned, file.Damage));
        Assert.DoesNotContain("text", File.ReadAllText(run.OptionsPath), StringComparison.Ordinal);
        Assert.Equal(run, RunDirectory.Open(run.Path));
    }

    [Fact]
    public void WriteOptions_IsSyncedBeforeItIsRenamed_AndADiskThatRefusesLeavesTheOldOnes()
    {
        using var directory = new TemporaryDirectory();
        RunDirectory run = RunDirectory.CreateAt(directory.File("r"));
        var files = new FaultyFiles();
        run.WriteOptions("{\"a\": 1}", new RunId(1), files);
        Assert.Equal(1, files.Syncs);
        files.SyncFails = true;
        Assert.Throws<RunException>(() => run.WriteOptions("{\"a\": 2}", new RunId(1), files));
        Assert.Contains("\"a\": 1", File.ReadAllText(run.OptionsPath), StringComparison.Ordinal);
        Assert.False(File.Exists(run.OptionsPath + ".tmp"));
    }

    [Fact]
    public void ReadOptions_AnyFlippedBit_IsNoticed()
    {
        using var directory = new TemporaryDirectory();
        RunDirectory run = RunDirectory.CreateAt(directory.File("r"));
        run.WriteOptions("{\"Run\": {\"Seed\": 17}}", RunId.New());
        byte[] good = File.ReadAllBytes(run.OptionsPath);
        Assert.Null(RunOptionsFile.Read(run.OptionsPath).Damage);
        for (int bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(run.OptionsPath, bad);
            Assert.True(RunOptionsFile.Read(run.OptionsPath).Damage is not null, $"bit {bit}: {File.ReadAllText(run.OptionsPath)}");
        }
    }

    [Fact]
    public void Lock_SecondHandle_IsRefusedWithThePidUntilReleased()
    {
        using var directory = new TemporaryDirectory();
        RunDirectory run = RunDirectory.CreateAt(directory.File("r"));
        Assert.Null(RunLock.Holder(run.Path));
        using (run.Lock())
        {
            RunException error = Assert.Throws<RunException>(run.Lock);
            Assert.Equal(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{run.Path}: process {Environment.ProcessId} is working on this run. Stop it first, or choose another run directory."
                ),
                error.Message
            );
            Assert.Equal(Environment.ProcessId, RunLock.Holder(run.Path));
        }

        Assert.Null(RunLock.Holder(run.Path));
        run.Lock().Dispose();
    }

    [Fact]
    public void Lock_OtherProcessThenKilled_IsRefusedThenFree()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/flock"), "needs flock of util-linux");
        using var directory = new TemporaryDirectory();
        RunDirectory run = RunDirectory.CreateAt(directory.File("r"));
        run.Lock().Dispose();

        // The other process takes the same kernel lock that we take, says who it is, and waits.
        var start = new ProcessStartInfo("flock") { RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (
            string argument in (string[])
                ["-F", "-x", Path.Combine(run.Path, "lock"), "sh", "-c", "echo $$ > \"$0\"/lock.owner; echo ready; exec cat", run.Path]
        )
        {
            start.ArgumentList.Add(argument);
        }

        using Process other = Process.Start(start)!;
        try
        {
            Assert.Equal("ready", other.StandardOutput.ReadLine());
            string message = Assert.Throws<RunException>(run.Lock).Message;
            Assert.Contains(
                string.Create(CultureInfo.InvariantCulture, $"process {other.Id} is working on this run"),
                message,
                StringComparison.Ordinal
            );
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }

        using RunLock ours = run.Lock();
        Assert.Equal(Environment.ProcessId, RunLock.Holder(run.Path));
    }

    [Fact]
    public void CreateAndLock_ReadOnlyDirectory_IsOneClearMessage()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        using var directory = new TemporaryDirectory();
        string root = directory.File("read-only");
        Directory.CreateDirectory(root);
        bool mounted = Run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", root);
        if (!mounted && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(root, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        try
        {
            string reason = mounted ? "the file system is read-only" : "permission denied";
            foreach (Action attempt in (Action[])[() => RunDirectory.Create(root, "r", "a", TimeProvider.System), () => RunLock.Take(root)])
            {
                Assert.Equal(
                    $"{root}: cannot be written: {reason}. Choose a run directory that this user may write (--run DIR).",
                    Assert.Throws<RunException>(attempt).Message
                );
            }

            Assert.Empty(Directory.EnumerateFileSystemEntries(root));
        }
        finally
        {
            if (mounted)
            {
                Run("umount", root);
            }
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Killed or refused before its first file, a run could neither begin nor go on.</summary>
    [Fact]
    public void NeverBegan_FoldersAndLocksOnly_IsSo_AndIsTakenAway()
    {
        using var directory = new TemporaryDirectory();
        RunDirectory run = RunDirectory.CreateAt(directory.File("run"));
        run.Lock().Dispose();
        Assert.True(RunDirectory.NeverBegan(run.Path));
        File.WriteAllText(Path.Combine(run.JournalPath, "x.journal"), "x");
        Assert.False(RunDirectory.NeverBegan(run.Path));
        run.RemoveUnbegun(whole: true);
        Assert.True(File.Exists(Path.Combine(run.JournalPath, "x.journal")));
        File.Delete(Path.Combine(run.JournalPath, "x.journal"));
        File.WriteAllText(Path.Combine(run.Path, "mine.txt"), "mine");
        Assert.False(RunDirectory.NeverBegan(run.Path));
        File.Delete(Path.Combine(run.Path, "mine.txt"));
        run.RemoveUnbegun(whole: false);
        Assert.Empty(Directory.EnumerateFileSystemEntries(run.Path));
        run.RemoveUnbegun(whole: true);
        Assert.False(Directory.Exists(run.Path));
    }
}
