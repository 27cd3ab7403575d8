using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports.Mqtt;

namespace RobotRl.Hardware.Devices.MqttRobot;

/// <summary>The hearing half of <see cref="MqttRobotDevice"/>: what the robot said last, for the driver's thread to look at.</summary>
/// <remarks><see cref="Receive"/>: link's thread. The rest: any thread.</remarks>
internal sealed class RobotListener(string robot, RobotTopics topics, int states, PeerLine peer, Action<string> notice)
    : IMqttReceiver,
        IDisposable
{
    private readonly int _size = states;
    private readonly MqttFrame _incoming = new();
    private volatile RobotBirth? _birth;
    private volatile RobotDeath? _death;
    private volatile RobotAnswer? _answer;
    private volatile string? _remoteFault,
        _stopOrder,
        _foundPowerless;
    private volatile DemandedStop? _demand;
    private volatile DeviceState _remote;
    private volatile bool _powered,
        _withoutPower;
    private long _sentNs,
        _echoedNs,
        _arrivals,
        _poweredAt;

    /// <summary>Set whenever something came.</summary>
    public AutoResetEvent Arrived { get; } = new(false);

    /// <summary>Readings, stamped with our time in ticks; the generation is the robot's own stamp.</summary>
    public NewestValue States { get; } = new(states);

    /// <summary>What the robot said of itself.</summary>
    public RobotBirth? Birth => _birth;

    /// <summary>The newest answer to a request.</summary>
    public RobotAnswer? Answer => _answer;

    /// <summary>The robot's lifecycle state, as it said last.</summary>
    public DeviceState Remote => _remote;

    /// <summary>Whether the robot's side said last that read-back shows it without power.</summary>
    public bool IsWithoutPower => _withoutPower;

    /// <summary>States that came and were of use.</summary>
    public long Arrivals => Volatile.Read(ref _arrivals);

    /// <summary>When the newest state was sent, by our clock.</summary>
    public long SentNs => Volatile.Read(ref _sentNs);

    /// <summary>Our newest stamp that the robot has heard.</summary>
    public long EchoedNs => Volatile.Read(ref _echoedNs);

    /// <summary>What is wrong with the robot, or that somebody stopped it.</summary>
    public string? Fault => _stopOrder ?? _remoteFault ?? _foundPowerless;

    /// <summary>The newest stop order, at the hardest level of those that are not forgotten.</summary>
    public DemandedStop? Demand => _demand;

    /// <summary>Why instance <paramref name="instance"/> is dead; null where it is not.</summary>
    public string? DeathOf(ulong instance) => _death is { } death && death.Instance == instance ? death.Reason : null;

    /// <summary>Forgets the robot, but not that somebody stopped it.</summary>
    public void Forget() => (_birth, _death, _answer, _remoteFault, _foundPowerless, _powered) = (null, null, null, null, null, false);

    /// <summary>Forgets that a stop and a loss of power are faults.</summary>
    public void ForgetFault() => (_stopOrder, _foundPowerless) = (null, null);

    /// <summary>From now on the robot ought to be powered, or not.</summary>
    public void Expect(bool powered, long nowNs)
    {
        Volatile.Write(ref _poweredAt, nowNs);
        _powered = powered;
    }

    /// <inheritdoc/>
    public void Dispose() => Arrived.Dispose();

    /// <inheritdoc/>
    public void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs)
    {
        string? problem = null;
        if (topic == topics.State && !retained)
        {
            if (peer.TryDecode(topic, payload, _incoming, MqttFrameKind.State))
            {
                TakeState(receivedNs);
            }
        }
        else if (topic == topics.Answer && !retained)
        {
            if (peer.TryDecode(topic, payload, _incoming, MqttFrameKind.Answer))
            {
                _answer = new(_incoming.Session, _incoming.Reference, _incoming.Done, _incoming.Text);
                Arrived.Set();
            }
        }
        else if (topic == topics.Birth)
        {
            problem = RobotNotices.TryRead(payload, out RobotBirth? birth);
            _birth = birth ?? _birth;
            Arrived.Set();
        }
        else if (topic == topics.Death && !payload.IsEmpty)
        {
            problem = RobotNotices.TryRead(payload, out RobotDeath? death);
            _death = death ?? _death;
            Arrived.Set();
        }
        else if (topic == topics.Stop && !retained)
        {
            StopOrder order = StopOrder.Read(payload);
            StopLevel before = _stopOrder is null ? StopLevel.None : _demand?.Level ?? StopLevel.None;

            // The demand before the fault: whoever sees the fault must find out what it is.
            _demand = new(order.Level > before ? order.Level : before, order.Reason);
            _stopOrder = $"Robot {robot}: {order.Reason}.";
            Arrived.Set();
            notice(_stopOrder);
        }

        if (problem is not null)
        {
            peer.Complain(topic, problem);
        }
    }

    private void TakeState(long receivedNs)
    {
        FrameVerdict verdict = peer.Judge(_incoming, receivedNs, out long sentNs);
        if (verdict == FrameVerdict.NoClock)
        {
            // It is of use for its echo only.
            Interlocked.Increment(ref _arrivals);
            Arrived.Set();
        }

        if (verdict != FrameVerdict.Accepted)
        {
            return;
        }

        Volatile.Write(ref _sentNs, Math.Max(sentNs, Volatile.Read(ref _sentNs)));
        _remote = _incoming.Device;
        _withoutPower = MqttRobots.IsWithoutPower(_incoming.Device, _incoming.Stop, _incoming.StopConfirmed);
        Volatile.Write(ref _echoedNs, _incoming.EchoStampNs);
        string? fault =
            _incoming.Device == DeviceState.Faulted ? _incoming.Text ?? "no reason given"
            : _incoming.Status is IoStatus.DeviceFault or IoStatus.LinkLost ? _incoming.Text ?? $"reading it failed ({_incoming.Status})"
            : null;
        if (fault is null)
        {
            _remoteFault = null;
        }
        else if (_remoteFault is not { } known || !known.EndsWith(fault, StringComparison.Ordinal))
        {
            _remoteFault = $"Robot {robot}: its side reports: {fault}";
        }

        if (_powered && _incoming.Device != DeviceState.Powered && sentNs > Volatile.Read(ref _poweredAt))
        {
            _powered = false;
            _foundPowerless = fault is not null
                ? null
                : $"Robot {robot}: it is no longer powered, and not by our order. Look at the robot's side, then arm again.";
        }

        if (_incoming.Count == _size && peer.TryToLocal(_incoming.ReadingNs, receivedNs, out long readingNs, out _))
        {
            States.Publish(_incoming.Values, Math.Min(readingNs, receivedNs) / 100, _incoming.ReadingNs);
        }
        else if (_incoming.Count != 0)
        {
            peer.Complain(topics.State, $"a state of {_incoming.Count} values; this robot has {_size}");
        }

        Interlocked.Increment(ref _arrivals);
        Arrived.Set();
    }
}
