using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.MqttRobot;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Reference.Mosquitto;

namespace RobotRl.Hardware.Tests.Devices.MqttRobot;

/// <summary>Both sides over a mosquitto of its own.</summary>
public sealed class MqttRobotDeviceTests : IDisposable
{
    private const string Mild = """{"level":"controlledStop","reason":"calm down"}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8),
        Period = TimeSpan.FromMilliseconds(40);

    private readonly MosquittoBroker _broker = new();
    private readonly StubRobot _robot = new(Period);
    private readonly List<string> _notices = [];
    private readonly double[] _state = new double[1];
    private FaultyMqttLink? _faults;
    private MqttRobotServer? _server;

    public void Dispose()
    {
        _broker.Thaw();
        _server?.Dispose();
        _broker.Dispose();
    }

    [Theory]
    [InlineData(MqttPayloadFormat.Json)]
    [InlineData(MqttPayloadFormat.Binary)]
    public void Exchange_Powered_ReadsAndCommandsTheRobot(MqttPayloadFormat format)
    {
        Serve(new() { Payload = format });
        using MqttRobotDevice device = Device(new() { Payload = format });
        device.Connect();
        Assert.Equal(IoStatus.Ok, device.Exchange([], _state).Status);
        device.PowerOn(_state);
        Assert.Equal(DeviceState.Powered, _robot.State);
        int fresh = 0;
        long worstAgeTicks = 0;
        for (int i = 1; i <= 20; i++)
        {
            DeviceReading reading = device.Exchange([0.05 * i], _state);
            fresh += reading.Status == IoStatus.Ok ? 1 : 0;
            worstAgeTicks = Math.Max(worstAgeTicks, (TimeProvider.System.GetMonotonicNs() / 100) - reading.TimestampTicks);
            Pause(20);
        }

        Until(() => _robot.Written.Contains(1.0));
        Assert.True(fresh >= 15, $"{fresh} of 20 readings were fresh");
        Assert.InRange(worstAgeTicks, 0, 2 * Period.Ticks);
        Until(device.PowerOff);
        Assert.Equal(DeviceState.Readable, _robot.State);
        Assert.Empty(_notices);
    }

    [Fact]
    public void Connect_RobotNotThereOrGone_SaysSo()
    {
        Assert.Contains(
            "nothing on topic robotrl/stub/birth",
            Assert.Throws<RobotException>(() => Create()).Message,
            StringComparison.Ordinal
        );
        Serve();
        using MqttRobotDevice device = Create();
        device.Connect();
        _server!.Dispose();
        Until(() => device.Exchange([], _state).Status == IoStatus.LinkLost);
        Assert.Contains("its side is gone", Assert.Throws<RobotException>(device.Connect).Message, StringComparison.Ordinal);
        Serve();
        device.Connect();
        Assert.Equal(IoStatus.Ok, device.Exchange([], _state).Status);
    }

    [Fact]
    public void Connect_InterfacesDiffer_ListsTheDifferences()
    {
        Serve();
        using MqttRobotDevice device = Device(
            new(),
            _robot.Description with
            {
                Commands = [_robot.Description.Commands[0] with { Maximum = 3 }],
            }
        );
        string message = Assert.Throws<RobotException>(device.Connect).Message;
        Assert.Contains("command arm/effort: maximum is 2, described as 3", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Connect_AnotherSessionThere_IsRefused()
    {
        Serve();
        using MqttRobotDevice first = Device(),
            second = Device();
        first.Connect();
        Assert.Contains("another session has this robot", Assert.Throws<RobotException>(second.Connect).Message, StringComparison.Ordinal);
        first.Disconnect();
        second.Connect();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Exchange_BrokerKilledOrFrozen_IsLostWithinThreePeriodsAndComesBackUnpowered(bool frozen)
    {
        Serve();
        using MqttRobotDevice device = Device();
        device.Connect();
        device.PowerOn(_state);
        Drive(device, 10);
        long start = TimeProvider.System.GetMonotonicNs();
        if (frozen)
        {
            _broker.Freeze();
        }
        else
        {
            _broker.Kill();
        }

        while (device.Exchange([0.1], _state).Status != IoStatus.LinkLost)
        {
            MonotonicClock.SleepUntil(MonotonicClock.NowNs + (long)(0.5 * Period.TotalNanoseconds));
        }

        // Three periods, and what a busy machine may add.
        Assert.InRange(TimeProvider.System.GetMonotonicNs() - start, 0, (3 * Period.TotalNanoseconds) + 60e6);
        device.Disconnect();
        Assert.False(device.PowerOff());
        Until(() => _robot.State == DeviceState.Faulted);
        if (frozen)
        {
            _broker.Thaw();
        }
        else
        {
            _broker.Start();
        }

        Until(() => Connects(device));
        Assert.NotEqual(DeviceState.Powered, _robot.State);
        Until(() => device.Exchange([0.7], _state).Status == IoStatus.Ok && device.Fault is not null);
        Assert.Contains("no command from the session", device.Fault, StringComparison.Ordinal);
        device.ClearFault();
        device.PowerOn(_state);
        Drive(device, 3);
        Assert.DoesNotContain(0.7, _robot.Written);
    }

    [Fact]
    public void PowerOff_RobotsSideReadsNothingBack_IsNotConfirmed()
    {
        Serve();
        using MqttRobotDevice device = Device();
        device.Connect();
        device.PowerOn(_state);
        _robot.IsDeaf = true;
        _robot.RequestStop(StopLevel.ControlledStop, "its servo is dead");
        Until(() => Exchanges(device) && device.Fault is not null);
        Assert.False(device.PowerOff());
        _robot.IsDeaf = false;
        Until(() => Exchanges(device) && device.PowerOff());
    }

    [Fact]
    public void Stop_OnTheTopic_StopsRobotAndSession()
    {
        Serve();
        using MqttRobotDevice device = Device();
        device.Connect();
        device.PowerOn(_state);
        using (var hand = new MqttLink(new() { Port = _broker.Port }, "operator", TimeProvider.System))
        {
            hand.Open(null, [], new Nobody());
            hand.Deliver(new("robotrl/stub/stop", """{"reason":"hand in the cell"}"""u8.ToArray()));
        }

        Until(() => _robot.State == DeviceState.Faulted && device.Fault is not null);
        Assert.Contains("hand in the cell", device.Fault, StringComparison.Ordinal);
        device.ClearFault();
        Assert.Null(device.Fault);
        Assert.Equal(DeviceState.Readable, _robot.State);
    }

    [Fact]
    public void Stop_MilderAfterHarderOnTheTopic_DemandsTheHarderUntilCleared()
    {
        Serve();
        using MqttRobotDevice device = Device();
        device.Connect();
        using var hand = new MqttLink(new() { Port = _broker.Port }, "operator", TimeProvider.System);
        hand.Open(null, [], new Nobody());
        Assert.Equal(StopLevel.PowerOff, Demand("").Level);
        DemandedStop second = Demand(Mild);
        Assert.Equal((StopLevel.PowerOff, "stop over MQTT: calm down"), (second.Level, second.Reason));
        device.ClearFault();
        Assert.Same(second, device.DemandedStop);
        Assert.Equal(StopLevel.ControlledStop, Demand(Mild).Level);

        DemandedStop Demand(string payload)
        {
            DemandedStop? before = device.DemandedStop;
            hand.Deliver(new("robotrl/stub/stop", System.Text.Encoding.UTF8.GetBytes(payload)));
            Until(() =>
                device.DemandedStop != before && device.Fault is not null && Exchanges(device) && _robot.State == DeviceState.Faulted
            );
            return device.DemandedStop!;
        }
    }

    [Fact]
    public void PowerOff_WhilePowerOnStillRuns_IsConfirmedOnlyAfterIt()
    {
        Serve();
        using MqttRobotDevice device = Device(new() { AnswerTimeout = TimeSpan.FromSeconds(0.3) });
        device.Connect();
        using var gate = new ManualResetEventSlim(false);
        _robot.Powering = () => gate.Wait(Patience);
        Assert.Contains("did not answer", Assert.Throws<RobotException>(() => device.PowerOn(_state)).Message, StringComparison.Ordinal);
        for (int i = 0; i < 5; i++)
        {
            Assert.False(device.PowerOff());
        }

        gate.Set();
        Until(device.PowerOff);
        Assert.Equal(DeviceState.Readable, _robot.State);
    }

    [Fact]
    public void Exchange_MessagesLostDoubledLateAndDamaged_GoesOnAndRefusesThem()
    {
        Serve(new() { StopAfter = TimeSpan.FromSeconds(3) });
        using MqttRobotDevice device = Device(new() { LossAfterPeriods = 20 });
        device.Connect();
        device.PowerOn(_state);
        (_faults!.Lost, _faults.Duplicated, _faults.Corrupted, _faults.Late, _faults.Delay) = (
            0.1,
            0.2,
            0.1,
            0.1,
            TimeSpan.FromMilliseconds(150)
        );
        double last = 0;
        for (int i = 0; i < 150; i++)
        {
            Assert.NotEqual(IoStatus.LinkLost, device.Exchange([0.1], _state).Status);
            Assert.True(_state[0] >= last);
            last = _state[0];
            Pause(5);
        }

        MqttCounters robot = _server!.Counters,
            session = device.Counters;
        foreach (MqttCounters side in new[] { robot, session })
        {
            Assert.True(side is { Accepted: > 30, Duplicates: > 0, NotOurs: > 0 } && side.Late + side.OutOfOrder > 0, $"{side}");
        }
    }

    [Fact]
    public void Exchange_RobotSideSilent_IsLost()
    {
        Serve();
        using MqttRobotDevice device = Device();
        device.Connect();
        Drive(device, 3);
        _faults!.Silent = true;
        Until(() => device.Exchange([], _state).Status == IoStatus.LinkLost);
    }

    [Fact]
    public void Load_FileMissingOrNoDescription_NamesIt()
    {
        string file = Path.Combine(_broker.Folder, "arm.json");
        Assert.Contains(file, Assert.Throws<RobotException>(() => RobotDescriptions.Load("arm", file)).Message, StringComparison.Ordinal);
        File.WriteAllText(file, "{}");
        Assert.Contains(
            "lacks the robot's name",
            Assert.Throws<RobotException>(() => RobotDescriptions.Load("arm", file)).Message,
            StringComparison.Ordinal
        );
        File.WriteAllText(file, RobotNotices.WriteDescription(_robot.Description));
        Assert.Empty(DescriptionDifferences.Between(_robot.Description, RobotDescriptions.Load("arm", file)));
    }

    [Fact]
    public void Validate_OptionsWithProblems_NamesEachPath()
    {
        var options = new MqttRobotOptions
        {
            Robot = "#",
            DescriptionFile = "/nowhere.json",
            TimeToLive = TimeSpan.Zero,
            LossAfterPeriods = 0,
            AnswerTimeout = TimeSpan.Zero,
            DriftPpm = double.NaN,
            Link = new() { Port = -1 },
        };
        string[] problems = [.. options.Validate("Robot:Mqtt")];
        Assert.Equal(7, problems.Length);
        Assert.All(problems, p => Assert.StartsWith("Robot:Mqtt:", p, StringComparison.Ordinal));
    }

    private void Serve(MqttRobotServerOptions? options = null)
    {
        _faults = new(
            new MqttLink(new() { Port = _broker.Port }, $"server-{Guid.NewGuid():N}", TimeProvider.System),
            TimeProvider.System,
            seed: 3
        );
        _server = new(_robot, _faults, options ?? new(), TimeProvider.System, _ => { });
        _server.Start();
    }

    private MqttRobotDevice Create() =>
        MqttRobots.CreateDevice(
            new()
            {
                Robot = "stub",
                Link = new() { Port = _broker.Port },
            },
            TimeProvider.System,
            _notices.Add
        );

    private MqttRobotDevice Device(MqttRobotOptions? options = null, RobotDescription? description = null) =>
        new(
            (options ?? new()) with
            {
                Robot = "stub",
            },
            description ?? _robot.Description,
            new MqttLink(new() { Port = _broker.Port }, $"device-{Guid.NewGuid():N}", TimeProvider.System),
            TimeProvider.System,
            _notices.Add
        );

    private void Drive(MqttRobotDevice device, int cycles)
    {
        for (int i = 0; i < cycles; i++)
        {
            // A busy machine may hold everything up for two periods, which counts as a loss.
            device.Exchange([0.1], _state);
            Assert.Null(device.Fault);
            Pause(20);
        }
    }

    private bool Exchanges(MqttRobotDevice device) => device.Exchange([], _state).Status != IoStatus.LinkLost;

    private static bool Connects(MqttRobotDevice device)
    {
        try
        {
            device.Connect();
            return true;
        }
        catch (RobotException)
        {
            return false;
        }
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));

    private static void Pause(int ms) => Thread.Sleep(ms);

    private sealed class Nobody : IMqttReceiver
    {
        public void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs) { }
    }
}
