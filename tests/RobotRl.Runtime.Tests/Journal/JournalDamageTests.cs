using RobotRl.Algorithms.Randomness;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Tests.Storage;
using static RobotRl.Runtime.Tests.Journal.JournalFixture;

namespace RobotRl.Runtime.Tests.Journal;

public sealed class JournalDamageTests
{
    private static int Header => HeaderBytes;

    [Fact]
    public void TryRead_AnySingleBitFlip_IsReportedAndCostsOneFrameAtMost()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, 6);
        string file = Files(directory.Path).Single();
        byte[] good = File.ReadAllBytes(file);
        for (int bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(file, bad);
            (List<long> sequences, List<JournalDamage> damage) = Read(directory.Path);

            JournalDamage found = Assert.Single(damage);
            Assert.Equal(file, found.File);
            if (bit / 8 < Header)
            {
                Assert.Equal(JournalDamageKind.Header, found.Kind);
                Assert.Equal(Range(0, 5), sequences);
                continue;
            }

            int hit = ((bit / 8) - Header) / FrameBytes;
            Assert.Equal([.. Range(0, 5).Where(s => s != hit)], sequences);
            Assert.Equal((Header + (hit * FrameBytes), FrameBytes), ((int)found.Offset, (int)found.Bytes));
            Assert.Equal(hit, found.FirstMissing);
            Assert.Equal(hit == 5 ? null : hit, found.LastMissing);
            Assert.Equal(hit == 5 ? JournalDamageKind.TornTail : JournalDamageKind.Frames, found.Kind);
        }
    }

    [Fact]
    public void Open_TruncatedAtAnyByte_CutsToWholeFramesAndGoesOn()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, 5);
        string file = Files(directory.Path).Single();
        byte[] good = File.ReadAllBytes(file);
        for (int length = 0; length <= good.Length; length++)
        {
            File.WriteAllBytes(file, good[..length]);
            int frames = Math.Max(0, (length - Header) / FrameBytes);
            int torn = length < Header ? length : (length - Header) % FrameBytes;

            (List<long> before, List<JournalDamage> reported) = Read(directory.Path);
            Assert.Equal(Range(0, frames - 1), before);
            Assert.Equal(length < Header || torn > 0, reported.Count > 0);

            using (JournalWriter writer = Open(directory.Path))
            {
                Assert.Equal(frames, writer.NextSequence);
                Assert.Equal(length < Header || torn > 0 ? 1 : 0, writer.Recovery.Damage.Count);
                if (torn > 0)
                {
                    JournalDamage cut = writer.Recovery.Damage[0];
                    Assert.Equal((JournalDamageKind.TornTail, length - torn, torn), (cut.Kind, (int)cut.Offset, (int)cut.Bytes));
                }

                Append(writer, 2);
            }

            (List<long> after, List<JournalDamage> none) = Read(directory.Path);
            Assert.Equal(Range(0, frames + 1), after);
            Assert.Empty(none);
            foreach (string left in Files(directory.Path))
            {
                File.Delete(left);
            }
        }
    }

    [Fact]
    public void Open_RandomKillPointsOverManyRuns_PrefixOfBytesIsPrefixOfFrames()
    {
        using var directory = new TemporaryDirectory();
        var random = new CounterRandom(11, RandomPurpose.Simulation);
        long expected = 0;
        for (int run = 0; run < 60; run++)
        {
            using (JournalWriter writer = Open(directory.Path))
            {
                Assert.Equal(expected, writer.NextSequence);
                Append(writer, (int)(random.NextUInt32() % 40));
                expected = writer.NextSequence;
            }

            string? last = Files(directory.Path).LastOrDefault();
            if (last is null)
            {
                continue;
            }

            // The kill: any number of the newest bytes never reached the disk.
            long length = new FileInfo(last).Length,
                cut = random.NextUInt32() % 200;
            using (var file = new FileStream(last, FileMode.Open))
            {
                file.SetLength(Math.Max(Header, length - cut));
            }

            expected -= (Math.Min(cut, length - Header) + FrameBytes - 1) / FrameBytes;
            Assert.Equal(Range(0, expected - 1), Read(directory.Path).Sequences);
        }

        Assert.True(expected > 100);
    }

    [Fact]
    public void TryRead_RandomDamageOfManyBytes_AccountsForEverySequence()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, 400);
        string file = Files(directory.Path).Single();
        byte[] good = File.ReadAllBytes(file);
        var random = new CounterRandom(5, RandomPurpose.Simulation);
        for (int trial = 0; trial < 200; trial++)
        {
            var bad = new List<byte>(good);
            int at = Header + (int)(random.NextUInt32() % (good.Length - Header - 500));
            int count = 1 + (int)(random.NextUInt32() % 300);
            switch (trial % 3)
            {
                case 0: // overwritten
                    for (int i = 0; i < count; i++)
                    {
                        bad[at + i] = (byte)random.NextUInt32();
                    }

                    break;
                case 1: // lost
                    bad.RemoveRange(at, count);
                    break;
                default: // inserted
                    bad.InsertRange(at, Enumerable.Range(0, count).Select(_ => (byte)random.NextUInt32()));
                    break;
            }

            File.WriteAllBytes(file, [.. bad]);
            (List<long> sequences, List<JournalDamage> damage) = Read(directory.Path);
            Assert.NotEmpty(damage);
            var told = damage.Where(d => d.FirstMissing is not null).SelectMany(d => Range(d.FirstMissing!.Value, d.LastMissing!.Value));
            Assert.Equal(Range(0, 399), sequences.Concat(told).Order());
            int touched = trial % 3 == 2 ? 1 : (count / FrameBytes) + 2;
            Assert.InRange(sequences.Count, 400 - touched, 400);
        }
    }

    [Fact]
    public void TryRead_DeletedMiddleSegment_NamesMissingSequences()
    {
        using var directory = new TemporaryDirectory();
        using (JournalWriter writer = Open(directory.Path, options: new() { SegmentMiB = 1, RetentionMiB = 100 }))
        {
            Append(writer, 40_000);
        }

        string[] files = Files(directory.Path);
        Assert.Equal(3, files.Length);
        long second = Sequence(files[1]),
            third = Sequence(files[2]);
        File.Delete(files[1]);
        (List<long> sequences, List<JournalDamage> damage) = Read(directory.Path);
        Assert.Equal([.. Range(0, second - 1), .. Range(third, 39_999)], sequences);
        JournalDamage gap = Assert.Single(damage);
        Assert.Equal((JournalDamageKind.Gap, second, third - 1), (gap.Kind, gap.FirstMissing, gap.LastMissing));
        Assert.Contains($"frames {second} to {third - 1} are missing", gap.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_TruncatedMiddleSegment_IsDamageNotTornTail()
    {
        using var directory = new TemporaryDirectory();
        using (JournalWriter writer = Open(directory.Path, options: new() { SegmentMiB = 1, RetentionMiB = 100 }))
        {
            Append(writer, 60_000);
        }

        string[] files = Files(directory.Path);
        long second = Sequence(files[1]);
        using (var file = new FileStream(files[0], FileMode.Open))
        {
            file.SetLength(file.Length - FrameBytes - 7);
        }

        (List<long> sequences, List<JournalDamage> damage) = Read(directory.Path);
        Assert.Equal([.. Range(0, second - 3), .. Range(second, 59_999)], sequences);
        JournalDamage found = Assert.Single(damage);
        Assert.Equal(
            (JournalDamageKind.Frames, files[0], second - 2, second - 1),
            (found.Kind, found.File, found.FirstMissing, found.LastMissing)
        );
        using JournalWriter reopened = Open(directory.Path);
        Assert.Equal(60_000, reopened.NextSequence);
    }

    [Fact]
    public void Open_FlippedFrameBeforeTail_KeepsItsNeighboursAndReportsIt()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, 10);
        string file = Files(directory.Path).Single();
        byte[] bytes = File.ReadAllBytes(file);
        bytes[Header + (4 * FrameBytes) + 20] ^= 1;
        File.WriteAllBytes(file, bytes);
        using (JournalWriter writer = Open(directory.Path))
        {
            Assert.Equal(10, writer.NextSequence);
            JournalDamage found = Assert.Single(writer.Recovery.Damage);
            Assert.Equal((JournalDamageKind.Frames, 4L, 4L), (found.Kind, found.FirstMissing, found.LastMissing));
            Append(writer, 1);
        }

        Assert.Equal([0, 1, 2, 3, 5, 6, 7, 8, 9, 10], Read(directory.Path).Sequences);
    }

    [Fact]
    public void Open_DamagedHeader_KeepsFramesAndContinuesInNewSegment()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, 10);
        byte[] bytes = File.ReadAllBytes(Files(directory.Path).Single());
        bytes[17] ^= 0x40;
        File.WriteAllBytes(Files(directory.Path).Single(), bytes);
        using (JournalWriter writer = Open(directory.Path))
        {
            Assert.Equal(10, writer.NextSequence);
            Append(writer, 3);
        }

        (List<long> sequences, List<JournalDamage> damage) = Read(directory.Path);
        Assert.Equal(Range(0, 12), sequences);
        Assert.Equal(JournalDamageKind.Header, Assert.Single(damage).Kind);
    }

    private static long Sequence(string file) =>
        long.Parse(Path.GetFileNameWithoutExtension(file), System.Globalization.CultureInfo.InvariantCulture);
}
