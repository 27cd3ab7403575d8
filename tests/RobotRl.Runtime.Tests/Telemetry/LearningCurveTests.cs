using System.Globalization;
using System.Xml.Linq;
using RobotRl.Algorithms.Randomness;
using RobotRl.Runtime.Telemetry;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Telemetry;

public sealed class LearningCurveTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Draw_OneRun_ShowsItsPointsMeanAndReference()
    {
        var curve = new LearningCurve { Title = "SAC <on> pendulum" };
        curve.AddReference(-137.5, "optimum -137.5");
        XElement svg = Parse(curve.Draw([Series(1, 100)]));
        Assert.Equal(100, svg.Elements(s_svg + "circle").Count());
        Assert.Single(svg.Elements(s_svg + "path"));
        string[] texts = [.. svg.Elements(s_svg + "text").Select(t => t.Value)];
        Assert.Contains("SAC <on> pendulum", texts);
        Assert.Contains("optimum -137.5", texts);
        Assert.Contains("15k", texts);
        Assert.Contains("\u22121500", texts);
    }

    [Fact]
    public void Draw_SeveralSeeds_ShowsEachTheBandAndTheMean()
    {
        XElement svg = Parse(new LearningCurve().Draw([.. Enumerable.Range(1, 5).Select(seed => Series(seed, 100))]));
        XElement[] paths = [.. svg.Elements(s_svg + "path")];
        Assert.Equal(7, paths.Length);
        Assert.NotEqual("none", paths[0].Attribute("fill")!.Value);
        Assert.Contains("mean and range of 5 seeds", svg.Elements(s_svg + "text").Select(t => t.Value));
    }

    [Fact]
    public void Draw_Mean_LiesWhereTheValuesSay()
    {
        // Two constant seeds: the mean is a level line half-way between theirs.
        XElement svg = Parse(new LearningCurve().Draw([new("a", [0, 1000], [1, 1]), new("b", [0, 1000], [3, 3])]));
        double[] heights =
        [
            .. svg.Elements(s_svg + "path")
                .Skip(1)
                .Select(p => double.Parse(p.Attribute("d")!.Value.Split('L')[0].Split(' ')[1], CultureInfo.InvariantCulture)),
        ];
        Assert.Equal((heights[0] + heights[1]) / 2, heights[2], 0.2);
        Assert.True(heights[0] > heights[1]);
    }

    [Fact]
    public void Draw_NothingOrNoFiniteValue_SaysSo()
    {
        Assert.Contains("no finished episode yet", Parse(new LearningCurve().Draw([])).Value, StringComparison.Ordinal);
        Assert.Contains(
            "no finished episode yet",
            Parse(new LearningCurve().Draw([new("x", [1, 2], [double.NaN, double.NegativeInfinity])])).Value,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Draw_OnePointOrConstant_IsFinite()
    {
        foreach (
            string text in (string[])
                [new LearningCurve().Draw([new("x", [7], [5])]), new LearningCurve().Draw([new("x", [1, 2, 3], [0, 0, 0])])]
        )
        {
            Parse(text);
            Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Infinity", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, 20000, 0, 5000)]
    [InlineData(-1700, -100, -1500, 500)]
    [InlineData(0.001, 0.0019, 0.001, 0.0002)]
    public void Ticks_Range_AreRoundNumbers(double low, double high, double first, double spacing)
    {
        (double firstFound, double spacingFound) = LearningCurve.Ticks(low, high);
        Assert.Equal(first, firstFound, 1e-9);
        Assert.Equal(spacing, spacingFound, 1e-9);
    }

    [Theory]
    [InlineData(0, 20000, "0")]
    [InlineData(5000, 20000, "5k")]
    [InlineData(-1500, 1700, "\u22121500")]
    [InlineData(500_000, 2e6, "0.5M")]
    [InlineData(0.25, 1, "0.25")]
    public void Label_Value_IsShortAndInTheAxisUnit(double value, double size, string expected) =>
        Assert.Equal(expected, LearningCurve.Label(value, size));

    [Fact]
    public void Draw_HundredThousandEpisodes_StaysSmall()
    {
        XElement svg = Parse(new LearningCurve().Draw([Series(1, 100_000)]));
        Assert.Equal(1000, svg.Elements(s_svg + "circle").Count());
        Assert.InRange(svg.ToString().Length, 1, 200_000);
    }

    [Fact]
    public void Save_Again_ReplacesTheFile()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("curve.svg");
        new LearningCurve().Save(path, [Series(1, 10)]);
        new LearningCurve().Save(path, []);
        Assert.Contains("no finished episode yet", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFiles(directory.Path));
    }

    private static XElement Parse(string svg) => XDocument.Parse(svg).Root!;

    private static CurveSeries Series(int seed, int episodes)
    {
        var random = new CounterRandom((ulong)seed, RandomPurpose.Simulation);
        double[] steps = new double[episodes],
            returns = new double[episodes];
        for (int i = 0; i < episodes; i++)
        {
            steps[i] = (i + 1) * 200;
            double learned = 1 / (1 + Math.Exp(-(i - 18 - seed) / 2.5));
            returns[i] = -1400 + (1250 * learned) + (random.NextGaussian() * (60 + (120 * (1 - learned))));
        }

        return new($"seed {seed}", steps, returns);
    }
}
