using System.Collections;
using System.Text.Json.Nodes;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Control;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Tests.Composition;

public sealed class RobotRlProgramTests : IDisposable
{
    private readonly string _run = Directory.CreateTempSubdirectory("robotrl-program-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly FakeSessions _sessions;

    public RobotRlProgramTests() => _sessions = new FakeSessions(_run);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_run, recursive: true);

    [Theory]
    [InlineData(RunEnd.Done, 0)]
    [InlineData(RunEnd.Stopped, 0)]
    [InlineData(RunEnd.Failed, 1)]
    [InlineData(RunEnd.Failsafe, 3)]
    public void Run_SessionEnds_GivesItsExitCodeAndSaysWhy(RunEnd end, int code)
    {
        _sessions.Outcome = new RunOutcome(end, "this is why", ["one line more"]);

        Assert.Equal(code, Program().Run());

        string where = (code == 0 ? _output : _error).ToString();
        Assert.Contains("this is why", where, StringComparison.Ordinal);
        Assert.Contains("one line more", where, StringComparison.Ordinal);
        Assert.Equal(code == 0, _output.ToString().Contains("robotrl deploy", StringComparison.Ordinal));
        Assert.True(_sessions.Session!.Disposed);
        Assert.Empty(Directory.GetFiles(_run));
    }

