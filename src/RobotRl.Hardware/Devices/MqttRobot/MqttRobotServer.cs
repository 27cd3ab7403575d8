using System.Collections.Concurrent;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;

namespace RobotRl.Hardware.Devices.MqttRobot;

/// <summary>
/// Serves any robot over MQTT: the robot's side of <see cref="MqttRobotDevice"/>. It listens to one session at a time, takes
/// commands only from the session that powered it, and stops the robot by itself where commands stay away: no will, keep-alive
/// or message expiry is part of that.
/// </summary>
/// <remarks>
/// Three threads: one reads the robot, writes commands to it and publishes states, once a control period and at each message of
/// the session;
/// one powers and clears; one watches over the broker. An emergency stop is executed on the link's thread, at once.
/// It owns robot and link.
/// </remarks>
public sealed class MqttRobotServer : IMqttReceiver, IDisposable
{
    private const int MaxWaitMs = 5;

    private readonly ServedRobot _served;
    private readonly IMqttLink _link;
    private readonly MqttRobotServerOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<string> _notice;
    private readonly RobotTopics _topics;
    private readonly PeerLine _peer;
    private readonly long _periodNs;
    private readonly TimeSpan _timeToLive;

    // Link's thread.
    private readonly MqttFrame _incoming = new();
    private ulong _owner,
        _ownersCount;

    // Serving thread.
    private readonly MqttFrame _outgoing = new() { Kind = MqttFrameKind.State };
    private ulong _stateSequence;

    // Shared.
    private readonly AutoResetEvent _wake = new(false);
    private readonly BlockingCollection<Order> _orders = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly List<Thread> _threads = [];
    private ulong _answerSequence;
    private long _heardNs,
        _instance,
        _reconnections;
    private string? _lastFailure;

