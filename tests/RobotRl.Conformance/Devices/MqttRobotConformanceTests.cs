using RobotRl.Conformance.Loopback;
using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.MqttRobot;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Reference.Mosquitto;
using RobotRl.Sim;

namespace RobotRl.Conformance.Devices;

/// <summary>
/// The driver over a robot behind a mosquitto of its own: both sides and the way between them, in real time. The limits on
/// time are wide, since the suite commands now and then and the machine may be busy; they have tests of their own.
/// </summary>
public sealed class MqttRobotConformanceTests : RobotConformance, IDisposable
{
    private static readonly TimeSpan Wide = TimeSpan.FromSeconds(30);

    private readonly MosquittoBroker _broker = new();
    private readonly List<MqttRobotServer> _servers = [];
    private readonly AutoResetEvent _never = new(false);

    void IDisposable.Dispose()
    {
        Dispose();
        _servers.ForEach(s => s.Dispose());
        _broker.Dispose();
        _never.Dispose();
    }

    protected override IRobot Create()
    {
        TimeProvider time = TimeProvider.System;
        string name = $"loopback-{_servers.Count}";
        var robot = new RealTimeSimulation(new LoopbackRobot(LoopbackDefect.None), time);
        var server = new MqttRobotServer(
            robot,
            new MqttLink(new() { Port = _broker.Port, ConnectTimeout = Wide }, $"robot-{name}", time),
            new()
            {
                Robot = name,
                TimeToLive = Wide,
                HoldAfter = Wide,
                StopAfter = Wide,
            },
            time,
            message => throw new InvalidOperationException(message)
        );
        _servers.Add(server);
        server.Start();
        return MqttRobots.Create(
            new()
            {
                Robot = name,
                TimeToLive = Wide,
                AnswerTimeout = Wide,
                LossAfterPeriods = 100,
                Link = new() { Port = _broker.Port, ConnectTimeout = Wide },
                Driver = DriverSettings.Patient(robot.Description.ControlPeriod),
            },
            time,
            message => throw new InvalidOperationException(message)
        );
    }

    protected override void Pass(IRobot robot) => _never.WaitOne(robot.Description.ControlPeriod);
}
