namespace RobotRl.Runtime.Tests.Commands;

/// <summary>
/// Bad input ends with exit code 2 and a message that says what and where; no file is made, nothing reaches standard output.
/// </summary>
public sealed class BadInputTests : IDisposable
{
    private readonly ChildProcess _child = new();

    public void Dispose() => _child.Dispose();

    [Fact]
    public async Task UnknownKey_IsNamedWithTheNearest() =>
        await RefusedAsync(
            """{ "Learner": { "Sac": { "BatchSzie": 64 } } }""",
            "robot.json:1:25: unknown key Learner:Sac:BatchSzie. Nearest: Learner:Sac:BatchSize"
        );

    [Fact]
    public async Task OutOfRange_SaysValueRangeAndKey() =>
        await RefusedAsync(
            """{ "Learner": { "Sac": { "BatchSize": 0 } } }""",
            "robot.json:1:25: Learner:Sac:BatchSize is 0; allowed: 1 to 65536"
        );

    [Fact]
    public async Task WrongType_SaysWhatWasExpected() =>
        await RefusedAsync(
            """{ "Learner": { "Sac": { "BatchSize": "many" } } }""",
            "Learner:Sac:BatchSize is \"many\"; expected a whole number"
        );

    [Fact]
    public async Task MalformedJson_SaysLineAndColumn() =>
        await RefusedAsync("{\n  \"Run\": { \"Seed\": 1\n  \"Steps\": 2 }\n}", "robot.json:3:3: malformed JSON");

    [Fact]
    public async Task UnknownRobot_ListsThoseThereAre() =>
        await RefusedAsync("""{ "Robot": { "Name": "pendulm" } }""", "Robot:Name is \"pendulm\"; allowed: cart-pole, cart-pole-swing-up");

    [Fact]
    public async Task UnknownTask_ListsThoseThereAre() =>
        await RefusedAsync("""{ "Task": { "Name": "dance" } }""", "Task:Name is \"dance\"; allowed: cart-pole-balance, cart-pole-swing-up");

    [Fact]
    public async Task UnknownAlgorithm_ListsThoseThereAre() =>
        await RefusedAsync(
            """{ "Learner": { "Algorithm": "dqn" } }""",
            "Learner:Algorithm is \"dqn\"; allowed: sac, sac-v, td3, ddpg, dpg, droq"
        );

    [Fact]
    public async Task AlgorithmForOtherActions_SaysWhichServe() =>
        await RefusedAsync(
            """{ "Robot": { "Name": "cart-pole" }, "Learner": { "Algorithm": "ddpg" } }""",
            "Learner:Algorithm is \"ddpg\", which serves continuous actions"
        );

    [Fact]
    public async Task OptionOfAnotherAlgorithm_SaysWhichIsWhose() =>
        await RefusedAsync(
            """{ "Learner": { "Td3": { "PolicyDelay": 3 } } }""",
            "robot.json:1:25: Learner:Td3:PolicyDelay is set, an option of td3, and Learner:Algorithm is \"sac\". Leave it "
                + "out, or set Learner:Algorithm to td3."
        );

    [Fact]
    public async Task EpisodeShorterThanTheReturn_SaysBoth() =>
        await RefusedAsync(
            """{ "Robot": { "Name": "dynamixel-bus", "DynamixelBus": { "Serial": { "Port": "/nowhere" }, "Servos": { "elbow": { "Id": 1 } } } }, "Task": { "Reach": { "EpisodeSteps": 5 } }, "Learner": { "Sac": { "StepsPerReturn": 8 } } }""",
            "Learner:Sac:StepsPerReturn is 8, longer than an episode of this task, which ends after 5 steps. Set it to 5 or less."
        );

    [Fact]
    public async Task NoBrokerForTheOperator_SaysWhich_BeforeARunIsMade() =>
        await RefusedAsync(
            """{ "Loop": { "Clock": "RealTime" }, "Operator": { "Mqtt": { "Link": { "Broker": "127.0.0.1", "Port": 1 } } } }""",
            "mqtt://127.0.0.1:1"
        );

    [Fact]
    public async Task ReplayShorterThanTheReturn_SaysBoth() =>
        await RefusedAsync(
            """{ "Learner": { "Sac": { "StepsPerReturn": 8, "ReplayCapacity": 5, "LearningStarts": 2 } } }""",
            "Learner:Sac:StepsPerReturn is 8, longer than Learner:Sac:ReplayCapacity holds (5). Lower the one or raise the other."
        );

