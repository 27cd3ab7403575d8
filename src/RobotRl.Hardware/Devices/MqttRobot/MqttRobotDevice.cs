using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;
using RobotRl.Hardware.Transports.Mqtt;

namespace RobotRl.Hardware.Devices.MqttRobot;

/// <summary>
/// A robot behind an MQTT broker, served by <see cref="MqttRobotServer"/>: the runtime's side. Each exchange sends a command
/// and waits shortly for the state that answers it; the link counts as lost by the age of what the robot sent, not by what the
/// broker says.
/// </summary>
/// <remarks>
/// Unlike other devices' its exchange allocates (about 5 kB: MQTTnet), on the driver's thread and the pool's, never on the
/// control thread. The remote robot's damping cannot be reached, so the description says that it has none. It owns the link.
/// </remarks>
public sealed class MqttRobotDevice : IDevice, IStopSource
{
    private const int ClockExchanges = 8;

    // Less than the driver's lead, so that a loss is known at the tick that follows the exchange.
    private const double ReplyPart = 0.1;

    private readonly MqttRobotOptions _options;
    private readonly IMqttLink _link;
    private readonly TimeProvider _time;
    private readonly RobotTopics _topics;
    private readonly RobotDescription _described;
    private readonly PeerLine _peer;
    private readonly RobotListener _robot;
    private readonly ulong _owner = MqttRobots.Random64();
    private readonly long _periodNs,
        _lossAfterNs;
    private readonly int _replyWaitMs;
    private readonly TimeSpan _timeToLive;

    // Driver's thread.
    private readonly MqttFrame _outgoing = new();
    private ulong _sequence,
        _requestSequence,
        _connections,
        _instance,
        _firstPowerOff;
    private long _readingTicks,
        _remoteReading,
        _exchangedNs;
    private bool _poweringOn;

