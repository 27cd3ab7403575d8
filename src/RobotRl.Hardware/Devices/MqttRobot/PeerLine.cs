using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Devices.MqttRobot;

/// <summary>
/// What both sides do with a peer's messages: decode, keep its clock, judge, echo, count; and say once per topic what is not
/// ours.
/// </summary>
/// <remarks>Any thread; a lock, since a session begins on one thread while messages arrive on another. Never the control thread.</remarks>
internal sealed class PeerLine
{
    private readonly Lock _gate = new();
    private readonly ClockOffset _clock;
    private readonly FrameGuard _stream,
        _requests;
    private readonly Action<string> _notice;
    private readonly HashSet<string> _complained = [];
    private ulong _session;
    private long _notOurs;
    private Echo _echo = new(0, 0, 0);

    public PeerLine(double driftPpm, Action<string> notice)
    {
        _clock = new(driftPpm);
        (_stream, _requests, _notice) = (new(_clock), new(_clock), notice);
    }

    /// <summary>
    /// The session, the peer's newest stamp in it and when that came; taken together, so that no echo gets into another session.
    /// </summary>
    public Echo Newest
    {
        get
        {
            lock (_gate)
            {
                return _echo;
            }
        }
    }

    /// <summary>Session now; 0: none.</summary>
    public ulong Session
    {
        get
        {
            lock (_gate)
            {
                return _session;
            }
        }
    }

    /// <summary>A new session, or with 0 none: nothing is known of the peer's clock, and every other session is foreign.</summary>
    public void Begin(ulong session)
    {
        lock (_gate)
        {
            _session = session;
            _clock.Reset();
            _stream.Begin(session);
            _requests.Begin(session);
            _echo = new(session, 0, 0);
        }
    }

    /// <summary>Decodes a payload; false where it is not ours, which is counted, and said the first time.</summary>
    public bool TryDecode(string topic, ReadOnlySpan<byte> payload, MqttFrame frame, params ReadOnlySpan<MqttFrameKind> expected)
    {
        string? problem = MqttFrameCodec.Decode(payload, frame);
        if (problem is null && !expected.Contains(frame.Kind))
        {
            problem = $"a {frame.Kind.ToString().ToLowerInvariant()} does not belong there";
        }

        if (problem is null)
        {
            return true;
        }

        Complain(topic, problem);
        return false;
    }

    /// <summary>Counts a payload that is not ours; the first one of each topic is reported.</summary>
    public void Complain(string topic, string problem)
    {
        bool first;
        lock (_gate)
        {
            _notOurs++;
            first = _complained.Add(topic);
        }

        if (first)
        {
            _notice(
                $"Topic {topic}: a payload is not ours and is ignored: {problem}. Look for another program that writes to "
                    + $"this topic; further ones are only counted."
            );
        }
    }

    /// <summary>Takes the echo in a frame, judges it, and says by our clock when it was sent.</summary>
    public FrameVerdict Judge(MqttFrame frame, long receivedNs, out long sentNs)
    {
        lock (_gate)
        {
            sentNs = 0;
            if (frame.Session == _session && _session != 0 && frame.EchoStampNs > 0)
            {
                _clock.Add(frame.EchoStampNs, frame.EchoReceivedNs, frame.StampNs, receivedNs);
            }

            FrameVerdict verdict =
                _session == 0 ? FrameVerdict.Foreign : (frame.Kind == MqttFrameKind.Request ? _requests : _stream).Judge(frame, receivedNs);
            if (verdict is FrameVerdict.Accepted or FrameVerdict.NoClock or FrameVerdict.Late && frame.StampNs > _echo.StampNs)
            {
                _echo = new(_session, frame.StampNs, receivedNs);
            }

            // As near as can be told: what is accepted is in time even at the far end of the bound.
            if (_clock.TryToLocal(frame.StampNs, receivedNs, out long local, out _))
            {
                sentNs = Math.Min(receivedNs, local);
            }

            return verdict;
        }
    }

    /// <summary>A stamp of the peer by our clock, and the error's bound. False before the clock is known.</summary>
    public bool TryToLocal(long peerNs, long nowNs, out long localNs, out long errorNs)
    {
        lock (_gate)
        {
            return _clock.TryToLocal(peerNs, nowNs, out localNs, out errorNs);
        }
    }

    public MqttCounters Count(long unarmed)
    {
        long Of(FrameVerdict verdict) => _stream.Count(verdict) + _requests.Count(verdict);
        return new(
            Of(FrameVerdict.Accepted),
            Of(FrameVerdict.Late),
            Of(FrameVerdict.Duplicate),
            Of(FrameVerdict.OutOfOrder),
            Of(FrameVerdict.Foreign),
            Of(FrameVerdict.NoClock),
            Volatile.Read(ref _notOurs),
            unarmed
        );
    }

    internal readonly record struct Echo(ulong Session, long StampNs, long ReceivedNs);
}
