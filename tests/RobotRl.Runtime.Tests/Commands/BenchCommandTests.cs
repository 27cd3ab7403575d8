using System.Text.Json.Nodes;
using RobotRl.Runtime.Commands.Bench;

namespace RobotRl.Runtime.Tests.Commands;

public sealed class BenchCommandTests : IDisposable
{
    private readonly ChildProcess _child = new();

    public void Dispose() => _child.Dispose();

    [Fact]
    public async Task Bench_TwoLearners_PrintsOneDocument_LeavesNothing()
    {
        await _child.RunAsync(
            "bench",
            "--json",
            "--learner",
            "sac",
            "--learner",
            "avg",
            "--width",
            "16",
            "--batch",
            "8",
            "--observations",
            "3",
            "--actions",
            "1",
            "--seconds",
            "0.5"
        );

        Assert.True(_child.ExitCode == 0, _child.Error + _child.Output);
        JsonNode report = JsonNode.Parse(_child.Output)!;
        JsonNode[] rows = [.. report["rows"]!.AsArray().Select(r => r!)];
        Assert.Equal(["sac", "avg"], rows.Select(r => (string)r["learner"]!));
        Assert.All(rows, r =>
        {
            Assert.Equal(16, (int)r["width"]!);
            double microseconds = (double)r["updateMicroseconds"]!,
                ceiling = (double)r["ceiling"]!;
            Assert.InRange(microseconds, 0.1, 1e6);
            Assert.Equal(1e6 / (50 * microseconds), ceiling, 1e-6 * ceiling);
            Assert.InRange((long)r["steps"]!, 1, 100);
        });
        Assert.Equal(8, (int)rows[0]["batch"]!);
        Assert.Null(rows[1]["batch"]);

        // On a busy machine no try may hold; what is held lies below what fits.
        Assert.InRange((double?)rows[0]["holds"] ?? 1, 1, 0.9 * (double)rows[0]["ceiling"]!);
        Assert.Equal(1, (double?)rows[1]["holds"] ?? 1);
        Assert.Contains("2 rows, about 0:0", _child.Error, StringComparison.Ordinal);
        Assert.Empty(_child.Files);
    }

    [Theory]
    [InlineData("--rate is 0; allowed: 1 to 1000 (Hz, such as 50).", "--rate", "0")]
    [InlineData("--rate is NaN; allowed: 1 to 1000", "--rate", "NaN")]
    [InlineData("--width is 8193; allowed: 2 to 4096", "--width", "8193")]
    [InlineData("--batch is 0; allowed: 1 to 4096", "--batch", "0")]
    [InlineData("--observations is -1; allowed: 1 to 4096", "--observations", "-1")]
    [InlineData("--actions is 0; allowed: 1 to 256", "--actions", "0")]
    [InlineData("--seconds is 0.1; allowed: 0.5 to 600", "--seconds", "0.1")]
    [InlineData("--learner is \"ppo\"; allowed: sac, td3, droq, crossq, stream-actor-critic, avg", "--learner", "ppo")]
    [InlineData("Cannot parse argument 'fast'", "--rate", "fast")]
    public async Task Bench_BadInput_SaysWhatIsAllowed(string message, params string[] arguments)
    {
        await _child.RunAsync(["bench", .. arguments]);

        Assert.Contains(message, _child.Error, StringComparison.Ordinal);
        Assert.Equal(2, _child.ExitCode);
        Assert.Empty(_child.Output);
        Assert.Empty(_child.Files);
    }

    [Theory]
    [InlineData(1234.5, 1000)]
    [InlineData(987, 980)]
    [InlineData(99.9, 99)]
    [InlineData(12.7, 12)]
    [InlineData(3.99, 3)]
    [InlineData(1, 1)]
    [InlineData(0.9, 0.5)]
    [InlineData(0.3, 0.25)]
    [InlineData(0.0005, 0)]
    [InlineData(double.NaN, 0)]
    public void RoundDown_AnyRatio_IsOneWorthSetting(double ratio, double expected) =>
        Assert.Equal(expected, BenchRunner.RoundDown(ratio), 1e-12);

    [Theory]
    [InlineData(2, 100, 200, 0, true)]
    [InlineData(2, 100, 200, 1, false)] // One was given up.
    [InlineData(2, 100, 150, 0, false)] // Frozen: none given up, and few done.
    [InlineData(0.25, 10, 1, 0, true)] // Too short to count fractions.
    [InlineData(1, 0, 0, 0, false)]
    public void Held_CountsOfALoop_NeedsEveryUpdate(double asked, long steps, long updates, double givenUp, bool held) =>
        Assert.Equal(held, new PacedResult(asked, steps, 0, updates, givenUp, []).Held);

    [Fact]
    public void PacedLoop_TwiceWhatFits_IsNotHeld()
    {
        var row = new BenchCase("sac", 64, 64);
        var experience = new BenchExperience(17, 6);
        double fits = 1 / (50 * UpdateTimer.Measure(row, experience, TimeSpan.FromSeconds(0.3)).TotalSeconds);

        PacedResult result = PacedLoop.Run(row, 2 * fits, experience, rateHz: 50, TimeSpan.FromSeconds(1));

        Assert.InRange(result.Steps, 1, 60);
        Assert.True(result.GivenUp > 0 && result.Updates > 0, result.ToString());
        Assert.False(result.Held);
    }

    [Fact]
    public void Utd_BelowOne_IsSaidAsStepsOfAnUpdate() =>
        Assert.Equal(
            ["1/3", "0.37", "1", "2.5", "12.3", "123", "0"],
            new[] { 1 / 3.0, 0.37, 1, 2.5, 12.34, 123.4, 0 }.Select(BenchText.Utd)
        );
}
