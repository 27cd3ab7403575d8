using Microsoft.Extensions.Time.Testing;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Tests.Storage;
using static RobotRl.Runtime.Tests.Journal.JournalFixture;

namespace RobotRl.Runtime.Tests.Journal;

public sealed class JournalWriterTests
{
    [Fact]
    public void Append_ThenReopen_ContinuesSequence()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, 7);
        Write(directory.Path, 5);
        (List<long> sequences, List<JournalDamage> damage) = Read(directory.Path);
        Assert.Equal(Range(0, 11), sequences);
        Assert.Empty(damage);
        Assert.Single(Files(directory.Path));
        Assert.Equal(Range(9, 11), Read(directory.Path, from: 9).Sequences);
    }

    [Fact]
    public void Append_SteadyState_AllocatesNothing()
    {
        using var directory = new TemporaryDirectory();
        using JournalWriter writer = Open(directory.Path, TimeProvider.System);
        byte[] payload = Payload(0);
        for (int i = 0; i < 20_000; i++)
        {
            writer.Append(payload);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20_000; i++)
        {
            writer.Append(payload);
            writer.SyncIfDue();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void SyncIfDue_BeforeAndAfterInterval_SyncsOnce()
    {
        using var directory = new TemporaryDirectory();
        var time = new FakeTimeProvider();
        var files = new FaultyFiles();
        using JournalWriter writer = Open(directory.Path, time, files, new() { SyncInterval = TimeSpan.FromSeconds(2) });
        Append(writer, 3);
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.True(writer.SyncIfDue());
        Assert.Equal((0, -1L, 3), (files.Syncs, writer.LastSyncedSequence, writer.PendingFrames));
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(writer.SyncIfDue());
        Assert.Equal((1, 2L, 0), (files.Syncs, writer.LastSyncedSequence, writer.PendingFrames));
        Assert.Equal(Range(0, 2), Read(directory.Path).Sequences);
    }

    [Fact]
    public void Append_BeyondRetention_DeletesOldestWholeSegments()
    {
        using var directory = new TemporaryDirectory();
        using (JournalWriter writer = Open(directory.Path, options: new() { SegmentMiB = 1, RetentionMiB = 3 }))
        {
            Append(writer, 150_000);
            Assert.True(writer.OldestSequence > 0);
        }

        Assert.InRange(Files(directory.Path).Sum(f => new FileInfo(f).Length), 1024 * 1024, 3 * 1024 * 1024);
        JournalReader reader = JournalReader.Open(directory.Path, Layout);
        (List<long> sequences, List<JournalDamage> damage) = Read(directory.Path);
        Assert.Equal(Range(reader.OldestSequence, 149_999), sequences);
        Assert.Empty(damage);
    }

    [Fact]
    public void Append_DiskFullThenFree_CountsLostFramesAndResumesWithoutTornFrames()
    {
        using var directory = new TemporaryDirectory();
        var time = new FakeTimeProvider();
        var files = new FaultyFiles();
        long lost,
            afterwards;
        using (JournalWriter writer = Open(directory.Path, time, files))
        {
            Append(writer, 100);
            Assert.True(writer.Sync());
            files.Space = 1000; // Takes 20 frames and a part of one.
            Append(writer, 50);
            Assert.False(writer.Sync());
            Assert.Equal((JournalStatus.DiskFull, 0L, 50), (writer.Status, writer.LostFrames, writer.PendingFrames));
            Assert.Contains("disk is full", writer.Problem, StringComparison.Ordinal);
            Assert.Equal(Range(0, 99), Read(directory.Path).Sequences);

            Append(writer, 10_000);
            lost = writer.LostFrames;
            Assert.InRange(lost, 1, 9_999);
            files.Space = long.MaxValue;
            time.Advance(TimeSpan.FromSeconds(1));
            afterwards = writer.NextSequence;
            Append(writer, 10);
            Assert.True(writer.Sync());
            Assert.Equal((JournalStatus.Ok, null, lost), (writer.Status, writer.Problem, writer.LostFrames));
        }

        (List<long> sequences, List<JournalDamage> damage) = Read(directory.Path);
        Assert.Equal([.. Range(0, afterwards - lost - 1), .. Range(afterwards, afterwards + 9)], sequences);
        JournalDamage gap = Assert.Single(damage);
        Assert.Equal((JournalDamageKind.Gap, afterwards - lost, afterwards - 1), (gap.Kind, gap.FirstMissing, gap.LastMissing));
    }

    [Fact]
    public void Append_DiskFullAtEveryByte_KeepsAllFramesOnceSpaceReturns()
    {
        for (int space = 0; space < 500; space += 7)
        {
            using var directory = new TemporaryDirectory();
            var files = new FaultyFiles { Space = space };
            using (JournalWriter writer = Open(directory.Path, files: files))
            {
                Append(writer, 10);
                writer.Sync();
                Assert.Equal(space < HeaderBytes + (10 * FrameBytes) ? JournalStatus.DiskFull : JournalStatus.Ok, writer.Status);
                files.Space = long.MaxValue;
                Append(writer, 5);
                Assert.True(writer.Sync());
            }

            (List<long> sequences, List<JournalDamage> damage) = Read(directory.Path);
            Assert.Equal(Range(0, 14), sequences);
            Assert.Empty(damage);
        }
    }

    [Fact]
    public void Sync_KernelSaysNoSpace_IsDiskFull()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        using var directory = new TemporaryDirectory();
        using JournalWriter writer = Open(directory.Path, files: new FullDevice());
        Append(writer, 3);
        Assert.False(writer.Sync());
        Assert.Equal((JournalStatus.DiskFull, 3), (writer.Status, writer.PendingFrames));
    }

    [Fact]
    public void Sync_RealFileSystemRunsFull_ResumesWhenSpaceReturns()
    {
        using var directory = new TemporaryDirectory();
        Assert.SkipUnless(Mount(directory.Path), "needs the right to mount a tmpfs");
        try
        {
            string filler = directory.File("filler"),
                journal = directory.File("journal");
            var time = new FakeTimeProvider();
            using (JournalWriter writer = Open(journal, time))
            {
                Append(writer, 100);
                Assert.True(writer.Sync());
                Assert.Throws<IOException>(() => File.WriteAllBytes(filler, new byte[4 * 1024 * 1024]));
                Append(writer, 1000);
                Assert.False(writer.Sync());
                Assert.Equal(JournalStatus.DiskFull, writer.Status);
                File.Delete(filler);

                // The kernel gives a deleted file's pages back when it gets to it.
                Assert.True(SpinWait.SpinUntil(writer.Sync, TimeSpan.FromSeconds(10)));
                Assert.Equal((JournalStatus.Ok, 0L), (writer.Status, writer.LostFrames));
            }

            (List<long> sequences, List<JournalDamage> damage) = Read(journal);
            Assert.Equal(Range(0, 1099), sequences);
            Assert.Empty(damage);
        }
        finally
        {
            Run("umount", directory.Path);
        }
    }

    [Fact]
    public void Sync_DeviceError_CountsUncertainFramesAndGoesOnInNewSegment()
    {
        using var directory = new TemporaryDirectory();
        var files = new FaultyFiles();
        using (JournalWriter writer = Open(directory.Path, files: files))
        {
            Append(writer, 4);
            Assert.True(writer.Sync());
            Append(writer, 3);
            files.SyncFails = true;
            Assert.False(writer.Sync());
            Assert.Equal((JournalStatus.WriteFailed, 3L, 3L), (writer.Status, writer.UncertainFrames, writer.LastSyncedSequence));
            files.SyncFails = false;
            Append(writer, 2);
            Assert.True(writer.Sync());
            Assert.Equal((JournalStatus.Ok, 8L), (writer.Status, writer.LastSyncedSequence));
        }

        Assert.Equal(2, Files(directory.Path).Length);
        Assert.Equal(Range(0, 8), Read(directory.Path).Sequences);
    }

    [Fact]
    public void CountMissing_DiskFullAtTheEnd_CountsWhatWaitsAndWhatWasLost()
    {
        using var directory = new TemporaryDirectory();
        var files = new FaultyFiles();
        using JournalWriter writer = Open(directory.Path, files: files);
        Append(writer, 10);
        Assert.True(writer.Sync());
        Assert.Equal(0, writer.CountMissing());
        files.Space = 0;
        Append(writer, 7);
        Assert.False(writer.Sync());
        Assert.Equal(7, writer.CountMissing());
        Append(writer, 10_000);
        Assert.Equal(10_007, writer.CountMissing());
    }

    [Fact]
    public void Sync_ReadOnlyFileSystem_SaysSo()
    {
        using var directory = new TemporaryDirectory();
        var files = new FaultyFiles { Space = 0, WriteError = 30 };
        using JournalWriter writer = Open(directory.Path, files: files);
        Append(writer, 3);
        Assert.False(writer.Sync());
        Assert.Equal((JournalStatus.WriteFailed, 3L), (writer.Status, writer.CountMissing()));
        Assert.Contains("the file system is read-only", writer.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sync_DirectoryRemovedOrRenamed_SaysSo_CountsAllThatIsNotThere_AndGoesOnOnceItIsBack(bool renamed)
    {
        using var directory = new TemporaryDirectory();
        string journal = directory.File("journal"),
            elsewhere = directory.File("elsewhere");
        using JournalWriter writer = Open(journal);
        Append(writer, 10);
        Assert.True(writer.Sync());
        if (renamed)
        {
            Directory.Move(journal, elsewhere);
        }
        else
        {
            Directory.Delete(journal, recursive: true);
        }

        Append(writer, 5);
        Assert.False(writer.Sync());
        Assert.Equal((JournalStatus.WriteFailed, 15L), (writer.Status, writer.CountMissing()));
        Assert.Contains("was removed or renamed", writer.Problem, StringComparison.Ordinal);
        Append(writer, 3);
        Assert.False(writer.Sync());
        Assert.Equal(18, writer.CountMissing());
        if (renamed)
        {
            Directory.Move(elsewhere, journal);
            Assert.True(writer.Sync());
            Assert.Equal((JournalStatus.Ok, 0L), (writer.Status, writer.CountMissing()));
            Assert.Equal(Range(0, 17), Read(journal).Sequences);
        }
    }

    [Fact]
    public void TruncateTo_AnySequence_CutsExactlyThereAndContinues()
    {
        for (int cut = 0; cut <= 12; cut++)
        {
            using var directory = new TemporaryDirectory();
            using (JournalWriter writer = Open(directory.Path))
            {
                Append(writer, 8);
                writer.Sync();
                Append(writer, 4); // These are in memory only.
                Assert.Equal(new JournalCut(12 - cut, 0), writer.TruncateTo(cut));
                Append(writer, 3);
            }

            (List<long> sequences, List<JournalDamage> damage) = Read(directory.Path);
            Assert.Equal(Range(0, cut + 2), sequences);
            Assert.Empty(damage);
        }
    }

    [Fact]
    public void TruncateTo_AcrossSegments_DeletesLaterOnes()
    {
        using var directory = new TemporaryDirectory();
        var options = new JournalOptions { SegmentMiB = 1, RetentionMiB = 100 };
        using (JournalWriter writer = Open(directory.Path, options: options))
        {
            Append(writer, 60_000);
            writer.Sync();
            Assert.Equal(new JournalCut(59_990, 0), writer.TruncateTo(10));
        }

        Assert.Single(Files(directory.Path));
        Assert.Equal(Range(0, 9), Read(directory.Path).Sequences);
    }

    [Fact]
    public void TruncateTo_BeyondEnd_SaysHowManyAreMissing()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, 5);
        using (JournalWriter writer = Open(directory.Path))
        {
            Assert.Equal(new JournalCut(0, 3), writer.TruncateTo(8));
            Append(writer, 1);
        }

        (List<long> sequences, List<JournalDamage> damage) = Read(directory.Path);
        Assert.Equal([0, 1, 2, 3, 4, 8], sequences);
        Assert.Equal((5L, 7L), (Assert.Single(damage).FirstMissing, damage[0].LastMissing));
    }

    [Fact]
    public void Open_OtherLayout_IsRefusedAndChangesNothing()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, 5);
        string file = Files(directory.Path).Single();
        using (var torn = new FileStream(file, FileMode.Append))
        {
            torn.Write([1, 2, 3]);
        }

        byte[] before = File.ReadAllBytes(file);
        JournalException error = Assert.Throws<JournalException>(() =>
            JournalWriter.Open(
                directory.Path,
                JournalLayout.Of([new("other", JournalFieldType.I64, 0, 4)], 32),
                Origin,
                new(),
                TimeProvider.System
            )
        );
        Assert.StartsWith($"{file}: the journal's layout is another: it has no field other.", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(file));
    }

    [Fact]
    public void Open_InvalidOptions_ListsAllProblems()
    {
        using var directory = new TemporaryDirectory();
        string message = Assert
            .Throws<ArgumentException>(() =>
                Open(
                    directory.Path,
                    options: new()
                    {
                        SegmentMiB = 0,
                        RetentionMiB = 1,
                        SyncInterval = TimeSpan.Zero,
                    }
                )
            )
            .Message;
        Assert.Contains("Journal:SegmentMiB is 0; allowed: 1 to 1024.", message, StringComparison.Ordinal);
        Assert.Contains("Journal:RetentionMiB is 1; allowed: 2 to 16777216.", message, StringComparison.Ordinal);
        Assert.Contains("Journal:SyncInterval is 00:00:00; allowed: 00:00:00.001 to 01:00:00.", message, StringComparison.Ordinal);
    }

    private static bool Mount(string path) => OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(
                new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true }
            );
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private sealed class FullDevice : IFileOpener
    {
        public IWritableFile OpenWrite(string path, FileMode mode) => DiskFiles.Instance.OpenWrite("/dev/full", FileMode.Open);

        public void SyncDirectory(string directory) => DiskFiles.Instance.SyncDirectory(directory);
    }
}
