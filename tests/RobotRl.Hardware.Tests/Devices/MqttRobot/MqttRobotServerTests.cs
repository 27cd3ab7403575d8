using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.MqttRobot;
using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Tests.Devices.MqttRobot;

public sealed class MqttRobotServerTests : IDisposable
{
    private const ulong Session = 77,
        Owner = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5),
        Period = TimeSpan.FromMilliseconds(20);

    private readonly RecordingLink _link = new();
    private readonly StubRobot _robot = new(Period);
    private readonly List<string> _notices = [];
    private readonly MqttRobotServer _server;
    private ulong _sequence = 100;
    private bool _echoes = true;

    public MqttRobotServerTests()
    {
        _server = new(
            _robot,
            _link,
            new() { StopAfter = TimeSpan.FromSeconds(0.4), SessionTimeout = TimeSpan.FromSeconds(0.2) },
            TimeProvider.System,
            _notices.Add
        );
        _server.Start();
    }

    public void Dispose() => _server.Dispose();

    [Fact]
    public void Start_Always_PublishesTheRetainedBirthAndDeathEndsIt()
    {
        (string topic, byte[] payload, bool retain) = Assert.Single(_link.Notices);
        Assert.Equal(("robotrl/stub/birth", true), (topic, retain));
        Assert.Null(RobotNotices.TryRead(payload, out RobotBirth? birth));
        Assert.Empty(DescriptionDifferences.Between(_robot.Description, birth!.Description));
        Assert.Null(RobotNotices.TryRead(_link.Will!.Value.Payload.Span, out RobotDeath? will));
        Assert.Equal((birth.Instance, true, "robotrl/stub/death"), (will!.Instance, _link.Will.Value.Retain, _link.Will.Value.Topic));
        _server.Dispose();
        Assert.Null(RobotNotices.TryRead(_link.Notices.Last().Payload, out RobotDeath? death));
        Assert.Equal((birth.Instance, "closed"), (death!.Instance, death.Reason));
    }

    [Fact]
    public void Command_OfTheSessionThatPowered_IsWritten()
    {
        Arm();
        Command(0.5);
        Until(() => _robot.Written.Contains(0.5));
        Until(() => _link.NewestState is { Device: DeviceState.Powered, Reference: > 0 });
    }

    [Fact]
    public void Command_NotArmedForeignDuplicateOvertakenOrLate_IsRefusedAndCounted()
    {
        Attach();
        LearnClock();
        Command(0.1);
        Assert.Equal(1, _server.Counters.Unarmed);
        PowerOn();
        Command(0.2, session: 78);
        MqttFrame good = Command(0.3);
        Until(() => _robot.Written.Contains(0.3));
        Command(0.4, sequence: good.Sequence);
        Command(0.5, sequence: good.Sequence - 1);
        Command(0.6, ageMs: 60);
        Command(0.7);
        Until(() => _robot.Written.Contains(0.7));
        Assert.DoesNotContain(_robot.Written, v => v is not (0 or 0.3 or 0.7));
        MqttCounters counters = _server.Counters;
        Assert.Equal((1, 1, 1, 1, 1), (counters.Unarmed, counters.Foreign, counters.Duplicates, counters.OutOfOrder, counters.Late));
    }

    [Fact]
    public void Command_RetainedWrongLengthOrNotOurs_IsIgnoredAndSaidOnce()
    {
        Arm();
        byte[] kept = MqttFrameCodec.Encode(Frame(MqttFrameKind.Command, 0.9), MqttPayloadFormat.Json);
        _link.Hand("robotrl/stub/command", kept, retained: true);
        _link.Hand("robotrl/stub/command", "on"u8);
        _link.Hand("robotrl/stub/command", "off"u8);
        MqttFrame two = Frame(MqttFrameKind.Command);
        two.SetValues([0.9, 0.9]);
        _link.Hand("robotrl/stub/command", MqttFrameCodec.Encode(two, MqttPayloadFormat.Binary));
        Command(0.2);
        Until(() => _robot.Written.Contains(0.2));
        Assert.DoesNotContain(0.9, _robot.Written);
        Assert.Equal(3, _server.Counters.NotOurs);
        Assert.Contains("robotrl/stub/command", Assert.Single(_notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_StayAway_HoldsThenStopsUntilArmedAnew()
    {
        Arm();
        Command(1.5);
        Until(() => _robot.Written.Contains(1.5));
        Until(() => _robot.Written[^1] == 0);
        Assert.Equal(DeviceState.Powered, _robot.State);
        Until(() => _robot.State == DeviceState.Faulted);
        Assert.Contains("no command from the session", _robot.FaultReason, StringComparison.Ordinal);
        Assert.False(_server.IsArmed);
        Command(1.0);
        Assert.Contains("Stub is Faulted", Ask(MqttRequestAction.PowerOn).Text, StringComparison.Ordinal);
        Assert.True(Ask(MqttRequestAction.ClearFault).Done);
        PowerOn();
        Command(0.25);
        Until(() => _robot.Written.Contains(0.25));
        Assert.DoesNotContain(1.0, _robot.Written);
    }

    [Fact]
    public void PowerOn_AfterACommandFromBefore_MovesNothing()
    {
        Arm();
        Command(1.5);
        Until(() => _robot.Written.Contains(1.5));
        Assert.True(Ask(MqttRequestAction.PowerOff).Done);
        int written = _robot.Written.Length;
        PowerOn();
        for (int i = 0; i < 10; i++)
        {
            Command();
            Pause(10);
        }

        Assert.Equal(written, _robot.Written.Length);
    }

    [Fact]
    public void PowerOn_RobotRefuses_AnswersItsReason()
    {
        Attach();
        LearnClock();
        _robot.RefusesPower = "Stub has no supply voltage.";
        MqttFrame answer = Ask(MqttRequestAction.PowerOn);
        Assert.Equal((false, "Stub has no supply voltage."), (answer.Done, answer.Text));
        Assert.False(_server.IsArmed);
    }

    [Fact]
    public void PowerOn_DriverThrowsABug_StopsTheRobotAndGoesOnServing()
    {
        Attach();
        LearnClock();
        _robot.Powering = () => throw new InvalidOperationException("off by one");
        MqttFrame answer = Ask(MqttRequestAction.PowerOn);
        Assert.Contains("off by one", answer.Text, StringComparison.Ordinal);
        Assert.Equal(
            (false, DeviceState.Faulted, StopLevel.PowerOff, false),
            (answer.Done, _robot.State, _robot.Stop.Requested, _server.IsArmed)
        );
        Assert.Contains("off by one", Assert.Single(_notices), StringComparison.Ordinal);
        _robot.Powering = null;
        Assert.True(Ask(MqttRequestAction.ClearFault).Done);
        PowerOn();
    }

    [Fact]
    public void PowerOff_RobotDoesNotReadBack_IsNotDone_UntilItDoes()
    {
        Arm();
        _robot.IsDeaf = true;
        _robot.RequestStop(StopLevel.ControlledStop, "its servo is dead");
        Assert.False(Ask(MqttRequestAction.PowerOff).Done);
        Assert.Equal(StopLevel.PowerOff, _robot.Stop.Requested);
        _robot.IsDeaf = false;
        Assert.True(Ask(MqttRequestAction.PowerOff).Done);
    }

    [Theory]
    [InlineData("", StopLevel.PowerOff)]
    [InlineData("""{"level":"controlledStop","reason":"hand"}""", StopLevel.ControlledStop)]
    public void Stop_FromAnybody_IsExecutedAtOnce(string payload, StopLevel level)
    {
        Arm();
        _link.Hand("robotrl/stub/stop", System.Text.Encoding.UTF8.GetBytes(payload));
        Assert.Equal((DeviceState.Faulted, level), (_robot.State, _robot.Stop.Requested));
        Command(1.0);
        Until(() =>
            _link.NewestState is { Device: DeviceState.Faulted } state && state.Text!.Contains("stop over MQTT", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(1.0, _robot.Written);
    }

    [Fact]
    public void Attach_WhileAnotherIsAlive_IsRefusedAndGrantedAfterItsSilence()
    {
        Arm();
        Assert.False(Attach(78, owner: 6).Done);
        Command(0.5);
        Until(() => _robot.Written.Contains(0.5));
        Pause(250);
        Assert.True(Attach(79, owner: 6).Done);
        Assert.Equal(DeviceState.Readable, _robot.State);
        Command(1.0);
        Assert.DoesNotContain(1.0, _robot.Written);
        Assert.False(Ask(MqttRequestAction.PowerOn).Done);
    }

    [Fact]
    public void Attach_SameOwnerNewer_ReplacesItsSessionAndPowersOff()
    {
        Arm();
        Assert.True(Attach(80, sequence: 2).Done);
        Assert.Equal(DeviceState.Readable, _robot.State);
        Assert.False(Attach(Session, sequence: 1).Done);
    }

    [Fact]
    public void Request_LateOrBeforeTheClockIsKnown_IsRefusedUnlessItPowersOff()
    {
        _echoes = false;
        Attach();
        Assert.Contains("clock is not known", Ask(MqttRequestAction.PowerOn).Text, StringComparison.Ordinal);
        _echoes = true;
        LearnClock();
        Assert.Contains("too late", Ask(MqttRequestAction.PowerOn, ageMs: 2000).Text, StringComparison.Ordinal);
        PowerOn();
        Assert.True(Ask(MqttRequestAction.PowerOff, ageMs: 2000).Done);
        Assert.Equal(DeviceState.Readable, _robot.State);
    }

    [Fact]
    public void New_OptionsWithProblems_ThrowsAllOfThem() =>
        Assert.Equal(
            5,
            new MqttRobotServerOptions
            {
                Robot = "a/b",
                HoldAfter = TimeSpan.Zero,
                TimeToLive = TimeSpan.Zero,
                DriftPpm = -1,
                PingInterval = TimeSpan.Zero,
            }
                .Validate("x", "stub", Period)
                .Count()
        );

    private void Arm()
    {
        Attach();
        LearnClock();
        PowerOn();
    }

    private MqttFrame Attach(ulong session = Session, ulong owner = Owner, ulong sequence = 1)
    {
        MqttFrame frame = Frame(MqttFrameKind.Request);
        (frame.Action, frame.Owner, frame.Session, frame.Sequence) = (MqttRequestAction.Attach, owner, session, sequence);
        return Send(frame);
    }

    private void PowerOn()
    {
        Assert.True(Ask(MqttRequestAction.PowerOn).Done);
        Assert.Equal(DeviceState.Powered, _robot.State);
    }

    private MqttFrame Ask(MqttRequestAction action, int ageMs = 0)
    {
        MqttFrame frame = Frame(MqttFrameKind.Request);
        (frame.Action, frame.TimeToLive, frame.StampNs) = (action, TimeSpan.FromSeconds(1), frame.StampNs - (ageMs * 1_000_000L));
        return Send(frame);
    }

    private MqttFrame Send(MqttFrame frame)
    {
        _link.Hand("robotrl/stub/request", MqttFrameCodec.Encode(frame, MqttPayloadFormat.Json));
        Assert.True(_link.Answers.TryTake(out MqttFrame? answer, Patience));
        Assert.Equal((frame.Session, frame.Sequence), (answer.Session, answer.Reference));
        return answer;
    }

    /// <summary>Sends a sign of life until the server's states echo it, then echoes them: now both know the other's clock.</summary>
    private void LearnClock()
    {
        for (int i = 0; i < 2; i++)
        {
            MqttFrame sent = Command();
            Until(() => _link.NewestState?.EchoStampNs == sent.StampNs);
        }
    }

    private MqttFrame Command(double? value = null, ulong session = Session, ulong? sequence = null, int ageMs = 0)
    {
        MqttFrame frame = Frame(MqttFrameKind.Command, value);
        (frame.Session, frame.Sequence, frame.StampNs) = (session, sequence ?? frame.Sequence, frame.StampNs - (ageMs * 1_000_000L));
        _link.Hand("robotrl/stub/command", MqttFrameCodec.Encode(frame, MqttPayloadFormat.Binary));
        return frame;
    }

    private MqttFrame Frame(MqttFrameKind kind, double? value = null)
    {
        // The session's clock is an hour behind.
        long now = TimeProvider.System.GetMonotonicNs() + 3_600_000_000_000;
        var frame = new MqttFrame
        {
            Kind = kind,
            Session = Session,
            Sequence = ++_sequence,
            StampNs = now,
            TimeToLive = TimeSpan.FromMilliseconds(50),
        };
        if (_echoes && _link.NewestState is { } state)
        {
            (frame.EchoStampNs, frame.EchoReceivedNs) = (state.StampNs, now);
        }

        frame.SetValues(value is { } v ? [v] : []);
        return frame;
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));

    private static void Pause(int ms) => Thread.Sleep(ms);
}
