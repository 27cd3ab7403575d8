using System.Diagnostics;
using System.Text.Json.Nodes;

namespace RobotRl.Runtime.Tests.Commands;

/// <summary>robotrl calibrate, as a process, against the emulated bus and against what is no bus.</summary>
public sealed class CalibrateCommandTests : IDisposable
{
    private readonly ChildProcess _bus = new();
    private readonly ChildProcess _command = new();

    public void Dispose()
    {
        _bus.Dispose();
        _command.Dispose();
    }

    [Fact]
    public async Task EmulatedBus_EverythingStated_WritesTheFileThatTheRobotThenUses()
    {
        string port = Path.Combine(_bus.Directory, "port"),
            file = Path.Combine(_command.Directory, "arm.json");
        using Process bus = _bus.Start("emulate", "dynamixel", "--servos", "2", "--link", port);
        try
        {
            while (!File.Exists(port))
            {
                Assert.False(bus.HasExited, "the emulated bus ended");
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            string[] robot =
            [
                "--set",
                "Robot:Name=dynamixel-bus",
                "--set",
                $"Robot:DynamixelBus:Serial:Port={port}",
                "--set",
                "Robot:DynamixelBus:Servos:elbow:Id=1",
                "--set",
                "Robot:DynamixelBus:Servos:wrist:Id=2",
                "--set",
                "Robot:DynamixelBus:Driver:LinkLossAfter=1 s",
            ];
            await _command.RunAsync([
                "calibrate",
                .. robot,
                "--mark",
                "all=0.5",
                "--range",
                "all=-1..1.2",
                "--invert",
                "wrist",
                "--output",
                file,
            ]);
            Assert.True(_command.ExitCode == 0, _command.Error);
            Assert.Contains("their torque is off", _command.Error, StringComparison.Ordinal);
            Assert.Contains("Set Robot:DynamixelBus:Calibration to it.", _command.Output, StringComparison.Ordinal);
            JsonNode joints = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!["joints"]!;
            Assert.Equal(
                (0.5, 1, -1),
                ((double)joints["elbow"]!["offsetRad"]!, (int)joints["elbow"]!["direction"]!, (int)joints["wrist"]!["direction"]!)
            );

            await _command.RunAsync([
                "doctor",
                .. robot,
                "--set",
                $"Robot:DynamixelBus:Calibration={file}",
                "--set",
                "Loop:AllocationBudgetMiB=0",
                "--set",
                "Learner:Algorithm=stream-actor-critic",
            ]);
            Assert.Contains("elbow/position 0.5 rad", _command.Output, StringComparison.Ordinal);

            string first = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            await _command.RunAsync(["calibrate", .. robot, "--mark", "all=0", "--range", "all=-1..1", "--output", file]);
            Assert.True(_command.ExitCode == 0, _command.Error);
            Assert.Contains($"what was there before is {file}.before.", _command.Output, StringComparison.Ordinal);
            Assert.Equal(first, await File.ReadAllTextAsync(file + ".before", TestContext.Current.CancellationToken));
            Assert.NotEqual(first, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));

            await _command.RunAsync(["calibrate", .. robot, "--mark", "elbow=0", "--output", file]);
            Assert.Equal(2, _command.ExitCode);
            Assert.Contains("--range elbow=MIN..MAX", _command.Error, StringComparison.Ordinal);
        }
        finally
        {
            bus.Kill();
            await bus.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("Robot pendulum has no joints to calibrate; robots that have: dynamixel-bus, feetech-bus", "calibrate")]
    [InlineData(
        "No calibration file is named. Set Robot:FeetechBus:Calibration, or add --output PATH.",
        "calibrate",
        "--set",
        "Robot:Name=feetech-bus",
        "--set",
        "Robot:FeetechBus:Servos:elbow:Id=1"
    )]
    [InlineData(
        "Port /dev/none does not exist",
        "calibrate",
        "--output",
        "x.json",
        "--set",
        "Robot:Name=feetech-bus",
        "--set",
        "Robot:FeetechBus:Servos:elbow:Id=1",
        "--set",
        "Robot:FeetechBus:Serial:Port=/dev/none"
    )]
    [InlineData(
        "there is no joint \"hand\"; allowed: elbow, or all",
        "calibrate",
        "--output",
        "x.json",
        "--mark",
        "hand=0",
        "--set",
        "Robot:Name=feetech-bus",
        "--set",
        "Robot:FeetechBus:Servos:elbow:Id=1"
    )]
    public async Task BadInput_OneMessage_NoFile(string message, params string[] arguments)
    {
        await _command.RunAsync(arguments);
        Assert.Equal((2, ""), (_command.ExitCode, _command.Output));
        Assert.Contains(message, _command.Error, StringComparison.Ordinal);
        Assert.Empty(_command.Files);
    }
}
