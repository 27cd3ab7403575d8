using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>
/// Refuses what a broker may deliver but nobody must act on: messages that are late, twice, overtaken, or of another session.
/// A broker that was frozen delivers its whole backlog when it goes on, message expiry or not.
/// </summary>
/// <remarks>Receiver's thread only.</remarks>
public sealed class FrameGuard
{
    private readonly ClockOffset _clock;
    private readonly long[] _counts = new long[Enum.GetValues<FrameVerdict>().Length];
    private ulong _session,
        _newest;
    private bool _any;

    /// <summary>Judges age by <paramref name="clock"/>, which the same thread feeds.</summary>
    public FrameGuard(ClockOffset clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _clock = clock;
    }

    /// <summary>How many frames had that verdict. Any thread, approximately.</summary>
    public long Count(FrameVerdict verdict) => Volatile.Read(ref _counts[(int)verdict]);

    /// <summary>All that were refused.</summary>
    public long Refused => _counts.Sum() - Count(FrameVerdict.Accepted);

    /// <summary>A new session: its numbering starts anew, and every other is foreign.</summary>
    public void Begin(ulong session) => (_session, _any) = (session, false);

    /// <summary>Judges a frame that was received at <paramref name="receivedNs"/> of our clock.</summary>
    public FrameVerdict Judge(MqttFrame frame, long receivedNs)
    {
        ArgumentNullException.ThrowIfNull(frame);
        FrameVerdict verdict = Look(frame, receivedNs);
        Volatile.Write(ref _counts[(int)verdict], _counts[(int)verdict] + 1);
        return verdict;
    }

    private FrameVerdict Look(MqttFrame frame, long receivedNs)
    {
        if (frame.Session != _session)
        {
            return FrameVerdict.Foreign;
        }

        if (_any && frame.Sequence <= _newest)
        {
            return frame.Sequence == _newest ? FrameVerdict.Duplicate : FrameVerdict.OutOfOrder;
        }

        (_newest, _any) = (frame.Sequence, true);
        if (!_clock.TryToLocal(frame.StampNs, receivedNs, out long sentNs, out long errorNs))
        {
            return FrameVerdict.NoClock;
        }

        Int128 oldest = (Int128)receivedNs - sentNs + errorNs;
        return oldest > frame.TimeToLive.Ticks * (Int128)100 ? FrameVerdict.Late : FrameVerdict.Accepted;
    }
}
