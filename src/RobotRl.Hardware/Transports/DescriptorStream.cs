using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Transports;

/// <summary>Reads and writes a non-blocking terminal descriptor with time limits. Does not allocate. One thread.</summary>
internal static class DescriptorStream
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const short Gone = TermiosNative.PollHangUp | TermiosNative.PollError | TermiosNative.PollInvalid;

    public static unsafe TransportResult Read(int descriptor, Span<byte> buffer, TimeSpan timeout)
    {
        if (buffer.IsEmpty)
        {
            return new(TransportStatus.Ok, 0);
        }

        long deadline = MonotonicClock.NowNs + (timeout.Ticks * TimeSpan.NanosecondsPerTick);
        fixed (byte* at = buffer)
        {
            while (true)
            {
                nint count = TermiosNative.Read(descriptor, at, (nuint)buffer.Length);
                if (count > 0)
                {
                    return new(TransportStatus.Ok, (int)count);
                }

                // Zero bytes where at least one was asked for: the other side has hung up.
                if (count == 0 || TermiosNative.LastError is not (TermiosNative.WouldBlock or TermiosNative.Interrupted))
                {
                    return new(TransportStatus.Lost, 0);
                }

                short found = Wait(descriptor, TermiosNative.PollIn, deadline);
                if ((found & TermiosNative.PollIn) == 0)
                {
                    return new((found & Gone) != 0 ? TransportStatus.Lost : TransportStatus.TimedOut, 0);
                }
            }
        }
    }

    public static unsafe TransportResult Write(int descriptor, ReadOnlySpan<byte> bytes, TimeSpan timeout)
    {
        long deadline = MonotonicClock.NowNs + (timeout.Ticks * TimeSpan.NanosecondsPerTick);
        int sent = 0;
        fixed (byte* at = bytes)
        {
            while (sent < bytes.Length)
            {
                nint count = TermiosNative.Write(descriptor, at + sent, (nuint)(bytes.Length - sent));
                if (count > 0)
                {
                    sent += (int)count;
                    continue;
                }

                if (count < 0 && TermiosNative.LastError is not (TermiosNative.WouldBlock or TermiosNative.Interrupted))
                {
                    return new(TransportStatus.Lost, sent);
                }

                short found = Wait(descriptor, TermiosNative.PollOut, deadline);
                if ((found & TermiosNative.PollOut) == 0)
                {
                    // What the driver has queued would reach the peer later, as a stale command.
                    TermiosNative.Flush(descriptor, TermiosNative.FlushOutput);
                    return new((found & Gone) != 0 ? TransportStatus.Lost : TransportStatus.TimedOut, sent);
                }
            }
        }

        return new(TransportStatus.Ok, sent);
    }

    /// <summary>The events found until <paramref name="deadline"/>; none where it passed.</summary>
    private static unsafe short Wait(int descriptor, short events, long deadline)
    {
        var entry = new TermiosNative.PollEntry { Descriptor = descriptor, Events = events };
        while (true)
        {
            long left = Math.Max(0, deadline - MonotonicClock.NowNs);
            var timeout = new TermiosNative.TimeSpec { Seconds = left / NanosecondsPerSecond, Nanoseconds = left % NanosecondsPerSecond };
            int found = TermiosNative.Poll(&entry, 1, &timeout, null);
            if (found >= 0)
            {
                return found == 0 ? (short)0 : entry.Found;
            }

            if (TermiosNative.LastError != TermiosNative.Interrupted)
            {
                return TermiosNative.PollInvalid;
            }
        }
    }
}