    [Fact]
    public async Task LimitOfUnknownJoint_ListsTheJoints() =>
        await RefusedAsync(
            """{ "Safety": { "Joints": { "elbow": { "MaxEffort": 1 } } } }""",
            "Safety:Joints:elbow names no command of robot pendulum"
        );

    [Theory]
    [InlineData("")]
    [InlineData(""", "Safety": { "Joints": { "elbow/position": { } } }""")]
    [InlineData(""", "Safety": { "Joints": { "elbow/position": { "MinPosition": -1, "MaxPosition": 1 } } }""")]
    public async Task HardwareWithoutALimitOfSpeed_SaysWhichAndHow(string safety) =>
        await RefusedAsync(
            $$"""{ "Robot": { "Name": "dynamixel-bus", "DynamixelBus": { "Serial": { "Port": "/nowhere" }, "Servos": { "elbow": { "Id": 1 } } } }{{safety}} }""",
            "Safety:Joints does not bound the speed of elbow/position of robot dynamixel-bus"
        );

    [Fact]
    public async Task SeveralProblems_AreAllSaid()
    {
        await RefusedAsync("""{ "Run": { "Sead": 1, "Steps": -1 }, "Loop": { "RateHz": "fast" } }""", "unknown key Run:Sead");
        Assert.Contains("Run:Steps is -1; allowed: 0 to", _child.Error, StringComparison.Ordinal);
        Assert.Contains("Loop:RateHz is \"fast\"; expected a number", _child.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no such options file", "train", "none.json")]
    [InlineData("Run:Steps is \"many\"; expected a whole number", "train", "--steps", "many")]
    [InlineData("--set Run: expected Section:Key=value", "train", "--set", "Run")]
    [InlineData("Unrecognized command or argument", "dance")]
    [InlineData("say which with --run DIR", "train", "--resume")]
    [InlineData("no such run directory", "train", "--resume", "--run", "none")]
    [InlineData("no such run directory", "eval", "none")]
    [InlineData(
        "none.safetensors: there is no such policy file. Name a policy file, or the directory of a run.",
        "eval",
        "none.safetensors"
    )]
    [InlineData("no such run directory", "deploy", "none")]
    [InlineData("no such run directory", "inspect", "none")]
    [InlineData("there is no such run directory", "status", "none")]
    [InlineData("Nothing runs below ./runs", "stop")]
    [InlineData("Nothing runs below ./runs", "arm")]
    [InlineData("Required argument missing", "eval")]
    public async Task CommandLine_ThatCannotBeDone_SaysWhy(string message, params string[] arguments)
    {
        await _child.RunAsync(arguments);
        AssertRefused(message);
        Assert.Empty(_child.Files);
    }

    [Fact]
    public async Task Eval_DirectoryThatIsNoRun_SaysSo()
    {
        Directory.CreateDirectory(Path.Combine(_child.Directory, "empty"));
        await _child.RunAsync("eval", "empty");
        AssertRefused("not a run directory");
        Assert.Equal(["empty"], _child.Files);
    }

    [Fact]
    public async Task Eval_FileThatIsNoPolicy_SaysSo()
    {
        string file = _child.Write("policy.safetensors", "not a policy");
        await _child.RunAsync("eval", file);
        AssertRefused("policy.safetensors: ");
        Assert.Equal([file], _child.Files);
    }

    [Fact]
    public async Task Train_DirectoryWithSomethingInIt_IsLeftAlone()
    {
        Directory.CreateDirectory(Path.Combine(_child.Directory, "run"));
        _child.Write("run/mine.txt", "mine");
        await _child.RunAsync("train", "--run", "run");
        AssertRefused("run: is not empty");
        Assert.Equal(["run", "run/mine.txt"], _child.Files.Order(StringComparer.Ordinal));
    }

    private async Task RefusedAsync(string options, string message)
    {
        string file = _child.Write("robot.json", options);
        await _child.RunAsync("train", file);
        AssertRefused(message);
        Assert.Equal([file], _child.Files);
    }

    private void AssertRefused(string message)
    {
        Assert.Contains(message, _child.Error, StringComparison.Ordinal);
        Assert.Equal(2, _child.ExitCode);
        Assert.Empty(_child.Output);
        Assert.DoesNotContain("   at ", _child.Error, StringComparison.Ordinal);
    }
}
