using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using RobotRl.Runtime.Checkpoints;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Checkpoints;

public sealed class CheckpointStoreTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Save_ThenLoad_BringsHeaderAndStateBack()
    {
        using var directory = new TemporaryDirectory();
        var store = new CheckpointStore(directory.File("checkpoints"), new FakeTimeProvider(s_start));
        CheckpointHeader header = Header(1200) with { Counters = ImmutableSortedDictionary<string, long>.Empty.Add("learner/updates", 77) };
        CheckpointSave saved = store.Save(header, w => w.Write("weights", [1f, 2f]));
        Assert.Null(saved.Problem);

        CheckpointSearch search = store.LoadNewest();
        Assert.Empty(search.Damaged);
        Checkpoint loaded = search.Newest!;
        Assert.Equal(saved.Path, loaded.Path);
        Assert.Equal(77, loaded.Header.Counters["learner/updates"]);
        Assert.Equal(
            header with
            {
                Created = s_start,
                ProgramVersion = CheckpointStore.ProgramVersion,
                Counters = loaded.Header.Counters,
            },
            loaded.Header
        );
        float[] weights = new float[2];
        loaded.State.Read("weights", weights);
        Assert.Equal([1f, 2f], weights);
        StrictSafetensors.Parse(File.ReadAllBytes(loaded.Path));
    }

    [Fact]
    public void Save_MoreThanKept_PrunesOldest()
    {
        using var directory = new TemporaryDirectory();
        var store = new CheckpointStore(directory.Path, TimeProvider.System, keep: 2);
        for (int step = 1; step <= 5; step++)
        {
            Save(store, step);
        }

        Assert.Equal(["00000004-step4.safetensors", "00000005-step5.safetensors"], Names(directory));
    }

    [Theory]
    [InlineData("flip", "altered since it was written")]
    [InlineData("truncate", "truncated: ")]
    [InlineData("empty", "truncated: 0 bytes")]
    [InlineData("policy", "not a checkpoint")]
    [InlineData("future", "checkpoint format version 2; this program reads version 1")]
    public void LoadNewest_NewestDamaged_NamesItAndUsesTheOneBefore(string kind, string problem)
    {
        using var directory = new TemporaryDirectory();
        var store = new CheckpointStore(directory.Path, TimeProvider.System);
        Save(store, 10);
        string good = Save(store, 20),
            bad = Save(store, 30);
        byte[] bytes = File.ReadAllBytes(bad);
        switch (kind)
        {
            case "flip":
                bytes[^50] ^= 4;
                File.WriteAllBytes(bad, bytes);
                break;
            case "truncate":
                File.WriteAllBytes(bad, bytes[..^9]);
                break;
            case "empty":
                File.WriteAllBytes(bad, []);
                break;
            case "policy":
                new SafetensorsWriter().WriteTo(bad, [new("format", "robotrl-policy")]);
                break;
            default:
                new SafetensorsWriter().WriteTo(bad, [new("format", "robotrl-checkpoint"), new("format_version", "2")]);
                break;
        }

        CheckpointSearch search = store.LoadNewest();
        Assert.Equal(good, search.Newest!.Path);
        Assert.Equal(20, search.Newest.Header.Step);
        string told = Assert.Single(search.Damaged);
        Assert.StartsWith(bad + ": ", told, StringComparison.Ordinal);
        Assert.Contains(problem, told, StringComparison.Ordinal);
        Assert.Equal(3, Names(directory).Length);
    }

    [Fact]
    public void Save_AfterFallback_IsNewestAndDamagedFilesPushNoGoodOneOut()
    {
        using var directory = new TemporaryDirectory();
        var store = new CheckpointStore(directory.Path, TimeProvider.System, keep: 2);
        string good = Save(store, 100),
            bad = Save(store, 200);
        File.WriteAllBytes(bad, [1, 2, 3]);
        Assert.Equal(good, store.LoadNewest().Newest!.Path);
        string next = Save(store, 150); // The run went back to 100.
        Assert.Equal(150, store.LoadNewest().Newest!.Header.Step);
        Assert.True(File.Exists(good));
        Save(store, 160);
        Save(store, 170);
        Assert.False(File.Exists(bad) || File.Exists(good) || File.Exists(next));
    }

    [Fact]
    public void LoadNewest_AllDamaged_NamesAllAndFindsNone()
    {
        using var directory = new TemporaryDirectory();
        var store = new CheckpointStore(directory.Path, TimeProvider.System);
        string first = Save(store, 1),
            second = Save(store, 2);
        File.WriteAllBytes(first, []);
        File.WriteAllBytes(second, []);
        CheckpointSearch search = store.LoadNewest();
        Assert.Null(search.Newest);
        Assert.Equal([second, first], search.Damaged.Select(d => d[..d.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void LoadNewest_NoDirectory_FindsNone()
    {
        using var directory = new TemporaryDirectory();
        CheckpointSearch search = new CheckpointStore(directory.File("none"), TimeProvider.System).LoadNewest();
        Assert.Null(search.Newest);
        Assert.Empty(search.Damaged);
    }

    [Fact]
    public void Save_DiskFullAtAnyPoint_IsAValueAndLeavesEarlierOnes()
    {
        for (int space = 0; space < 900; space += 60)
        {
            using var directory = new TemporaryDirectory();
            var files = new FaultyFiles();
            var store = new CheckpointStore(directory.Path, TimeProvider.System, files: files);
            string good = Save(store, 1);
            files.Space = space;
            CheckpointSave save = store.Save(Header(2), w => w.Write("weights", new float[200]));
            Assert.Equal((null, true), (save.Path, save.DiskFull));
            Assert.Contains("the disk is full", save.Problem, StringComparison.Ordinal);
            Assert.Equal([Path.GetFileName(good)], Names(directory));
            Assert.Equal(1, store.LoadNewest().Newest!.Header.Step);
            files.Space = long.MaxValue;
            Save(store, 3);
            Assert.Equal(3, store.LoadNewest().Newest!.Header.Step);
        }
    }

    [Fact]
    public void Save_KilledWhileWriting_LeftoverIsIgnoredAndRemoved()
    {
        using var directory = new TemporaryDirectory();
        var store = new CheckpointStore(directory.Path, TimeProvider.System);
        string good = Save(store, 1);
        File.WriteAllBytes(directory.File("00000002-step2.safetensors.tmp"), File.ReadAllBytes(good)[..100]);
        CheckpointSearch search = store.LoadNewest();
        Assert.Equal((good, 0), (search.Newest!.Path, search.Damaged.Count));
        Save(store, 2);
        Assert.Equal(["00000001-step1.safetensors", "00000002-step2.safetensors"], Names(directory));
    }

    private static string Save(CheckpointStore store, long step)
    {
        CheckpointSave save = store.Save(Header(step), w => w.Write("weights", [step, 2f, 3f, 4f, 5f, 6f, 7f, 8f]));
        Assert.Null(save.Problem);
        return save.Path!;
    }

    private static CheckpointHeader Header(long step) =>
        new()
        {
            Step = step,
            Episode = step / 200,
            JournalSequence = step,
            Robot = "pendulum",
            Task = "swing-up",
            Algorithm = "sac",
            OptionsJson = "{\"a\":1}",
        };

    private static string[] Names(TemporaryDirectory directory) =>
        [.. Directory.GetFiles(directory.Path).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    /// <summary>
    /// The number after the greatest is the least: such a file would be the newest for ever, and what is saved after it the
    /// oldest.
    /// </summary>
    [Fact]
    public void Save_FileWithTheGreatestOrdinal_IsLeftOutAndNamed()
    {
        using var directory = new TemporaryDirectory();
        var store = new CheckpointStore(directory.Path, TimeProvider.System);
        string saved = store.Save(Header(400), w => w.Write("a", [1f])).Path!;
        string foreign = directory.File("9223372036854775807-step400.safetensors");
        File.Copy(saved, foreign);

        string next = store.Save(Header(500), w => w.Write("a", [2f])).Path!;
        CheckpointSearch search = store.LoadNewest();

        Assert.StartsWith("00000002-", Path.GetFileName(next), StringComparison.Ordinal);
        Assert.Equal(next, search.Newest!.Path);
        Assert.StartsWith(
            $"{foreign}: not used: by its name it is save number 9223372036854775807",
            Assert.Single(search.Damaged),
            StringComparison.Ordinal
        );
        Assert.True(File.Exists(foreign));
    }
}