    /// <summary>Does nothing yet.</summary>
    /// <param name="robot">Closed; the server opens it.</param>
    /// <param name="link">Closed; the server opens it.</param>
    /// <param name="options">How.</param>
    /// <param name="time">Its monotonic stamp is this side's clock.</param>
    /// <param name="notice">Takes sentences for whoever runs it; called on several threads.</param>
    /// <exception cref="ArgumentException">The options have problems; the message lists them.</exception>
    public MqttRobotServer(IRobot robot, IMqttLink link, MqttRobotServerOptions options, TimeProvider time, Action<string> notice)
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(notice);
        RobotDescription description = robot.Description;
        TimeSpan period = description.ControlPeriod;
        string[] problems = [.. options.Validate("Server", description.Name, period)];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        (_link, _options, _time, _notice) = (link, options, time, notice);
        Name = options.Robot ?? description.Name;
        _topics = new(Name);
        _peer = new(options.DriftPpm, notice);
        _periodNs = (long)period.TotalNanoseconds;
        _served = new(robot, options.HoldAfter ?? 2.5 * period, options.StopAfter ?? 10 * period, time, notice);
        _timeToLive = options.TimeToLive ?? TimeSpan.FromTicks(Math.Min((2.5 * period).Ticks, MqttFrame.MaxTimeToLive.Ticks));
    }

    /// <summary>The robot's name in the topics.</summary>
    public string Name { get; }

    /// <summary>What became of the session's messages.</summary>
    public MqttCounters Counters => _peer.Count(_served.Unarmed);

    /// <summary>How often the broker came back.</summary>
    public long Reconnections => Volatile.Read(ref _reconnections);

    /// <summary>Whether a session has powered the robot and is not done with it.</summary>
    public bool IsArmed => _served.IsArmed;

    /// <summary>
    /// Opens robot and link, publishes the birth and serves until it is disposed. A broker that is lost later is tried again by
    /// itself.
    /// </summary>
    /// <exception cref="RobotException">The robot cannot be opened.</exception>
    /// <exception cref="TransportException">The broker cannot be reached or refuses.</exception>
    public void Start()
    {
        _served.Robot.Open();
        Connect();
        Begin("serve", Serve);
        Begin("orders", ExecuteOrders);
        Begin("broker", WatchBroker);

        void Begin(string what, Action run)
        {
            var thread = new Thread(() => run()) { IsBackground = true, Name = $"{Name} MQTT {what}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <inheritdoc/>
    public void Receive(string topic, ReadOnlySpan<byte> payload, bool retained, long receivedNs)
    {
        // Nothing that a broker kept is for now; it is not even subscribed to.
        if (retained)
        {
            return;
        }

        if (topic == _topics.Stop)
        {
            StopOrder order = StopOrder.Read(payload);
            _served.Disarm();
            _served.Robot.RequestStop(order.Level, order.Reason);
            _wake.Set();
            _notice($"{Name}: {order.Reason} ({order.Level}).");
        }
        else if (topic == _topics.Command && _peer.TryDecode(topic, payload, _incoming, MqttFrameKind.Command))
        {
            TakeCommand(receivedNs);
        }
        else if (topic == _topics.Request && _peer.TryDecode(topic, payload, _incoming, MqttFrameKind.Request))
        {
            TakeRequest(receivedNs);
        }
    }

    /// <summary>Powers the robot off, says goodbye and ends.</summary>
    public void Dispose()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        _closing.Cancel();
        _orders.CompleteAdding();
        _wake.Set();
        _threads.ForEach(t => t.Join());
        _served.Robot.Dispose();
        try
        {
            if (_link.IsOpen)
            {
                _link.Deliver(new(_topics.Death, RobotNotices.Encode(new RobotDeath((ulong)_instance, "closed"))) { Retain = true });
            }
        }
        catch (TransportException)
        {
            // Then the broker's will says it.
        }

        _link.Dispose();
        _orders.Dispose();
        _wake.Dispose();
        _closing.Dispose();
    }

    /// <summary>Opens the link as a new instance: whoever had a session has to attach again.</summary>
    private void Connect()
    {
        _peer.Begin(0);
        ulong instance = MqttRobots.Random64();
        _instance = (long)instance;
        _link.Open(
            new MqttMessage(_topics.Death, RobotNotices.Encode(new RobotDeath(instance, "the connection to the broker ended")))
            {
                Retain = true,
            },
            [new(_topics.Command, false, false), new(_topics.Request, true, false), new(_topics.Stop, true, false)],
            this
        );
        _link.Deliver(new(_topics.Birth, RobotNotices.Encode(new RobotBirth(instance, _served.Robot.Description))) { Retain = true });
    }

    private void TakeCommand(long now)
    {
        FrameVerdict verdict = _peer.Judge(_incoming, now, out _);
        if (verdict == FrameVerdict.Foreign)
        {
            return;
        }

        Volatile.Write(ref _heardNs, now);
        if (verdict == FrameVerdict.Accepted && _incoming.Count > 0 && !_served.Take(_incoming, now))
        {
            _peer.Complain(
                _topics.Command,
                $"a command of {_incoming.Count} values; this robot has {_served.Robot.Description.Commands.Length}"
            );
        }

        // The answer, a state, goes out at once: its echo is worth most then, and the session waits for it.
        _wake.Set();
    }

    private void TakeRequest(long now)
    {
        if (_incoming.Action == MqttRequestAction.Attach)
        {
            Attach(now);
            return;
        }

        FrameVerdict verdict = _peer.Judge(_incoming, now, out _);
        bool mild = _incoming.Action is MqttRequestAction.PowerOff or MqttRequestAction.Detach;
        if (verdict == FrameVerdict.Accepted || (mild && verdict != FrameVerdict.Foreign))
        {
            Volatile.Write(ref _heardNs, now);
            _orders.Add(new(_incoming.Action, _incoming.Session, _incoming.Sequence));
        }
        else
        {
            Answer(
                _incoming.Session,
                _incoming.Sequence,
                false,
                verdict switch
                {
                    FrameVerdict.Foreign => "another session has this robot, or this one has ended; attach again",
                    FrameVerdict.Late => "the request came too late",
                    FrameVerdict.NoClock => "the session's clock is not known yet; send commands without values first",
                    _ => "the request came twice or was overtaken",
                }
            );
        }
    }

    private void Attach(long now)
    {
        ulong session = _incoming.Session,
            count = _incoming.Sequence;
        bool same = _incoming.Owner == _owner,
            silent = now - Volatile.Read(ref _heardNs) > _options.SessionTimeout.TotalNanoseconds;
        if (session == 0 || (_peer.Session != 0 && (same ? count <= _ownersCount : !silent)))
        {
            Answer(
                session,
                count,
                false,
                same
                    ? "this session is older than the one that is attached"
                    : "another session has this robot; stop it, or wait until it has been silent for a while"
            );
            return;
        }

        (_owner, _ownersCount) = (_incoming.Owner, count);
        _peer.Begin(session);
        Volatile.Write(ref _heardNs, now);

        // Whatever was powered before must be armed anew.
        _served.Disarm();
        _orders.Add(new(MqttRequestAction.Attach, session, count));
    }

    private void ExecuteOrders()
    {
        try
        {
            foreach (Order order in _orders.GetConsumingEnumerable(_closing.Token))
            {
                (bool done, string? text) = Execute(order);
                Answer(order.Session, order.Sequence, done, text);
                _wake.Set();
            }
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
    }

    private (bool Done, string? Text) Execute(Order order)
    {
        try
        {
            switch (order.Action)
            {
                case MqttRequestAction.PowerOn when order.Session != _peer.Session:
                    return (false, "the session has ended");
                case MqttRequestAction.PowerOn:
                    return (_served.PowerOn(order.Session), null);
                case MqttRequestAction.ClearFault:
                    _served.Robot.ClearFault();
                    return (true, null);
                default:
                    bool off = _served.PowerOff();
                    if (order.Action == MqttRequestAction.Detach && order.Session == _peer.Session)
                    {
                        _peer.Begin(0);
                    }

                    return (off, null);
            }
        }
        catch (RobotException error)
        {
            return (false, error.Message);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return (false, Fail(error));
        }
    }

    /// <summary>
    /// What no robot should do: an exception of its own. Nothing is known of it then, so its power is removed; serving goes on.
    /// </summary>
    private string Fail(Exception error)
    {
        string reason = $"its driver failed ({error.GetType().Name}: {error.Message})";
        _served.Disarm();
        _served.Robot.RequestStop(StopLevel.PowerOff, reason);
        if (Interlocked.Exchange(ref _lastFailure, reason) != reason)
        {
            // Once: it may fail so in every cycle.
            _notice($"{Name}: stopped: {reason}. Report this as a bug.");
        }

        return reason;
    }

    private void Answer(ulong session, ulong sequence, bool done, string? text)
    {
        var frame = new MqttFrame
        {
            Kind = MqttFrameKind.Answer,
            Session = session,
            Sequence = Interlocked.Increment(ref _answerSequence),
            StampNs = _time.GetMonotonicNs(),
            TimeToLive = TimeSpan.FromSeconds(1),
            Reference = sequence,
            Done = done,
            Text = text,
        };
        _link.TrySend(
            new(_topics.Answer, MqttFrameCodec.Encode(frame, MqttPayloadFormat.Json)) { Reliable = true, Expiry = frame.TimeToLive }
        );
    }

    private void Serve()
    {
        long next = _time.GetMonotonicNs();
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                _served.Cycle();
                PublishState();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                Fail(error);
            }

            long now = _time.GetMonotonicNs();
            next = Math.Max(next + _periodNs, now + (_periodNs / 2));

            // Woken by a message, it starts the period anew: states then come once a message, and by themselves where none comes.
            while (!_closing.IsCancellationRequested && (now = _time.GetMonotonicNs()) < next)
            {
                if (_wake.WaitOne((int)Math.Clamp((next - now) / 1_000_000, 1, MaxWaitMs)))
                {
                    next = _time.GetMonotonicNs();
                    break;
                }
            }
        }
    }

    private void PublishState()
    {
        PeerLine.Echo echo = _peer.Newest;
        MqttFrame frame = _outgoing;
        (frame.Session, frame.Sequence, frame.TimeToLive) = (echo.Session, ++_stateSequence, _timeToLive);
        (frame.EchoStampNs, frame.EchoReceivedNs) = (echo.StampNs, echo.ReceivedNs);
        _served.Fill(frame);
        frame.StampNs = _time.GetMonotonicNs();
        _link.TrySend(new(_topics.State, MqttFrameCodec.Encode(frame, _options.Payload)) { Expiry = _timeToLive });
    }

    private void WatchBroker()
    {
        // While the session is heard the broker lives; a ping more could only mistake a busy machine for a dead broker.
        var watch = new BrokerWatch(
            Name,
            _link,
            _options,
            _time,
            () => _time.GetMonotonicNs() - Volatile.Read(ref _heardNs) < _options.PingInterval.TotalNanoseconds,
            _notice
        );
        watch.Run(Connect, ComeBack, _closing.Token);
    }

    private void ComeBack()
    {
        // Its session is gone; it must attach and arm anew.
        _orders.Add(new(MqttRequestAction.PowerOff, 0, 0), _closing.Token);
        Interlocked.Increment(ref _reconnections);
    }

    private sealed record Order(MqttRequestAction Action, ulong Session, ulong Sequence);
}
