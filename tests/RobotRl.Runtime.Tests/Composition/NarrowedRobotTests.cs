using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>
/// A robot whose command ranges are found narrower when it is opened: what does not fit them is bad input, and leaves no run.
/// </summary>
public sealed class NarrowedRobotTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _output = new(),
        _error = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Train_StartPoseBeyondTheKeptLimit_IsRefusedBeforeARunIsMade()
    {
        using var robot = new NarrowedRobot();
        string run = _directory.File("run");
        RobotRlHostBuilder builder = RobotRlHost.CreateBuilder(
            "train",
            "--run",
            run,
            "--set",
            "Robot:Name=arm",
            "--set",
            "Task:Name=reach",
            "--set",
            "Loop:Clock=RealTime",
            "--set",
            "Task:Reset=MoveToStart",
            "--set",
            "Task:Start:elbow/position=0.9",
            "--set",
            "Safety:Joints:elbow/position:MaxVelocity=1"
        );
        (builder.Output, builder.Error) = (_output, _error);
        int code = builder.AddRobot("arm", () => robot).Build().Run();
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("Task:Start:elbow/position is 0.9 rad; allowed: -1 to 0.5 rad", _error.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
        Assert.False(robot.WasPowered);
    }

    [Fact]
    public void Doctor_KeptLimit_IsShown()
    {
        using var robot = new NarrowedRobot();
        RobotRlHostBuilder builder = RobotRlHost.CreateBuilder(
            "doctor",
            "--set",
            "Robot:Name=arm",
            "--set",
            "Task:Name=reach",
            "--set",
            "Loop:Clock=RealTime",
            "--set",
            "Safety:Joints:elbow/position:MaxVelocity=1",
            "--set",
            $"Run:Directory={_directory.File("run")}"
        );
        (builder.Output, builder.Error) = (_output, _error);
        builder.AddRobot("arm", () => robot).Build().Run();
        Assert.Contains(
            "elbow/position may be commanded from -1 to 0.5 rad of -1 to 1: registers 9 and 11 of servo 3",
            _output.ToString(),
            StringComparison.Ordinal
        );
    }

    private sealed class NarrowedRobot : IRobot
    {
        public bool WasPowered { get; private set; }

        public RobotDescription Description { get; private set; } =
            new(
                "arm",
                [new("elbow/position", InterfaceKind.Position, "rad", -4, 4)],
                [new("elbow/position", InterfaceKind.Position, "rad", -1, 1, 0) { PositionState = "elbow/position" }],
                TimeSpan.FromMilliseconds(20)
            );

        public DeviceState State { get; private set; }

        public string? FaultReason => null;

        public StopStatus Stop => default;

        public void Open()
        {
            State = DeviceState.Readable;
            Description = Description with { Commands = [Description.Commands[0].Narrow(-1, 0.5, "registers 9 and 11 of servo 3")] };
        }

        public void PowerOn() => WasPowered = true;

        public void PowerOff() { }

        public void Close() => State = DeviceState.Closed;

        public void ClearFault() { }

        public ReadResult Read(Span<double> state) => new(IoStatus.Ok, TimeSpan.FromTicks(1), TimeSpan.Zero, TimeSpan.Zero);

        public WriteResult Write(ReadOnlySpan<double> command) => default;

        public void RequestStop(StopLevel level, string reason) { }

        public void Dispose() { }
    }
}
