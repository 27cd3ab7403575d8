using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;
using RobotRl.Reference.Mosquitto;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Control;

namespace RobotRl.Runtime.Tests.Control;

/// <summary>An operator at a real mosquitto: stops, signs of life, a broker that goes away.</summary>
public sealed class MqttOperatorTests : IAsyncLifetime
{
    private readonly MosquittoBroker _broker = new();
    private readonly FakeRunControl _control = new();
    private readonly Receiver _heard = new();
    private readonly MqttOperatorOptions _options = new() { ChallengeInterval = TimeSpan.FromMilliseconds(20) };
    private readonly MqttOperator _operator;
    private readonly MqttLink _remote;

    public MqttOperatorTests()
    {
        _options.Link.Port = _broker.Port;
        _operator = new(
            "arm",
            _options,
            _control,
            new MqttLink(_options.Link, "run-stop", TimeProvider.System),
            new MqttLink(_options.Link, "run", TimeProvider.System),
            NullLogger<MqttOperator>.Instance,
            TimeProvider.System
        );
        _remote = new(_options.Link, "operator", TimeProvider.System);
    }

    public async ValueTask InitializeAsync()
    {
        await _operator.StartAsync(TestContext.Current.CancellationToken);
        Listen();
    }

    public async ValueTask DisposeAsync()
    {
        await _operator.StopAsync(CancellationToken.None);
        _operator.Dispose();
        _remote.Dispose();
        _broker.Dispose();
    }

    [Theory]
    [InlineData("", StopLevel.PowerOff, "powerOff")]
    [InlineData("stop!", StopLevel.PowerOff, "powerOff")]
    [InlineData("{\"level\": \"controlledStop\", \"reason\": \"lunch\"}", StopLevel.ControlledStop, "controlledStop")]
    public void Stop_AnyPayload_StopsAndTellsWhatReadBackSays(string payload, StopLevel level, string told)
    {
        _remote.Deliver(new("robotrl/arm/stop", Encoding.UTF8.GetBytes(payload)));
        Until(() => _control.Stopped == level);
        Until(() => _heard.Of("robotrl/arm/stopped") is not null);
        string answer = _heard.Of("robotrl/arm/stopped")!;
        Assert.Contains("\"confirmed\":true", answer, StringComparison.Ordinal);
        Assert.Contains(told, answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Stop_OfAnotherRobot_IsNotOurs()
    {
        _remote.Deliver(new("robotrl/leg/stop", Array.Empty<byte>()));
        _remote.Deliver(new("robotrl/arm/operator", Encoding.ASCII.GetBytes("stop")));
        Until(() => _heard.Of("robotrl/arm/challenge") is not null);
        Assert.Equal((StopLevel.None, 0), (_control.Stopped, _control.Beats));
    }

    [Fact]
    public async Task Stop_NotConfirmed_IsToldAsSuchWhenTheRunEnds()
    {
        _control.ConfirmsStops = false;
        _remote.Deliver(new("robotrl/arm/stop", Array.Empty<byte>()));
        Until(() => _control.Stopped == StopLevel.PowerOff);
        await _operator.StopAsync(TestContext.Current.CancellationToken);
        Until(() => _heard.Of("robotrl/arm/stopped") is not null);
        Assert.Contains("\"confirmed\":false", _heard.Of("robotrl/arm/stopped"), StringComparison.Ordinal);
    }

    [Fact]
    public void SignOfLife_RepeatsTheNewestChallenge_CountsOnlyThen()
    {
        Until(() => _heard.Of("robotrl/arm/challenge") is not null);
        string old = _heard.Of("robotrl/arm/challenge")!;
        Until(() =>
        {
            _remote.Deliver(new("robotrl/arm/operator", Encoding.ASCII.GetBytes(_heard.Of("robotrl/arm/challenge")!)));
            return _control.Beats > 0;
        });

        // What a broker kept for seconds is no sign of life.
        Until(() => _heard.Count("robotrl/arm/challenge") > 10);
        int before = _control.Beats;
        _remote.Deliver(new("robotrl/arm/operator", Encoding.ASCII.GetBytes(old)));
        _remote.Deliver(new("robotrl/arm/operator", Encoding.ASCII.GetBytes("0123456789abcdef")));
        int challenges = _heard.Count("robotrl/arm/challenge");
        Until(() => _heard.Count("robotrl/arm/challenge") > challenges + 3);
        Assert.Equal(before, _control.Beats);
    }

    [Fact]
    public void SignsOfLife_Flooded_AreNotListenedToForAWhile_AStopIsHeard_AndThenTheyCountAgain()
    {
        _operator.Attendance.FloodPause = TimeSpan.FromSeconds(0.5);
        int answered = 0;
        Until(() => Answers());
        byte[] nonsense = new byte[16];
        for (int i = 0; i < 50 * MqttAttendance.MessagesPerSecond && _heard.Of("robotrl/arm/challenge") is not null; i++)
        {
            _remote.TrySend(new("robotrl/arm/operator", nonsense));
        }

        _heard.Forget();
        _control.ConfirmsStops = false;
        _remote.Deliver(new("robotrl/arm/stop", Encoding.UTF8.GetBytes("{\"level\": \"controlledStop\"}")));
        Until(() => _control.Stopped == StopLevel.ControlledStop);
        answered = _control.Beats;
        Until(Answers);

        bool Answers()
        {
            if (_heard.Of("robotrl/arm/challenge") is { } challenge)
            {
                _remote.TrySend(new("robotrl/arm/operator", Encoding.ASCII.GetBytes(challenge)));
            }

            return _control.Beats > answered;
        }
    }

    [Fact]
    public void Stop_RepeatedAllTheTime_IsAnsweredAllTheSame()
    {
        using var ended = new CancellationTokenSource();
        var thread = new Thread(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                _remote.TrySend(new("robotrl/arm/stop", Array.Empty<byte>()));
            }
        });
        thread.Start();
        Until(() => _heard.Count("robotrl/arm/stopped") > 1);
        ended.Cancel();
        thread.Join();
    }

