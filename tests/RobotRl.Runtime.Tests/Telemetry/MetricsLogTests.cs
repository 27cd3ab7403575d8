using Microsoft.Extensions.Time.Testing;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Telemetry;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Telemetry;

public sealed class MetricsLogTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Write_Figures_AreOneDocumentALine()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("metrics.jsonl");
        using (var log = MetricsLog.Open(path, new FakeTimeProvider(s_start)))
        {
            log.Write(200, [new("return", -157.25), new("loss", double.NaN)]);
            log.Write(400, [new("loss", 0.5)]);
        }

        Assert.Equal(
            [
                "{\"step\":200,\"time\":\"2026-03-01T12:00:00+00:00\",\"return\":-157.25,\"loss\":null}",
                "{\"step\":400,\"time\":\"2026-03-01T12:00:00+00:00\",\"loss\":0.5}",
            ],
            File.ReadAllLines(path)
        );
        CurveSeries series = MetricsLog.Read(path, "return");
        Assert.Equal((200.0, -157.25), (series.Steps.Single(), series.Values.Single()));
    }

    [Fact]
    public void Open_ResumedFromAStepWithTornLine_CutsWhatIsWrittenAgain()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("metrics.jsonl");
        using (var log = MetricsLog.Open(path, TimeProvider.System))
        {
            for (int step = 0; step < 1000; step += 100)
            {
                log.Write(step, [new("return", step)]);
            }
        }

        File.AppendAllText(path, "{\"step\":1000,\"ti");
        MetricsLog.Open(path, TimeProvider.System).Dispose();
        Assert.Equal(10, File.ReadAllLines(path).Length);
        using (var log = MetricsLog.Open(path, TimeProvider.System, fromStep: 500))
        {
            log.Write(500, [new("return", -1)]);
        }

        Assert.Equal([0, 100, 200, 300, 400, -1], MetricsLog.Read(path, "return").Values);
    }

    [Fact]
    public void Open_FlippedBitInTheMiddle_CostsThatLineOnly_AndIsSaid()
    {
        using var directory = new TemporaryDirectory();
        string path = Written(directory, 10);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] |= 0x80;
        File.WriteAllBytes(path, bytes);
        using (var log = MetricsLog.Open(path, TimeProvider.System))
        {
            Assert.StartsWith($"{path}: 1 damaged lines, the first is line ", Assert.Single(log.Damage), StringComparison.Ordinal);
        }

        Assert.Equal(9, MetricsLog.Read(path, "return").Steps.Length);
        Assert.Equal(10, File.ReadAllLines(path).Length);
        using (var log = MetricsLog.Open(path, TimeProvider.System, fromStep: 800))
        {
            log.Write(800, [new("return", -1)]);
        }

        double[] steps = MetricsLog.Read(path, "return").Steps;
        Assert.Equal(8, steps.Length);
        Assert.Equal((700.0, 800.0), (steps[^2], steps[^1]));
    }

    [Fact]
    public void Open_StepThatADamageMadeGreater_CostsThatLineOnly()
    {
        using var directory = new TemporaryDirectory();
        string path = Written(directory, 10);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"step\":200", "\"step\":900200", StringComparison.Ordinal));
        MetricsLog.Open(path, TimeProvider.System, fromStep: 500).Dispose();
        Assert.Equal([0, 100, 300, 400], MetricsLog.Read(path, "return").Steps);
    }

    [Fact]
    public void Write_BeyondTheBound_KeepsTwoFiles_AndAResumeCutsBoth()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("metrics.jsonl");
        var run = new RunId(5);
        using (var log = MetricsLog.Open(path, TimeProvider.System, run: run, maxFileBytes: 4000))
        {
            for (int step = 0; step < 300; step++)
            {
                log.Write(step, [new("return", step)]);
            }

            Assert.Equal(0, log.LostRecords);
        }

        Assert.Equal(["metrics.1.jsonl", "metrics.jsonl"], Directory.GetFiles(directory.Path).Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(directory.Path), f => Assert.InRange(new FileInfo(f).Length, 1, 4200));
        Assert.All(Directory.GetFiles(directory.Path), f => Assert.Equal(run, MetricsLog.RunOf(f)));
        double[] kept = MetricsLog.Read(path, "return").Steps;
        Assert.Equal(Enumerable.Range((int)kept[0], 300 - (int)kept[0]).Select(i => (double)i), kept);

        double cut = kept[3];
        MetricsLog.Open(path, TimeProvider.System, fromStep: (long)cut, run: run).Dispose();
        Assert.Equal(kept[..3], MetricsLog.Read(path, "return").Steps);
    }

    [Fact]
    public void Open_LineWithoutEndThatIsLongerThanMemoryAllows_IsPassedOver()
    {
        using var directory = new TemporaryDirectory();
        string path = Written(directory, 3);
        using (FileStream file = File.Open(path, FileMode.Append))
        {
            file.Write(new byte[3 << 20]);
            file.Write("\n{\"step\":300,\"return\":300}\n"u8);
        }

        MetricsLog.Open(path, TimeProvider.System).Dispose();
        Assert.Equal([0, 100, 200, 300], MetricsLog.Read(path, "return").Steps);
    }

    [Fact]
    public void Open_DirectoryThatIsMissing_CountsAndDoesNotThrow()
    {
        using var directory = new TemporaryDirectory();
        var log = MetricsLog.Open(directory.File("gone/metrics.jsonl"), TimeProvider.System);
        log.Write(1, [new("return", 1)]);
        log.Write(2, [new("return", 1)]);
        Assert.False(log.Flush());
        log.Dispose();
        Assert.Equal(2, log.LostRecords);
    }

    private static string Written(TemporaryDirectory directory, int lines)
    {
        string path = directory.File("metrics.jsonl");
        using var log = MetricsLog.Open(path, TimeProvider.System);
        for (int i = 0; i < lines; i++)
        {
            log.Write(100 * i, [new("return", 100 * i)]);
        }

        return path;
    }
}
