using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Tests.Loops;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>What the doctor says of a robot that opens and then reports a fault, and of what is watched.</summary>
public sealed class DoctorRobotTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _output = new(),
        _error = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(IoStatus.DeviceFault)]
    [InlineData(IoStatus.Ok)]
    public void Doctor_RobotReportsAFault_TellsWhatTheDriverKnows(IoStatus status)
    {
        Ask(
            new ScriptedRobot
            {
                ReadStatus = status,
                FaultReason = "Joint elbow (servo 2 on /dev/ttyUSB0): it reports overheating, 81 degrees. Let it cool down.",
            }
        );
        Assert.Contains("missing  robot: scripted opens, but reports", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "Joint elbow (servo 2 on /dev/ttyUSB0): it reports overheating, 81 degrees. Let it cool down.",
            _output.ToString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Doctor_RobotThatDoesNotSayWhy_SaysWhatToLookAt()
    {
        Ask(new ScriptedRobot { ReadStatus = IoStatus.LinkLost });
        Assert.Contains(
            "scripted opens, but reading says LinkLost and the device does not say why",
            _output.ToString(),
            StringComparison.Ordinal
        );
        Assert.Contains("Check its supply, its cable and its adapter.", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_SaysWhatIsWatchedForFollowing()
    {
        Ask(
            new ScriptedRobot(),
            "--set",
            "Safety:Joints:joint/position:FollowTolerance=0.3",
            "--set",
            "Safety:Joints:joint/position:FollowTime=2 s"
        );
        Assert.Contains(
            "ok       following: watched: joint/position within 0.3 rad for 2 s, load not reported",
            _output.ToString(),
            StringComparison.Ordinal
        );
    }

    private void Ask(ScriptedRobot robot, params string[] more)
    {
        RobotRlHostBuilder builder = RobotRlHost.CreateBuilder([
            "doctor",
            "--set",
            "Robot:Name=scripted",
            "--set",
            "Task:Name=reach",
            "--set",
            "Loop:Clock=RealTime",
            "--set",
            "Safety:Joints:joint/position:MaxVelocity=1",
            "--set",
            $"Run:Directory={_directory.File("run")}",
            .. more,
        ]);
        (builder.Output, builder.Error) = (_output, _error);
        builder.AddRobot("scripted", () => robot).Build().Run();
    }
}