    [Theory]
    [InlineData(RunEnd.Done, 0)]
    [InlineData(RunEnd.Stopped, 0)]
    [InlineData(RunEnd.Failed, 1)]
    [InlineData(RunEnd.Failsafe, 3)]
    public void Run_AsADocument_HasEveryFigureAndNothingElseOnOutput(RunEnd end, int code)
    {
        _sessions.Outcome = new RunOutcome(end, "this is why", ["one line more"])
        {
            Steps = 7,
            Episodes = 2,
            Updates = 5,
            MeanReturn = end == RunEnd.Done ? -1.5 : double.NaN,
        };

        Assert.Equal(code, Program("train", "--json").Run());

        JsonNode document = JsonNode.Parse(_output.ToString())!;
        Assert.Equal(end.ToString(), (string)document["end"]!);
        Assert.Equal("this is why", (string)document["message"]!);
        Assert.Equal(_run, (string)document["run"]!);
        Assert.Equal((7, 2, 5), ((int)document["steps"]!, (int)document["episodes"]!, (int)document["updates"]!));
        Assert.Equal(end == RunEnd.Done ? -1.5 : null, (double?)document["meanReturn"]);
        Assert.Equal("one line more", (string)document["report"]!.AsArray().Single()!);
        Assert.Contains("this is why", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(code == 0, _error.ToString().Contains("robotrl deploy", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_SessionThrows_IsExitCodeOneNotZero()
    {
        _sessions.Throws = new InvalidOperationException("something broke");

        Assert.Equal(1, Program().Run());

        Assert.Contains("something broke", _error.ToString(), StringComparison.Ordinal);
        Assert.True(_sessions.Session!.Disposed);
    }

    [Fact]
    public void Run_PlanDoesNotFit_IsExitCodeTwoAndOneMessage()
    {
        _sessions.ThrowsWhileMaking = new BadInputException("that policy does not fit");

        Assert.Equal(2, Program().Run());

        Assert.Equal("that policy does not fit" + Environment.NewLine, _error.ToString());
    }

    [Fact]
    public async Task Run_StopOverTheSocket_EndsTheSessionWithExitCodeZero()
    {
        Task<int> run = Task.Run(() => Program().Run(), Cancel);
        ControlAnswer status = await AskAsync(new ControlRequest(ControlCommand.Status));

        ControlAnswer arm = await AskAsync(new ControlRequest(ControlCommand.Arm));
        ControlAnswer stop = await AskAsync(new ControlRequest(ControlCommand.Stop));

        Assert.Equal(3, status.Status!.Progress.Step);
        Assert.Equal("arming is refused in this test", arm.Error);
        Assert.True(stop.Ok);
        Assert.Equal(0, await run.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        Assert.Equal(StopLevel.ControlledStop, _sessions.Session!.Stopped);
        Assert.Contains("stopped as asked", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ShowsWhatDiffersFromTheDefaults()
    {
        _sessions.Outcome = new RunOutcome(RunEnd.Done, "done", []);

        Program("train", "--seed", "9", "--set", "Run:Steps=5", "--steps", "6").Run();

        Assert.Contains("Run:Seed = 9 (default 1)", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Run:Steps = 6 (default 20000)", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(6, _sessions.Plan!.Options.Run.Steps);
        Assert.Null(_sessions.Plan.RunDirectory);
    }

    [Fact]
    public void Run_NoArguments_IsTheMainJob()
    {
        _sessions.Outcome = new RunOutcome(RunEnd.Done, "done", []);

        Assert.Equal(0, Program([]).Run());

        Assert.Equal("pendulum", _sessions.Plan!.Options.Robot.Name);
        Assert.Equal("sac", _sessions.Plan.Options.Learner.Algorithm);
        Assert.False(_sessions.Plan.Resume);
    }

    [Fact]
    public void Run_EnvironmentVariable_Holds()
    {
        _sessions.Outcome = new RunOutcome(RunEnd.Done, "done", []);
        RobotRlHostBuilder builder = Builder("train");
        builder.Environment = new Hashtable { ["ROBOTRL__RUN__SEED"] = "77" };

        builder.Build().Run();

        Assert.Equal(77ul, _sessions.Plan!.Options.Run.Seed);
    }

    /// <summary>
    /// An unset variable of a script gives an empty argument: it names no file, and no part of the program may choke on it.
    /// </summary>
    [Theory]
    [InlineData("train", "train", "")]
    [InlineData("--run", "train", "--run", "")]
    [InlineData("eval", "eval", "")]
    [InlineData("deploy", "deploy", "", "file.json")]
    [InlineData("--output", "calibrate", "--output", "")]
    [InlineData("--link", "emulate", "dynamixel", "--link", "")]
    public void Run_EmptyArgument_IsRefusedWithItsPlace(string before, params string[] arguments)
    {
        Assert.Equal(ExitCode.BadInput, Program(arguments).Run());
        Assert.StartsWith($"The argument after \"{before}\" is empty. ", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_MessageWithControlCharacters_SendsNoneToTheTerminal()
    {
        Assert.Equal(ExitCode.BadInput, Program("train", "--set", "Task:Name=a\u001b[2Jb").Run());
        Assert.Contains("a\\u001b[2Jb", _error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', _error.ToString());
    }

    [Fact]
    public void Run_FileThatCannotBeReached_IsOneSentence()
    {
        _sessions.ThrowsWhileMaking = new IOException("the disk is on fire");
        Assert.Equal(ExitCode.BadInput, Program("train").Run());
        Assert.Equal("the disk is on fire", _error.ToString().TrimEnd().Split('\n')[^1]);
    }

    private RobotRlProgram Program(params string[] arguments) => Builder(arguments).Build();

    private RobotRlProgram Program() => Builder("train").Build();

    private RobotRlHostBuilder Builder(params string[] arguments)
    {
        RobotRlHostBuilder builder = RobotRlHost.CreateBuilder(arguments);
        (builder.Sessions, builder.Output, builder.Error, builder.Environment) = (_sessions, _output, _error, new Hashtable());
        return builder;
    }

    private async Task<ControlAnswer> AskAsync(ControlRequest request)
    {
        // The session starts on another thread: ask until its socket is there.
        for (int i = 0; ; i++)
        {
            try
            {
                return await ControlClient.AskAsync(_run, request, Cancel);
            }
            catch (ControlException) when (i < 2000)
            {
                await Task.Delay(5, Cancel);
            }
        }
    }
}
