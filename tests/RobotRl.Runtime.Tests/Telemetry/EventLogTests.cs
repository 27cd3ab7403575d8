using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RobotRl.Runtime.Telemetry;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Telemetry;

public sealed class EventLogTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 12, 1, 8, 0, 0, TimeSpan.Zero));

    private string Path => _directory.File("log.jsonl");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Add_ThenFlush_WritesOneDocumentALine()
    {
        using var log = new EventLog(Path, _time);
        log.Add(
            "failsafe",
            LogLevel.Error,
            "it \"stopped\"\nhere",
            ("action", "PowerOff"),
            ("crossedNs", 12L),
            ("ratio", 0.5),
            ("confirmed", true),
            ("cause", null),
            ("bad", double.NaN)
        );
        Assert.False(File.Exists(Path)); // The thread that adds never touches the disk.
        log.Flush();
        JsonNode line = JsonNode.Parse(Assert.Single(File.ReadAllLines(Path)))!;
        Assert.Equal("failsafe", (string)line["kind"]!);
        Assert.Equal("Error", (string)line["level"]!);
        Assert.Equal("it \"stopped\"\nhere", (string)line["message"]!);
        Assert.Equal(_time.GetUtcNow(), (DateTimeOffset)line["time"]!);
        Assert.Equal(
            ("PowerOff", 12L, 0.5, true),
            ((string)line["action"]!, (long)line["crossedNs"]!, (double)line["ratio"]!, (bool)line["confirmed"]!)
        );
        Assert.Null(line["cause"]);
        Assert.Equal("NaN", (string)line["bad"]!);
    }

    [Fact]
    public void Open_LastLineCutShortByACrash_NextBeginsOnALineOfItsOwn()
    {
        File.WriteAllText(Path, "{\"kind\":\"run\"}\n{\"kind\":\"fai");
        using (var log = new EventLog(Path, _time))
        {
            log.Add("run", LogLevel.Information, "again");
        }

        string[] lines = File.ReadAllLines(Path);
        Assert.Equal(3, lines.Length);
        Assert.Equal("again", (string)JsonNode.Parse(lines[2])!["message"]!);
    }

    [Fact]
    public void Flush_FileIsFull_BecomesThePreviousOneAndBothStayBounded()
    {
        const int bytes = 2000;
        using var log = new EventLog(Path, _time, bytes);
        for (int i = 0; i < 100; i++)
        {
            log.Add("log", LogLevel.Information, $"event {i}");
            log.Flush();
        }

        Assert.InRange(new FileInfo(Path).Length, 1, bytes);
        Assert.InRange(new FileInfo(_directory.File("log.1.jsonl")).Length, 1, bytes);
        Assert.Equal(2, Directory.GetFiles(_directory.Path).Length);
        Assert.Equal("event 99", (string)JsonNode.Parse(File.ReadAllLines(Path)[^1])!["message"]!);
        Assert.Equal(0, log.LostEvents);
    }

    [Fact]
    public void Flush_DirectoryIsGone_CountsWhatIsLostAndSaysSoLater()
    {
        using var log = new EventLog(System.IO.Path.Combine(_directory.File("later"), "log.jsonl"), _time);
        log.Add("log", LogLevel.Information, "lost");
        log.Flush();
        Assert.Equal(1, log.LostEvents);
        Directory.CreateDirectory(_directory.File("later"));
        log.Flush();
        Assert.Contains(
            "1 events were not written",
            File.ReadAllText(System.IO.Path.Combine(_directory.File("later"), "log.jsonl")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Add_NobodyFlushes_MemoryStaysBounded()
    {
        using var log = new EventLog(Path, _time);
        for (int i = 0; i < 5000; i++)
        {
            log.Add("log", LogLevel.Information, "flicker");
        }

        log.Flush();
        Assert.InRange(File.ReadAllLines(Path).Length, 100, 1100);
        Assert.Equal(5000 - (File.ReadAllLines(Path).Length - 1), log.LostEvents);
    }

    [Fact]
    public void Logger_PassesOnAndKeepsFromInformationOn()
    {
        using var log = new EventLog(Path, _time);
        using ILoggerFactory factory = LoggerFactory.Create(_ => { });
        var logger = new EventLogger(factory.CreateLogger("robotrl"), log);
        Assert.True(logger.IsEnabled(LogLevel.Information));
        logger.LogDebug("not this");
        logger.LogWarning("limit of {Joint}", "elbow");
        logger.Log(LogLevel.Error, new EventId(1, "arm"), "refused", null, (s, _) => s);
        log.Flush();
        JsonNode[] lines = [.. File.ReadAllLines(Path).Select(l => JsonNode.Parse(l)!)];
        Assert.Equal(["limit of elbow", "refused"], lines.Select(l => (string)l["message"]!));
        Assert.Equal(["log", "arm"], lines.Select(l => (string)l["kind"]!));
    }
}
