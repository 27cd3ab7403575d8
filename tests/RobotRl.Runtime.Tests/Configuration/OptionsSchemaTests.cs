using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Runtime.Tests.Configuration;

public sealed class OptionsSchemaTests
{
    private static string Generated => OptionsSchema.Generate(XmlDocumentation.Load(AppContext.BaseDirectory));

    [Fact]
    public void CommittedSchema_IsTheGeneratedOne()
    {
        string file = Path.Combine(Repository.Root, "deploy", "robotrl.schema.json");
        Assert.True(
            File.Exists(file) && File.ReadAllText(file) == Generated,
            "deploy/robotrl.schema.json is not what the records say. Run: dotnet run -c Release --project "
                + "src/RobotRl.Runtime -- schema > deploy/robotrl.schema.json"
        );
    }

    [Fact]
    public void EveryKey_HasADescription()
    {
        JsonNode schema = JsonNode.Parse(Generated)!;
        foreach (
            OptionNode node in OptionNode.Root.All().Where(n => n.Property is not null && !n.Path.Contains('*', StringComparison.Ordinal))
        )
        {
            Assert.False(string.IsNullOrEmpty((string?)At(schema, node.Path)["description"]), $"{node.Path} has no summary.");
        }
    }

    [Theory]
    [InlineData("Checkpoint:Keep", 1, 1000)]
    [InlineData("Run:EvaluationEpisodes", 0, 1_000_000)]
    public void Ranges_AreTheEnforcedOnes(string path, double minimum, double maximum)
    {
        JsonNode property = At(JsonNode.Parse(Generated)!, path);

        Assert.Equal(minimum, (double)property["minimum"]!);
        Assert.Equal(maximum, (double)property["maximum"]!);
        Assert.Empty(OptionsLoader.Load(null, [$"{path}={minimum}"], null).Validate());
        Assert.Empty(OptionsLoader.Load(null, [$"{path}={maximum}"], null).Validate());
        Assert.Throws<OptionsException>(() => OptionsLoader.Load(null, [$"{path}={minimum - 1}"], null));
        Assert.Throws<OptionsException>(() => OptionsLoader.Load(null, [$"{path}={maximum + 1}"], null));
    }

    [Fact]
    public void Defaults_LieInTheirRanges()
    {
        JsonNode schema = JsonNode.Parse(Generated)!;
        foreach (
            OptionNode node in OptionNode.Root.All().Where(n => n.Property is not null && !n.Path.Contains('*', StringComparison.Ordinal))
        )
        {
            JsonNode property = At(schema, node.Path);
            if (property["default"] is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.Number)
            {
                double number = (double)value;
                Assert.True(
                    number >= ((double?)property["minimum"] ?? double.MinValue),
                    $"{node.Path}: default {number} is below its minimum."
                );
                Assert.True(
                    number <= ((double?)property["maximum"] ?? double.MaxValue),
                    $"{node.Path}: default {number} is above its maximum."
                );
            }
        }
    }

    [Fact]
    public void Samples_LoadWithoutAProblem()
    {
        string[] samples =
        [
            .. Directory
                .GetFiles(Path.Combine(Repository.Root, "deploy"), "*.json")
                .Where(f => !f.EndsWith(".schema.json", StringComparison.Ordinal)),
        ];

        Assert.NotEmpty(samples);
        foreach (string sample in samples)
        {
            Assert.Empty(OptionsLoader.Load(sample, [], null).Validate());
            Assert.Matches(new Regex("\"\\$schema\": *\"robotrl.schema.json\""), File.ReadAllText(sample));
        }
    }

    private static JsonNode At(JsonNode schema, string path) =>
        path.Split(':').Aggregate(schema, (node, part) => node["properties"]![part]!);
}
