using Microsoft.Extensions.Time.Testing;
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
            ["{\"step\":200,\"time\":\"2026-03-01T12:00:00+00:00\",\"return\":-157.25,\"loss\":null}", "{\"step\":400,\"time\":\"2026-03-01T12:00:00+00:00\",\"loss\":0.5}"],
            File.ReadAllLines(path));
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
}
