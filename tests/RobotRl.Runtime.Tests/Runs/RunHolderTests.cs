using System.Diagnostics;
using System.Globalization;
using RobotRl.Runtime.Runs;

namespace RobotRl.Runtime.Tests.Runs;

/// <summary>Who holds a run is seen by its lock file, and nobody else is signalled.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class RunHolderTests : IDisposable
{
    private readonly string _run = Directory.CreateTempSubdirectory("robotrl-holder-").FullName;
    private readonly List<Process> _processes = [];

    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.Dispose();
        }

        if (Directory.Exists(_run))
        {
            Directory.Delete(_run, recursive: true);
        }
    }

    [Fact]
    public void Find_ProcessWithTheLockOpen_IsItAndNotTheOneThatIsNamed()
    {
        Process innocent = Shell("echo ready; exec sleep 60"),
            holder = Shell("exec 9<>lock; echo ready; exec sleep 60");
        Name(innocent);

        using RunHolder found = RunHolder.Find(_run)!;
        Assert.Equal((holder.Id, _run), (found.ProcessId, found.Directory));
        Assert.False(found.WaitForEnd(TimeSpan.Zero));
        Assert.True(found.TrySignal(RunHolder.Terminate));
        Assert.True(found.WaitForEnd(TimeSpan.FromSeconds(10)));
        Assert.False(innocent.HasExited);
    }

    [Fact]
    public void Find_NobodyHasTheLockOpenForWriting_IsNobody()
    {
        File.WriteAllText(Path.Combine(_run, "lock"), "");
        Process reader = Shell("exec 9<lock; echo ready; exec sleep 60");
        Name(reader);
        Assert.Null(RunHolder.Find(_run));
    }

    [Fact]
    public void Find_OwnProcess_IsNobody()
    {
        using RunLock held = RunLock.Take(_run);
        Assert.True(RunLock.IsHeld(_run));
        Assert.Null(RunHolder.Find(_run));
    }

    [Fact]
    public void TrySignal_ProcessHasEnded_ReachesNobody()
    {
        Process holder = Shell("exec 9<>lock; echo ready; exec sleep 60");
        using RunHolder found = RunHolder.Find(_run)!;
        holder.Kill();
        holder.WaitForExit();
        Assert.False(found.TrySignal(RunHolder.Terminate));
    }

    [Fact]
    public void Find_DirectoryRenamedOrLinked_IsFoundByItsNewName()
    {
        Process holder = Shell("exec 9<>lock; echo ready; exec sleep 60");
        string renamed = _run + "-renamed",
            link = _run + "-link";
        Directory.Move(_run, renamed);
        try
        {
            Directory.CreateSymbolicLink(link, renamed);
            using RunHolder? found = RunHolder.Find(renamed),
                linked = RunHolder.Find(link);
            Assert.Equal((holder.Id, holder.Id), (found?.ProcessId, linked?.ProcessId));
        }
        finally
        {
            File.Delete(link);
            Directory.Delete(renamed, recursive: true);
        }
    }

    [Fact]
    public void Find_DirectoryDeleted_IsFoundByTheNameItHad()
    {
        Process holder = Shell("exec 9<>lock; echo ready; exec sleep 60");
        Directory.Delete(_run, recursive: true);
        using RunHolder? found = RunHolder.Find(_run);
        Assert.Equal(holder.Id, found?.ProcessId);
    }

    private void Name(Process process) =>
        File.WriteAllText(Path.Combine(_run, "lock.owner"), process.Id.ToString(CultureInfo.InvariantCulture) + "\n");

    private Process Shell(string script)
    {
        Process process = Process.Start(
            new ProcessStartInfo("/bin/bash", ["-c", script]) { WorkingDirectory = _run, RedirectStandardOutput = true }
        )!;
        _processes.Add(process);
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        return process;
    }
}
