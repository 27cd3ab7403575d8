using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Example;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Control;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>A robot of a user's own is hardware unless it says otherwise, and no command but <c>arm</c> ever powers it.</summary>
public sealed class UserHardwareTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private readonly RecordingRobot.Record _record = new();
    private readonly StringWriter _output = new(),
        _error = new();

    public void Dispose()
    {
        _directory.Dispose();
        _record.Dispose();
    }

    [Theory]
    [InlineData("train", false)]
    [InlineData("train", true)]
    [InlineData("deploy", false)]
    public async Task Run_WithDefaults_PowersNothingUntilArmed(string command, bool steppable)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string run = _directory.File("run");
        string[] what = command == "deploy" ? ["deploy", SavePolicy()] : ["train", "--steps", "0"];
        Task<int> program = Task.Run(() => Run(steppable, [.. what, "--set", $"Run:Directory={run}"]), cancel);
        Assert.True(_record.ReadEnough.Wait(s_limit, cancel), _error.ToString());
        Assert.Equal((0, 0), (_record.PowerOns, _record.Writes));

        string? refusal;
        do
        {
            refusal = (await AskAsync(run, ControlCommand.Arm)).Error;
        } while (refusal?.Contains("no reading yet", StringComparison.Ordinal) == true);
        bool written = refusal is null && _record.Written.Wait(s_limit, cancel);
        Assert.True((await AskAsync(run, ControlCommand.Stop)).Ok);
        Assert.Equal((null, true, 1), (refusal, written, _record.PowerOns));
        int code = await program.WaitAsync(s_limit, cancel);
        Assert.True(code == ExitCode.Done, $"exit code {code}: {_error}");
        Assert.Equal(1, _record.PowerOns);
    }

    [Theory]
    [InlineData(
        "Loop:AutoArm=true",
        "Loop:AutoArm is true; allowed for robot users-cart: false, for it is hardware, which moves only after `robotrl "
            + "arm`. Remove the setting."
    )]
    [InlineData(
        "Loop:Clock=Lockstep",
        "Loop:Clock is Lockstep; allowed for robot users-cart: RealTime, for it is hardware and has its own time. Remove the setting."
    )]
    public void Train_WithWhatMovesHardwareByItself_IsRefusedAndTouchesNothing(string setting, string message)
    {
        foreach (bool steppable in (bool[])[false, true])
        {
            Assert.Equal(ExitCode.BadInput, Run(steppable, "train", "--set", setting, "--set", $"Run:Directory={_directory.File("run")}"));
            Assert.Equal(message, _error.ToString().Trim());
            _error.GetStringBuilder().Clear();
        }

        AssertUntouched();
        Assert.Equal(0, _record.Reads);
    }

    [Fact]
    public void Deploy_ThatArmsItself_IsRefused()
    {
        Assert.Equal(
            ExitCode.BadInput,
            Run(false, "deploy", SavePolicy(), "--set", "Loop:AutoArm=true", "--set", $"Run:Directory={_directory.File("run")}")
        );
        Assert.Contains("Loop:AutoArm is true; allowed for robot users-cart: false", _error.ToString(), StringComparison.Ordinal);
        AssertUntouched();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Eval_IsRefused_ForItNeedsASimulatedRobot(bool steppable)
    {
        Assert.Equal(ExitCode.BadInput, Run(steppable, "eval", SavePolicy(), "--episodes", "1"));
        Assert.Contains("users-cart is hardware; evaluation needs a simulated robot", _error.ToString(), StringComparison.Ordinal);
        AssertUntouched();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DoctorAndCalibrate_PowerNothing(bool steppable)
    {
        Run(steppable, "doctor");
        Assert.True(_record.Reads > 0);
        Assert.Equal(ExitCode.BadInput, Run(steppable, "calibrate", "--output", _directory.File("calibration.json")));
        AssertUntouched();
    }

    private void AssertUntouched()
    {
        Assert.Equal((0, 0, 0), (_record.PowerOns, _record.Writes, _record.Steps));
        Assert.False(Directory.Exists(_directory.File("run")));
    }

    private int Run(bool steppable, params string[] arguments)
    {
        string[] all =
        [
            .. arguments,
            "--set",
            "Robot:Name=users-cart",
            "--set",
            "Task:Name=rail-cart",
            "--set",
            "Learner:Algorithm=stream-actor-critic",
            "--set",
            "Loop:FifoPriority=0",
            "--set",
            "Loop:AllocationBudgetMiB=0",
            "--set",
            "Failsafe:DeadlineMissed:Threshold=100000",
            "--set",
            "Failsafe:SensorStale:Threshold=20 s",
            "--set",
            "Failsafe:ControlStalled:Threshold=20 s",
        ];
        RobotRlHostBuilder builder = RobotRlHost.CreateBuilder(all);
        (builder.Output, builder.Error) = (_output, _error);
        return builder
            .AddRobot("users-cart", () => steppable ? new SteppableRecordingRobot(_record) : new RecordingRobot(_record))
            .AddTask("rail-cart", () => new CentreCart())
            .Build()
            .Run();
    }

    private static Task<ControlAnswer> AskAsync(string run, ControlCommand command) =>
        ControlClient.AskAsync(run, new ControlRequest(command, "test"), TestContext.Current.CancellationToken);

    private string SavePolicy()
    {
        string path = _directory.File("policy.safetensors");
        RobotDescription robot = RecordingRobot.Interfaces;
        var spec = new PolicySpec(new MlpShape(2, [4], 2), PolicyHead.SquashedGaussian, 1);
        var provenance = new PolicyProvenance("sac", 4, 100, 90, null, new string('0', 64), "test");
        PolicyFile.Save(path, PolicyManifest.Of(robot, new CentreCart(), robot.ControlPeriod, 1, spec, provenance), new PolicyBlock(spec));
        return path;
    }
}