    /// <summary>Does not connect yet.</summary>
    /// <param name="options">Which robot.</param>
    /// <param name="description">What the robot must be.</param>
    /// <param name="link">Closed.</param>
    /// <param name="time">Its monotonic stamp is this side's clock.</param>
    /// <param name="notice">Takes sentences for the operator; called on several threads.</param>
    /// <exception cref="ArgumentException">The options have problems; the message lists them.</exception>
    public MqttRobotDevice(MqttRobotOptions options, RobotDescription description, IMqttLink link, TimeProvider time, Action<string> notice)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(notice);
        string[] problems = [.. options.Validate("Mqtt")];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        (_options, _described, _link, _time) = (options, description, link, time);
        // A simulator may be behind the broker: nobody here can know.
        Description = description with { HasDamping = false, IsSimulated = false };
        _topics = new(options.Robot);
        _peer = new(options.DriftPpm, notice);
        _robot = new(options.Robot, _topics, description.States.Length, _peer, notice);
        TimeSpan period = description.ControlPeriod;
        _periodNs = (long)period.TotalNanoseconds;
        _lossAfterNs = (long)(options.LossAfterPeriods * period).TotalNanoseconds;
        _timeToLive = options.TimeToLive ?? TimeSpan.FromTicks(Math.Min((2.5 * period).Ticks, MqttFrame.MaxTimeToLive.Ticks));
        _replyWaitMs = Math.Max(1, (int)(ReplyPart * period.TotalMilliseconds));
    }

    /// <inheritdoc/>
    public RobotDescription Description { get; }

    /// <inheritdoc/>
    public string? Fault => _robot.Fault;

    /// <inheritdoc/>
    public string LinkAdvice =>
        _time.GetMonotonicNs() - _robot.SentNs <= _lossAfterNs
            ? "Its side answers, but has no new reading of the robot: look at the robot behind it"
            : $"Look at the broker {_link.Name}, at the network, and at the robot's side (its answers may be "
                + $"{_options.LossAfterPeriods:0.#} periods old, Robot:Mqtt:LossAfterPeriods)";

    /// <inheritdoc/>
    public DemandedStop? DemandedStop => _robot.Demand;

    /// <summary>What became of the robot's messages.</summary>
    public MqttCounters Counters => _peer.Count(0);

    /// <inheritdoc/>
    public void Connect()
    {
        _robot.Forget();
        _firstPowerOff = 0;
        _peer.Begin(0);
        try
        {
            _link.Open(
                null,
                [
                    new(_topics.Birth, true, true),
                    new(_topics.Death, true, true),
                    new(_topics.State, false, false),
                    new(_topics.Answer, true, false),
                    new(_topics.Stop, true, false),
                ],
                _robot
            );
            CheckBirth();
            Attach();
            LearnClock();
        }
        catch (TransportException error)
        {
            Disconnect();
            throw new RobotException(_options.Robot, $"Robot {_options.Robot}: {error.Message}", error);
        }
        catch (RobotException)
        {
            Disconnect();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Disconnect()
    {
        if (_link.IsOpen && _peer.Session != 0)
        {
            Request(MqttRequestAction.Detach);
        }

        _peer.Begin(0);
        _link.Close();
    }

    /// <inheritdoc/>
    public DeviceReading Exchange(ReadOnlySpan<double> command, Span<double> state)
    {
        if (!_link.IsOpen || IsGone)
        {
            return new(IoStatus.LinkLost, _readingTicks);
        }

        // Out of turn and without power the driver wants a reading to start from: worth waiting for.
        long start = _time.GetMonotonicNs();
        bool patient = command.IsEmpty && start - _exchangedNs < _periodNs / 2;
        _exchangedNs = start;
        long before = _robot.Arrivals;
        Send(command);
        bool read = TryTake(state, before, start + (_replyWaitMs * 1_000_000L));
        if (!read && patient)
        {
            read = TryTake(state, _robot.Arrivals, start + (2 * _periodNs));
        }

        if (_time.GetMonotonicNs() - _robot.SentNs > _lossAfterNs)
        {
            return new(IoStatus.LinkLost, _readingTicks);
        }

        // A fault of the robot's is in Fault; its readings go on.
        return new(read ? IoStatus.Ok : IoStatus.NotFresh, _readingTicks);
    }

    /// <inheritdoc/>
    public void PowerOn(ReadOnlySpan<double> state)
    {
        Ask(MqttRequestAction.PowerOn, "power on");
        if (!WaitFor(() => _robot.Remote == DeviceState.Powered, _options.AnswerTimeout))
        {
            throw new RobotException(
                _options.Robot,
                $"Robot {_options.Robot}: it said that it powered, but its state does not show it. Look at the robot's side."
            );
        }

        _robot.Expect(powered: true, _time.GetMonotonicNs());
    }

    /// <inheritdoc/>
    public bool PowerOff()
    {
        _robot.Expect(powered: false, _time.GetMonotonicNs());
        if (!_link.IsOpen || _peer.Session == 0 || IsGone)
        {
            return false;
        }

        // Any answer to this or an earlier try will do: orders are executed in turn. Or a state that the robot sent after it heard of
        // it, but not while it may still be busy with a power-on: it shows that as without power.
        ulong session = _peer.Session,
            reference = Request(MqttRequestAction.PowerOff);
        long asked = _outgoing.StampNs;
        _firstPowerOff = _firstPowerOff == 0 ? reference : _firstPowerOff;
        var limit = TimeSpan.FromMicroseconds(Math.Max(_periodNs, 20_000_000) / 1000);
        return WaitFor(
            () =>
                (_robot.Answer is { Done: true } answer && answer.Session == session && answer.Reference >= _firstPowerOff)
                || (!_poweringOn && _robot.IsWithoutPower && _robot.EchoedNs >= asked),
            limit
        );
    }

    /// <inheritdoc/>
    public void ClearFault()
    {
        // A stop on the topic reaches us before the robot's state that shows it.
        bool stopped = Fault is not null;
        _robot.ForgetFault();
        if (_link.IsOpen && (stopped || _robot.Remote == DeviceState.Faulted))
        {
            Ask(MqttRequestAction.ClearFault, "clear its fault");
            WaitFor(() => _robot.Remote != DeviceState.Faulted, _options.AnswerTimeout);
        }

        if (Fault is { } fault)
        {
            throw new RobotException(_options.Robot, fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Disconnect();
        _link.Dispose();
        _robot.Dispose();
    }

    /// <summary>Waits for a message after the first <paramref name="before"/>, and takes its reading where that is a new one.</summary>
    private bool TryTake(Span<double> state, long before, long untilNs)
    {
        while (_robot.Arrivals == before && _time.GetMonotonicNs() < untilNs)
        {
            _robot.Arrived.WaitOne(_replyWaitMs);
        }

        if (!_robot.States.TryTake(out NewestSlot slot) || slot.Generation == _remoteReading)
        {
            return false;
        }

        slot.Values.AsSpan(0, state.Length).CopyTo(state);
        (_readingTicks, _remoteReading) = (Math.Max(slot.Stamp, _readingTicks), slot.Generation);
        return true;
    }

    /// <summary>Whether the robot's side ended, or started anew and knows this session no more.</summary>
    private bool IsGone => _robot.Birth is not { } birth || birth.Instance != _instance || _robot.DeathOf(_instance) is not null;

    private void CheckBirth()
    {
        if (!WaitFor(() => _robot.Birth is not null, _options.AnswerTimeout))
        {
            throw RobotDescriptions.NoBirth(_options.Robot, _topics, _link.Name, _options.AnswerTimeout);
        }

        RobotBirth birth = _robot.Birth!;
        _instance = birth.Instance;
        ThrowIfDead();
        IReadOnlyList<string> differences = DescriptionDifferences.Between(_described, birth.Description);
        if (differences.Count > 0)
        {
            throw new RobotException(
                _options.Robot,
                $"Robot {_options.Robot}: it is not what "
                    + $"{(_options.DescriptionFile is { } file ? $"\"{file}\" describes" : "it was before")}: "
                    + $"{string.Join("; ", differences)}. Correct the description, or connect the right robot."
            );
        }
    }

    private void ThrowIfDead()
    {
        if (_robot.DeathOf(_instance) is { } reason)
        {
            throw new RobotException(
                _options.Robot,
                $"Robot {_options.Robot}: its side is gone from {_link.Name}: {reason}. Start it again."
            );
        }
    }

    private void Attach()
    {
        ulong session = MqttRobots.Random64(),
            count = ++_connections;
        _peer.Begin(session);
        _requestSequence = count;
        Fill(MqttFrameKind.Request, count, TimeSpan.FromSeconds(1));
        (_outgoing.Action, _outgoing.Owner) = (MqttRequestAction.Attach, _owner);
        _link.Deliver(new(_topics.Request, MqttFrameCodec.Encode(_outgoing, MqttPayloadFormat.Json)) { Expiry = _outgoing.TimeToLive });
        WaitForAnswer(count, "attach us");
    }

    private void LearnClock()
    {
        long errorNs = long.MaxValue,
            limit = (long)_timeToLive.TotalNanoseconds / 2;
        for (int i = 0; i < ClockExchanges; i++)
        {
            long before = _robot.Arrivals;
            Send([]);
            WaitFor(() => _robot.Arrivals != before, _options.AnswerTimeout / ClockExchanges, keepAlive: false);
            if (_peer.TryToLocal(0, _time.GetMonotonicNs(), out _, out long error))
            {
                errorNs = error;
            }
        }

        if (errorNs > limit)
        {
            ThrowIfDead();
            throw new RobotException(
                _options.Robot,
                errorNs == long.MaxValue
                    ? $"Robot {_options.Robot}: no state on topic {_topics.State} at {_link.Name} that answers "
                        + $"ours{(_link.Ping() ? "" : "; the broker does not answer either")}. Permit us to read it and to write "
                        + $"{_topics.Command}, and look at the robot's side."
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"Robot {_options.Robot}: its clock is known only to {errorNs / 1e6:F1} ms, and messages live "
                            + $"{_timeToLive.TotalMilliseconds:F1} ms: the way through {_link.Name} is too slow. Use a nearer "
                            + $"broker, or raise TimeToLive on both sides."
                    )
            );
        }
    }

    /// <summary>A command, or without values a sign of life.</summary>
    private void Send(ReadOnlySpan<double> command)
    {
        Fill(MqttFrameKind.Command, ++_sequence, _timeToLive);
        _outgoing.SetValues(command);
        _link.TrySend(new(_topics.Command, MqttFrameCodec.Encode(_outgoing, _options.Payload)) { Expiry = _timeToLive });
    }

    private ulong Request(MqttRequestAction action)
    {
        Fill(MqttFrameKind.Request, ++_requestSequence, TimeSpan.FromSeconds(1));
        (_outgoing.Action, _outgoing.Owner) = (action, _owner);
        _link.TrySend(
            new(_topics.Request, MqttFrameCodec.Encode(_outgoing, MqttPayloadFormat.Json))
            {
                Reliable = true,
                Expiry = _outgoing.TimeToLive,
            }
        );
        return _requestSequence;
    }

    private void Fill(MqttFrameKind kind, ulong sequence, TimeSpan timeToLive)
    {
        MqttFrame frame = _outgoing;
        frame.Clear();
        PeerLine.Echo echo = _peer.Newest;
        (frame.Kind, frame.Session, frame.Sequence, frame.TimeToLive) = (kind, echo.Session, sequence, timeToLive);
        (frame.EchoStampNs, frame.EchoReceivedNs, frame.StampNs) = (echo.StampNs, echo.ReceivedNs, _time.GetMonotonicNs());
    }

    private void Ask(MqttRequestAction action, string what)
    {
        if (!_link.IsOpen || IsGone)
        {
            throw new RobotException(
                _options.Robot,
                $"Robot {_options.Robot}: the link through {_link.Name} is lost. Wait until it is back."
            );
        }

        _firstPowerOff = 0;
        _poweringOn |= action == MqttRequestAction.PowerOn;
        WaitForAnswer(Request(action), what);
    }

    private void WaitForAnswer(ulong reference, string what)
    {
        ulong session = _peer.Session;
        if (
            !WaitFor(
                () => _robot.Answer is { } answer && answer.Session == session && answer.Reference == reference,
                _options.AnswerTimeout
            )
        )
        {
            ThrowIfDead();
            throw new RobotException(
                _options.Robot,
                $"Robot {_options.Robot}: its side did not answer on {_topics.Answer} within "
                    + $"{_options.AnswerTimeout.TotalSeconds:0.###} s when asked to {what}. Look at it, and permit us to read the "
                    + $"topic."
            );
        }

        if (_robot.Answer is { Done: false } refused)
        {
            throw new RobotException(
                _options.Robot,
                $"Robot {_options.Robot}: it refused to {what}: {(refused.Text ?? "no reason given").TrimEnd('.')}."
            );
        }

        // Requests are carried out in turn: whatever was asked before has ended too.
        _poweringOn = false;
    }

    /// <summary>Waits on the driver's thread, with a sign of life each period, so that neither side takes the other for lost.</summary>
    private bool WaitFor(Func<bool> condition, TimeSpan limit, bool keepAlive = true)
    {
        long start = _time.GetMonotonicNs(),
            alive = start;
        while (!condition())
        {
            long now = _time.GetMonotonicNs();
            if (now - start > limit.TotalNanoseconds)
            {
                return false;
            }

            if (keepAlive && _peer.Session != 0 && now - alive >= _periodNs)
            {
                alive = now;
                Send([]);
            }

            _robot.Arrived.WaitOne(1);
        }

        return true;
    }
}
