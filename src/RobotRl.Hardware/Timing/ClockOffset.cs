namespace RobotRl.Hardware.Timing;

/// <summary>
/// How a peer's monotonic clock stands to ours, with a bound of the error: two hosts share no clock, and neither asks the
/// wall clock. Each message echoes the newest stamp of the other side, so four stamps are known, as in NTP (RFC 5905, section
/// 8): sent by us (t1), received there (t2), answered there (t3), received by us (t4).
/// </summary>
/// <remarks>
/// The offset is ((t2 - t1) + (t3 - t4)) / 2. Whatever the two delays are, it is wrong by at most half the round trip
/// (t4 - t1) - (t3 - t2), and by the drift of the clocks since. The sample with the least bound is kept. All times in
/// nanoseconds. One thread at a time.
/// </remarks>
public sealed class ClockOffset
{
    private readonly double _drift;
    private long _offset,
        _halfTrip,
        _at;

    /// <summary>Knows nothing yet.</summary>
    /// <param name="driftPpm">How fast the two clocks may drift apart, in parts per million.</param>
    public ClockOffset(double driftPpm)
    {
        if (!(double.IsFinite(driftPpm) && driftPpm >= 0))
        {
            throw new ArgumentException(
                FormattableString.Invariant($"A drift of {driftPpm} ppm; allowed: finite, at least 0."),
                nameof(driftPpm)
            );
        }

        _drift = driftPpm * 1e-6;
    }

    /// <summary>Whether a sample was taken since the last <see cref="Reset"/>.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>
    /// How often a sample contradicted the one before by more than both bounds: a clock that jumped (a suspended host), or drifts
    /// faster than stated.
    /// </summary>
    public long Jumps { get; private set; }

    /// <summary>Forgets everything: another peer, or the peer started anew.</summary>
    public void Reset() => IsKnown = false;

    /// <summary>
    /// Takes the four stamps of one echo. False where they cannot be true (an answer before its question, a negative round
    /// trip) or where the sample is worse than the one that is kept.
    /// </summary>
    public bool Add(long sentNs, long peerReceivedNs, long peerSentNs, long receivedNs)
    {
        Int128 here = (Int128)receivedNs - sentNs,
            there = (Int128)peerSentNs - peerReceivedNs;
        if (here < 0 || there < 0 || here > long.MaxValue || there > here + Drift((long)here))
        {
            return false;
        }

        // Drift within the exchange counts too: the peer may have held the stamp for a while.
        long halfTrip = (long)(Int128.Max(0, here - there) / 2) + Drift((long)here) + 1;
        long offset = (long)((((Int128)peerReceivedNs - sentNs) + ((Int128)peerSentNs - receivedNs)) / 2);
        if (IsKnown)
        {
            long kept = ErrorAt(receivedNs);
            if (Int128.Abs((Int128)offset - _offset) > (Int128)halfTrip + kept)
            {
                Jumps++;
            }
            else if (halfTrip > kept)
            {
                return false;
            }
        }

        (_offset, _halfTrip, _at, IsKnown) = (offset, halfTrip, receivedNs, true);
        return true;
    }

    /// <summary>
    /// The peer's stamp by our clock, as near as can be told at <paramref name="nowNs"/>; off by at most
    /// <paramref name="errorNs"/>. False before the first sample.
    /// </summary>
    public bool TryToLocal(long peerNs, long nowNs, out long localNs, out long errorNs)
    {
        (localNs, errorNs) = (peerNs - _offset, IsKnown ? ErrorAt(nowNs) : 0);
        return IsKnown;
    }

    private long ErrorAt(long nowNs)
    {
        long age = Math.Max(0, nowNs - _at);
        return _halfTrip + Drift(age);
    }

    private long Drift(long ns) => (long)Math.Min(Math.Ceiling(ns * _drift), long.MaxValue / 4);
}
