using System.Diagnostics;
using RobotRl.Reference.Mosquitto;
using RobotRl.Runtime.Control;

namespace RobotRl.Runtime.Tests.Commands.Emulate;

public sealed class EmulateMqttCommandTests : IDisposable
{
    private readonly ChildProcess _robot = new(),
        _session = new();

    public void Dispose()
    {
        _robot.Dispose();
        _session.Dispose();
    }

    [Theory]
    [InlineData("No simulated robot \"dog\"; there are: pendulum", "--robot", "dog")]
    [InlineData("--broker is \"localhost:many\"; allowed: HOST or HOST:PORT", "--broker", "localhost:many")]
    [InlineData("emulate mqtt:Port is 70000; allowed: 1 to 65535", "--broker", "localhost:70000")]
    [InlineData("nothing listens there (connection refused)", "--broker", "127.0.0.1:9")]
    [InlineData("cannot be a robot's name on MQTT", "--name", "a/b")]
    [InlineData("emulate mqtt:CaFile is \"none.pem\", which does not exist", "--tls", "--ca", "none.pem")]
    public async Task Emulate_BadInput_SaysWhyWithExitCode2(string message, params string[] arguments)
    {
        await _robot.RunAsync(["emulate", "mqtt", .. arguments]);
        Assert.Equal((2, ""), (_robot.ExitCode, _robot.Output));
        Assert.Contains(message, _robot.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_BrokerOrRobotNotThere_SaysWhyAndMakesNothing()
    {
        await _session.RunAsync(
            "train",
            "--set",
            "Robot:Name=mqtt",
            "--set",
            "Robot:Mqtt:Link:Port=9",
            "--set",
            "Task:Name=pendulum-swing-up"
        );
        Assert.Equal((2, ""), (_session.ExitCode, _session.Output));
        Assert.Contains(
            "mqtt://localhost:9: nothing listens there (connection refused). Start the broker",
            _session.Error,
            StringComparison.Ordinal
        );
        using var broker = new MosquittoBroker();
        await _session.RunAsync(
            "train",
            "--set",
            "Robot:Name=mqtt",
            "--set",
            $"Robot:Mqtt:Link:Port={broker.Port}",
            "--set",
            "Robot:Mqtt:Link:ConnectTimeout=00:00:10",
            "--set",
            "Task:Name=pendulum-swing-up"
        );
        Assert.Equal((2, ""), (_session.ExitCode, _session.Output));
        Assert.Contains("nothing on topic robotrl/pendulum/birth", _session.Error, StringComparison.Ordinal);
        Assert.Empty(_session.Files);
    }

    [Fact]
    public async Task Train_EmulatedRobotBehindABroker_LearnsOnIt()
    {
        using var broker = new MosquittoBroker();
        using Process robot = _robot.Start("emulate", "mqtt", "--broker", $"127.0.0.1:{broker.Port}", "--name", "lab", "--payload", "json");
        try
        {
            Assert.StartsWith(
                "Serving pendulum on robotrl/lab/...",
                await robot.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );

            // A busy machine may hold messages up for longer than some periods; whether that stops it is tested elsewhere.
            using Process session = _session.Start(
                "train",
                "--run",
                "run",
                "--steps",
                "60",
                "--set",
                "Robot:Name=mqtt",
                "--set",
                "Robot:Mqtt:Robot=lab",
                "--set",
                $"Robot:Mqtt:Link:Port={broker.Port}",
                "--set",
                "Robot:Mqtt:LossAfterPeriods=100",
                "--set",
                "Robot:Mqtt:Driver:LinkLossAfter=10 s",
                "--set",
                "Failsafe:SensorStale:Threshold=10 s",
                "--set",
                "Robot:Mqtt:Payload=Json",
                "--set",
                "Robot:Mqtt:TimeToLive=1 s",
                "--set",
                "Task:Name=pendulum-swing-up",
                "--set",
                "Safety:RestVelocity=null"
            );
            await ArmAsync(session, Path.Combine(_session.Directory, "run"));
            await _session.FinishAsync(session);
            Assert.True(_session.ExitCode == 0, _session.Error);
            Assert.Contains("0 bytes allocated by ticks", _session.Output + _session.Error, StringComparison.Ordinal);
        }
        finally
        {
            robot.Kill();
        }
    }

    /// <summary>What is behind a broker is hardware, so that somebody has to arm it.</summary>
    private static async Task ArmAsync(Process session, string run)
    {
        while (!session.HasExited)
        {
            try
            {
                if (
                    (
                        await ControlClient.AskAsync(
                            run,
                            new ControlRequest(ControlCommand.Arm, "test"),
                            TestContext.Current.CancellationToken
                        )
                    ).Ok
                )
                {
                    return;
                }
            }
            catch (ControlException)
            {
                // Its socket is not there yet.
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
