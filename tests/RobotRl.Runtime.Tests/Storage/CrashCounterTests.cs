using System.Diagnostics;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Tests.Storage;

public sealed class CrashCounterTests
{
    [Fact]
    public void Set_ProcessGoesWithoutRemovingIt_NextFindsTheNumber()
    {
        using var directory = new TemporaryDirectory();
        using (CrashCounter first = CrashCounter.TryOpen("a", directory.Path)!)
        {
            Assert.Null(first.Left);
            first.Set(41);
            first.Set(42);
        }

        using CrashCounter second = CrashCounter.TryOpen("a", directory.Path)!;
        Assert.Equal(42, second.Left);
        using CrashCounter other = CrashCounter.TryOpen("b", directory.Path)!;
        Assert.Null(other.Left);
    }

    [Fact]
    public void Remove_NextFindsNothing()
    {
        using var directory = new TemporaryDirectory();
        using (CrashCounter first = CrashCounter.TryOpen("a", directory.Path)!)
        {
            first.Set(7);
            first.Remove();
        }

        Assert.Empty(Directory.GetFiles(directory.Path));
        using CrashCounter second = CrashCounter.TryOpen("a", directory.Path)!;
        Assert.Null(second.Left);
    }

    [Fact]
    public void TryOpen_NoSharedMemory_IsNull()
    {
        using var directory = new TemporaryDirectory();
        Assert.Null(CrashCounter.TryOpen("a", directory.File("none")));
    }

    [Fact]
    public void Set_AllocatesNothing()
    {
        using var directory = new TemporaryDirectory();
        using CrashCounter counter = CrashCounter.TryOpen("a", directory.Path)!;
        counter.Set(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i <= 1000; i++)
        {
            counter.Set(i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>
    /// A page that is only reserved costs nothing until it is touched; with the shared memory full, that ended the process.
    /// </summary>
    [Fact]
    public void TryOpen_SharedMemory_HoldsTheWholePageBeforeItIsMapped()
    {
        using var directory = new TemporaryDirectory();
        using CrashCounter counter = CrashCounter.TryOpen("a", directory.Path)!;
        using Process used = Process.Start(
            new ProcessStartInfo("stat", ["-c", "%b", directory.File("robotrl-a")]) { RedirectStandardOutput = true }
        )!;
        Assert.NotEqual("0", used.StandardOutput.ReadToEnd().Trim());
    }
}