    [Fact]
    public void BrokerRestarted_StopsGetThroughAgain()
    {
        _broker.Kill();
        _broker.Start();
        Until(() =>
        {
            try
            {
                Listen();
                _remote.Deliver(new("robotrl/arm/stop", Array.Empty<byte>()));
            }
            catch (TransportException)
            {
                return false;
            }

            return _control.Stopped == StopLevel.PowerOff;
        });
    }

    [Fact]
    public async Task Start_NoBroker_SaysSo()
    {
        _broker.Kill();
        using var other = new MqttOperator(
            "leg",
            _options,
            _control,
            new MqttLink(_options.Link, "other-stop", TimeProvider.System),
            new MqttLink(_options.Link, "other", TimeProvider.System),
            NullLogger<MqttOperator>.Instance,
            TimeProvider.System
        );
        TransportException refused = await Assert.ThrowsAsync<TransportException>(() =>
            other.StartAsync(TestContext.Current.CancellationToken)
        );
        Assert.Contains($"localhost:{_broker.Port}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_WrongNameAndInterval_SaysWhatIsAllowed()
    {
        var options = new MqttOperatorOptions { Robot = "arm/1", ChallengeInterval = TimeSpan.Zero };
        string[] problems = [.. options.Validate("Operator:Mqtt")];
        Assert.Equal(2, problems.Length);
        Assert.StartsWith("Operator:Mqtt:Robot: \"arm/1\" cannot be a robot's name on MQTT", problems[0], StringComparison.Ordinal);
        Assert.StartsWith(
            "Operator:Mqtt:ChallengeInterval is 00:00:00; allowed: 00:00:00.02 to 00:01:00.",
            problems[1],
            StringComparison.Ordinal
        );
    }

    private void Listen() =>
        _remote.Open(null, [new("robotrl/arm/challenge", false, false), new("robotrl/arm/stopped", true, false)], _heard);

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20)), "never");

    private sealed class Receiver : IMqttReceiver
    {
        private readonly Lock _gate = new();
        private readonly List<(string Topic, string Payload)> _messages = [];

        public void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs)
        {
            lock (_gate)
            {
                _messages.Add((topic, Encoding.UTF8.GetString(payload)));
            }
        }

        public void Forget()
        {
            lock (_gate)
            {
                _messages.Clear();
            }
        }

        public string? Of(string topic)
        {
            lock (_gate)
            {
                return _messages.LastOrDefault(m => m.Topic == topic).Payload;
            }
        }

        public int Count(string topic)
        {
            lock (_gate)
            {
                return _messages.Count(m => m.Topic == topic);
            }
        }
    }
}
