using RobotRl.Runtime.Commands;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Tests.Composition;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>Which options hold for a run whose options.json was damaged, changed or lost.</summary>
public sealed class StoredOptionsTests : IDisposable
{
    private readonly SessionRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Of_WholeFile_IsUsedWithoutAWord()
    {
        StoredOptions stored = StoredOptions.Of(Made());
        Assert.Empty(stored.Notes);
        Assert.Equal(50, OptionsLoader.Load(stored.File, [], null, stored.Content).Run.Steps);
    }

    [Fact]
    public void Of_FlippedDigit_IsNoticedAndSaid_TheCheckpointsValueHolds()
    {
        RunDirectory run = Made();
        string text = File.ReadAllText(run.OptionsPath);
        File.WriteAllText(run.OptionsPath, text.Replace("\"Steps\": 50", "\"Steps\": 58", StringComparison.Ordinal));
        StoredOptions stored = StoredOptions.Of(run);
        Assert.Contains("was changed since the run wrote it", stored.Notes.Single(), StringComparison.Ordinal);
        Assert.Contains("the file says otherwise: Run:Steps is 58, in the checkpoint 50.", stored.Notes.Single(), StringComparison.Ordinal);
        Assert.Equal(50, OptionsLoader.Load(stored.File, [], null, stored.Content).Run.Steps);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(-1)]
    public void Of_TruncatedOrMissingFile_IsTakenFromTheNewestCheckpoint(int length)
    {
        RunDirectory run = Made();
        byte[] bytes = File.ReadAllBytes(run.OptionsPath);
        File.Delete(run.OptionsPath);
        if (length >= 0)
        {
            File.WriteAllBytes(run.OptionsPath, bytes[..length]);
        }

        StoredOptions stored = StoredOptions.Of(run);
        Assert.Contains("checkpoints/", stored.File, StringComparison.Ordinal);
        Assert.Contains(length < 0 ? "it is missing" : "it is no JSON", stored.Notes.Single(), StringComparison.Ordinal);
        Assert.Equal(50, OptionsLoader.Load(stored.File, [], null, stored.Content).Run.Steps);
    }

    [Fact]
    public void Of_DamagedFileWithoutACheckpoint_IsRefused()
    {
        RunDirectory run = Made();
        File.WriteAllText(run.OptionsPath, "{");
        Array.ForEach(_rig.Checkpoints("run"), File.Delete);
        Assert.Contains(
            "Name an options file: robotrl train FILE",
            Assert.Throws<BadInputException>(() => StoredOptions.Of(run)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Of_FileOfBeforeThatDiffersFromTheCheckpoint_IsUsedAndSaid()
    {
        RunDirectory run = Made();
        RobotRlOptions options = SessionRig.Stream(o => o.Run.Steps = 58);
        File.WriteAllText(run.OptionsPath, OptionsWriter.ToJson(options));
        StoredOptions stored = StoredOptions.Of(run);
        Assert.Contains(
            "Run:Steps is 58, in the checkpoint 50. It is used. If nobody changed it",
            stored.Notes.Single(),
            StringComparison.Ordinal
        );
        Assert.Equal(58, OptionsLoader.Load(stored.File, [], null, stored.Content).Run.Steps);
    }

    private RunDirectory Made()
    {
        _rig.Run(SessionRig.Stream(o => o.Run.Steps = 50), "run");
        return RunDirectory.Open(_rig.In("run"));
    }
}
