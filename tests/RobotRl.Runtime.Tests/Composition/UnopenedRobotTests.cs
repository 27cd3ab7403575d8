using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Tests.Loops;
using RobotRl.Runtime.Tests.Storage;
using RobotRl.Sim;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>A robot that cannot be opened is bad input: one message, no run, no power.</summary>
public sealed class UnopenedRobotTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _output = new(),
        _error = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Train_RobotThatDoesNotOpen_LeavesNoRunAndSaysWhyOnce(bool transport)
    {
        using var robot = new UnopenedRobot(
            transport
                ? new TransportException("/dev/ttyX", "/dev/ttyX: no such port.")
                : new RobotException("arm", "/dev/ttyX: no such port.")
        );
        string run = _directory.File("run");
        RobotRlHostBuilder builder = RobotRlHost.CreateBuilder(
            "train",
            "--run",
            run,
            "--set",
            "Robot:Name=arm",
            "--set",
            "Task:Name=pendulum-swing-up",
            "--set",
            "Learner:Algorithm=stream-actor-critic"
        );
        (builder.Output, builder.Error) = (_output, _error);
        int code = builder.AddRobot("arm", () => robot).Build().Run();
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Equal("/dev/ttyX: no such port.", _error.ToString().Trim());
        Assert.Empty(_output.ToString());
        Assert.False(Directory.Exists(run));
        Assert.False(robot.WasPowered);
    }

    private sealed class UnopenedRobot(Exception reason) : IRobot
    {
        public bool WasPowered { get; private set; }

        public RobotDescription Description { get; } = SimulatedRobots.Create("pendulum").Description with { IsSimulated = false };

        public DeviceState State => DeviceState.Closed;

        public string? FaultReason => null;

        public StopStatus Stop => default;

        public void Open() => throw reason;

        public void PowerOn() => WasPowered = true;

        public void PowerOff() { }

        public void Close() { }

        public void ClearFault() { }

        public ReadResult Read(Span<double> state) => default;

        public WriteResult Write(ReadOnlySpan<double> command) => default;

        public void RequestStop(StopLevel level, string reason) { }

        public void Dispose() { }
    }
}
