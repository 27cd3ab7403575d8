using System.Collections;
using System.Text;
using RobotRl.Algorithms.Sac;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;
using RobotRl.Sim;

namespace RobotRl.Runtime.Tests.Configuration;

public sealed class OptionsLoaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("robotrl-options-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Load_TaskWithoutRecommendation_GivesDefaults()
    {
        var expected = new RobotRlOptions { Robot = { Name = "cart-pole-swing-up" } };
        Assert.Equal(
            OptionsWriter.ToJson(expected),
            OptionsWriter.ToJson(OptionsLoader.Load(null, ["Robot:Name=cart-pole-swing-up"], null))
        );
    }

    [Fact]
    public void Load_Nothing_TakesWhatIsRecommendedForThePendulum()
    {
        SacOptions sac = OptionsLoader.Load(null, [], null).Learner.Sac;
        Assert.Equal((64, 7e-4, 0.1), (sac.HiddenWidth, sac.CriticLearningRate, sac.RewardScale));
    }

    [Fact]
    public void Load_UserSetsARecommendedKey_UserHolds() =>
        Assert.Equal(32, OptionsLoader.Load(null, ["Learner:Sac:HiddenWidth=32"], null).Learner.Sac.HiddenWidth);

    [Fact]
    public void Load_AllSources_LaterOverEarlier()
    {
        string file = Write(
            """
            {
              // a comment
              "$schema": "robotrl.schema.json",
              "Run": { "Seed": 2, "Steps": 100, "EvaluationEpisodes": 7, },
              "checkpoint": { "every": "90 s" },
            }
            """
        );
        var environment = new Hashtable
        {
            ["ROBOTRL__RUN__SEED"] = "3",
            ["ROBOTRL__Run__Steps"] = "200",
            ["ROBOTRL_OTHER"] = "x",
        };

        RobotRlOptions options = OptionsLoader.Load(file, ["Run:Seed=4", "Run:Seed=5"], environment);

        Assert.Equal(5ul, options.Run.Seed);
        Assert.Equal(200, options.Run.Steps);
        Assert.Equal(7, options.Run.EvaluationEpisodes);
        Assert.Equal(TimeSpan.FromSeconds(90), options.Checkpoint.Every);
    }

    [Fact]
    public void Load_UnknownKey_NamesItAndTheNearest()
    {
        string file = Write("{\n  \"Run\": {\n    \"Sead\": 2\n  }\n}");

        string problem = Assert.Single(Problems(file));

        Assert.Equal($"{file}:3:5: unknown key Run:Sead. Nearest: Run:Seed, {Rest(problem)}", problem);
    }

    [Fact]
    public void Load_KnownKeyInWrongSection_NamesTheRightOne() =>
        Assert.Contains("Run:EvaluationEpisodes", Assert.Single(Problems(null, "EvaluationEpisodes=3")), StringComparison.Ordinal);

    [Theory]
    [InlineData("{ \"Runn\": { \"Seed\": 2, \"Steps\": 1 } }", "unknown key Runn. Nearest: Run,")]
    [InlineData("{ \"Runn\": {} }", "unknown key Runn. Nearest: Run,")]
    [InlineData("{ \"Run\": 3 }", "Run is 3; expected a section")]
    [InlineData("{ \"Run\": { \"Seed\": {} } }", "Run:Seed is a section; expected a whole number.")]
    [InlineData("{ \"Run\": { \"Seed\": { \"A\": 1 } } }", "Run:Seed is a section; expected a whole number.")]
    [InlineData("{ \"Run\": { \"Seed\": \"2\" } }", "Run:Seed is \"2\"; expected a whole number.")]
    [InlineData("{ \"Run\": { \"Seed\": 2.5 } }", "Run:Seed is 2.5; expected a whole number.")]
    [InlineData("{ \"Run\": { \"Seed\": -1 } }", "Run:Seed is -1; expected a whole number.")]
    [InlineData("{ \"Run\": { \"Seed\": null } }", "Run:Seed is null; expected a whole number.")]
    [InlineData("{ \"Run\": { \"Seed\": [1] } }", "Run:Seed is [1]; expected a whole number.")]
    [InlineData("{ \"Run\": { \"Directory\": 3 } }", "Run:Directory is 3; expected text, or null.")]
    [InlineData("{ \"Checkpoint\": { \"Every\": 3 } }", "Checkpoint:Every is 3; expected a duration such as \"5 ms\"")]
    [InlineData("{ \"Run\": { \"Seed\": 2, \"seed\": 3 } }", "Run:seed is set twice in this file.")]
    [InlineData("[]", "the options file is not a JSON object.")]
    public void Load_WrongShape_SaysWhatWasExpected(string json, string expected) =>
        Assert.Contains(expected, Assert.Single(Problems(Write(json))), StringComparison.Ordinal);

    [Theory]
    [InlineData("{\n  \"Run\": { \"Seed\": 2\n  \"Steps\": 1 }\n}", ":3:3: malformed JSON:")]
    [InlineData("{\n  \"Run\": { \"Seed\": tru }\n}", ":2:23: malformed JSON:")]
    [InlineData("{\n  \"Run\": {\n", ": malformed JSON:")]
    [InlineData("{ } x", ":1:5: malformed JSON:")]
    [InlineData("{ \"é\": 1, ? }", ":1:11: malformed JSON:")]
    public void Load_MalformedJson_SaysLineAndColumn(string json, string expected)
    {
        string file = Write(json);

        string problem = Assert.Single(Problems(file));

        Assert.StartsWith(file + ":", problem, StringComparison.Ordinal);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MissingFile_SaysSo() =>
        Assert.Contains(
            "there is no such options file",
            Assert.Single(Problems(Path.Combine(_directory, "none.json"))),
            StringComparison.Ordinal
        );

    [Fact]
    public void Load_ManyProblems_SaysAllAtOnce()
    {
        string file = Write("""{ "Run": { "Steps": -5, "Sead": 1 }, "Checkpoint": { "Keep": 0 } }""");

        IReadOnlyList<string> problems = Problems(file, "Run:Seed=x", "Nonsense");

        Assert.Equal(5, problems.Count);
        Assert.Contains(problems, p => p.StartsWith($"{file}:1:12: Run:Steps is -5; allowed: 0 to ", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.StartsWith($"{file}:1:54: Checkpoint:Keep is 0; allowed: 1 to 1000.", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("unknown key Run:Sead", StringComparison.Ordinal));
        Assert.Contains("--set: Run:Seed is \"x\"; expected a whole number.", problems);
        Assert.Contains(problems, p => p.StartsWith("--set Nonsense: expected Section:Key=value", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Run:Steps=1e6", 1_000_000)]
    [InlineData("run:steps=12", 12)]
    public void Load_WholeNumbers_MayBeWrittenInAnyWay(string assignment, long steps) =>
        Assert.Equal(steps, OptionsLoader.Load(null, [assignment], null).Run.Steps);

    [Theory]
    [InlineData("2 min", 120_000)]
    [InlineData("1500 ms", 1500)]
    [InlineData("00:00:02.5", 2500)]
    public void Load_Durations_HaveUnits(string text, int milliseconds) =>
        Assert.Equal(
            TimeSpan.FromMilliseconds(milliseconds),
            OptionsLoader.Load(null, ["Checkpoint:Every=" + text], null).Checkpoint.Every
        );

    [Fact]
    public void EveryKey_SetFromItsOwnEffectiveValue_ComesBackTheSame()
    {
        string json = OptionsWriter.ToJson(new RobotRlOptions());

        RobotRlOptions read = OptionsLoader.Load(Write(json), [], null);

        Assert.Equal(json, OptionsWriter.ToJson(read));
    }

    [Fact]
    public void EveryProperty_OfEveryRecord_CanBeSet()
    {
        foreach (OptionNode node in OptionNode.Root.All().Where(n => n.Children.Count > 0))
        {
            object instance = node.Type.CreateObject!();
            Assert.Equal(node.Type.Properties.Count(p => p.Get is not null), node.Children.Count);
            foreach (OptionNode child in node.Children)
            {
                child.Property!.Set!(instance, child.Property.Get!(instance));
            }
        }
    }

    [Fact]
    public void Changes_OfSetOptions_NamesValueAndDefault() =>
        Assert.Equal(
            [
                "Robot:Name = \"cart-pole\" (default \"pendulum\")",
                "Run:Seed = 9 (default 1)",
                "Learner:Algorithm = \"ppo\" (default \"sac\")",
                "Checkpoint:Every = \"90 s\" (default \"1 min\")",
            ],
            OptionsWriter.Changes(
                OptionsLoader.Load(null, ["Robot:Name=cart-pole", "Learner:Algorithm=ppo", "Run:Seed=9", "Checkpoint:Every=90 s"], null)
            )
        );

    private static string Rest(string problem) => problem[(problem.IndexOf("Run:Seed, ", StringComparison.Ordinal) + 10)..];

    private static IReadOnlyList<string> Problems(string? file, params string[] assignments) =>
        Assert.Throws<OptionsException>(() => OptionsLoader.Load(file, assignments, null)).Problems;

    private string Write(string json)
    {
        string file = Path.Combine(_directory, "robot.json");
        File.WriteAllText(file, json, new UTF8Encoding(false));
        return file;
    }

    [Fact]
    public void Load_RobotOfHardware_RunsInItsOwnTime_AndWaitsToBeArmed_UnlessTheUserSaysOtherwise()
    {
        RobotRlOptions options = OptionsLoader.Load(null, ["Robot:Name=mcu"], null);
        RobotDescription hardware = new McuOptions().Describe(),
            simulated = SimulatedRobots.Create("pendulum").Description;
        Assert.Equal(((LoopClock?)null, (bool?)null), (options.Loop.Clock, options.Loop.AutoArm));
        Assert.Equal((true, false), (options.Loop.IsRealTime(hardware), options.Loop.Arms(hardware)));
        Assert.Equal((false, true), (options.Loop.IsRealTime(simulated), options.Loop.Arms(simulated)));
        Assert.Equal((ResetKind.None, 64), (options.Task.Reset, options.Learner.Sac.HiddenWidth));
        Assert.Equal(
            (LoopClock.RealTime, false),
            (
                OptionsLoader.Load(null, ["Loop:Clock=RealTime"], null).Loop.Clock,
                OptionsLoader.Load(null, ["Loop:AutoArm=false"], null).Loop.AutoArm
            )
        );

        // Whatever an option says, hardware is not armed by itself.
        Assert.False(OptionsLoader.Load(null, ["Robot:Name=mcu", "Loop:AutoArm=true"], null).Loop.Arms(hardware));
    }

    [Fact]
    public void Load_SectionOfAnotherRobot_IsNoProblem_AndIsToldAsUnused()
    {
        RobotRlOptions options = OptionsLoader.Load(null, ["Robot:DynamixelBus:Serial:Port=/dev/ttyUSB3"], null);
        Assert.Equal(
            "Robot:DynamixelBus is set and not used: Robot:Name is \"pendulum\", and only \"dynamixel-bus\" reads it.",
            Assert.Single(options.Robot.Unused("Robot"))
        );
        Assert.Contains(
            "Robot:DynamixelBus:Servos is empty",
            string.Join(' ', Assert.Throws<OptionsException>(() => OptionsLoader.Load(null, ["Robot:Name=dynamixel-bus"], null)).Problems),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Load_DictionaryOfRecordsBelowANullableSection_IsMadeAndReadBack()
    {
        RobotRlOptions options = OptionsLoader.Load(
            null,
            [
                "Robot:Name=dynamixel-bus",
                "Robot:DynamixelBus:Servos:elbow:Id=7",
                "Robot:DynamixelBus:Servos:elbow:Mode=velocity",
                "Robot:DynamixelBus:ControlPeriod=5 ms",
            ],
            null
        );
        Assert.Equal(
            (7, "Velocity", 5.0),
            (
                options.Robot.DynamixelBus!.Servos["elbow"].Id,
                options.Robot.DynamixelBus.Servos["elbow"].Mode.ToString(),
                options.Robot.DynamixelBus.ControlPeriod.TotalMilliseconds
            )
        );
        string file = Path.Combine(Path.GetTempPath(), $"robotrl-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, OptionsWriter.ToJson(options));
        try
        {
            Assert.Equal(OptionsWriter.ToJson(options), OptionsWriter.ToJson(OptionsLoader.Load(file, [], null)));
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Contains("Robot:DynamixelBus:Servos:elbow:Id = 7 (default 1)", OptionsWriter.Changes(options));
    }
}
