using System.Diagnostics;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.FeetechBus.Guardian;

/// <summary>
/// The guardian's whole life: opens the bus beside the runtime, says that it watches, hears signs of life on standard input
/// and answers them on standard output. Where they stop while the servos carry power it stops the servos and ends.
/// </summary>
/// <remarks>Silence and a closed pipe are the same to it, so a killed runtime and a stopped one (SIGSTOP) are seen alike; a closed pipe at once.</remarks>
public static class GuardianLoop
{
    private const int StandardInput = 0, StandardOutput = 1, FifoPriority = 75;
    private static readonly TimeSpan WriteLimit = TimeSpan.FromMilliseconds(1), Reply = TimeSpan.FromMilliseconds(10), StopLimit = TimeSpan.FromSeconds(2);

    /// <summary>Watches until the runtime ends it in order, or it had to act. On the calling thread.</summary>
    /// <param name="settings">The bus, and what to do.</param>
    /// <param name="report">Takes a sentence where it had to act.</param>
    /// <returns>Null where it was ended in order; true where it acted and every servo confirmed; false where not every one did.</returns>
    /// <exception cref="TransportException">The port cannot be opened, or another guardian still holds the bus.</exception>
    public static bool? Watch(GuardianSettings settings, Action<string> report)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(report);
        using FileStream held = BusLock.Take(settings.Port);
        using var bus = new TermiosTransport(settings.Port, settings.BaudRate, exclusive: false);
        bus.Open();
        var stop = new ServoStop(settings, bus, TimeProvider.System, Reply);
        Rehearse(settings);
        RealTimeScheduling.TryUseFifo(FifoPriority);
        TermiosNative.MakeNonBlocking(StandardInput);
        TermiosNative.MakeNonBlocking(StandardOutput);
        Say(GuardianSignal.Ready);
        if (HearUntilSilence(settings.Timeout, out string cause))
        {
            return null;
        }

        long start = Stopwatch.GetTimestamp();
        int confirmed = stop.Run(StopLimit), all = settings.AllIds.Length;
        string what = settings.Manner == GuardianManner.TorqueOff ? "switched torque off" : FormattableString.Invariant($"lowered torque to {settings.LoweredTorque:0.##} and held");
        report(FormattableString.Invariant(
            $"Guardian of {settings.Port}: {cause}; {what}: {confirmed} of {all} servos confirmed it within {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms.{(confirmed < all ? " Switch the supply off." : "")}"));
        return confirmed == all;
    }

    /// <summary>True where the runtime ends it in order, or goes away while the servos carry no power.</summary>
    private static bool HearUntilSilence(TimeSpan timeout, out string cause)
    {
        Span<byte> heard = stackalloc byte[64];
        bool powered = false;
        cause = "";
        while (true)
        {
            TransportResult read = DescriptorStream.Read(StandardInput, heard, powered ? timeout : TimeSpan.FromSeconds(1));
            if (read.Count > 0)
            {
                byte last = heard[read.Count - 1];
                if (last == GuardianSignal.End)
                {
                    return true;
                }

                powered = last == GuardianSignal.Powered;
                Say(GuardianSignal.Heard);
                continue;
            }

            if (read.Status == TransportStatus.Lost)
            {
                cause = "the runtime is gone";
                return !powered;
            }

            if (powered)
            {
                cause = FormattableString.Invariant($"the runtime has been silent for {timeout.TotalMilliseconds:0} ms");
                return false;
            }
        }
    }

    private static void Say(byte signal) => DescriptorStream.Write(StandardOutput, [signal], WriteLimit);

    /// <summary>Runs the stop once at a bus that does not answer, so that the real one is not the first: a cold call takes 10 ms and more.</summary>
    private static void Rehearse(GuardianSettings settings)
    {
        (MemoryTransport near, MemoryTransport far) = MemoryTransport.CreatePair("rehearsal");
        near.Open();
        far.Open();
        foreach (GuardianManner manner in Enum.GetValues<GuardianManner>())
        {
            new ServoStop(settings with { Manner = manner }, near, TimeProvider.System, TimeSpan.FromMilliseconds(1)).Run(TimeSpan.FromMilliseconds(5));
        }
    }
}
