using System.Diagnostics;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.FeetechBus.Guardian;

/// <summary>
/// The guardian's whole life: opens the bus beside the runtime, says that it watches, hears signs of life on standard input
/// and answers them on standard output. Where they stop while the servos carry power it stops the servos and ends.
/// </summary>
/// <remarks>
/// Silence and a closed pipe are the same to it, so a killed runtime and a stopped one (SIGSTOP) are seen alike; a closed pipe at
/// once.
/// </remarks>
public static class GuardianLoop
{
    private const int StandardInput = 0,
        StandardOutput = 1,
        FifoPriority = 75;
    private static readonly TimeSpan WriteLimit = TimeSpan.FromMilliseconds(1),
        StopLimit = TimeSpan.FromSeconds(2);

    /// <summary>Watches until the runtime ends it in order, or it had to act. On the calling thread.</summary>
    /// <param name="settings">The bus, and what to do.</param>
    /// <param name="report">Takes a sentence where it had to act.</param>
    /// <returns>Null where it was ended in order; true where it acted and every servo confirmed that it stays, or is without
    /// torque; false where not every one did.</returns>
    /// <exception cref="TransportException">The port cannot be opened, or another guardian still holds the bus.</exception>
    public static bool? Watch(GuardianSettings settings, Action<string> report)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(report);
        using FileStream held = BusLock.Take(settings.Port);
        using var bus = new TermiosTransport(settings.Port, settings.BaudRate, exclusive: false);
        bus.Open();
        var positions = new CheckedPositions(settings.Ids.Count);
        var stop = new ServoStop(settings, positions, bus, TimeProvider.System, Reply(settings));
        Rehearse(settings);
        RealTimeScheduling.TryUseFifo(FifoPriority);
        TermiosNative.MakeNonBlocking(StandardInput);
        TermiosNative.MakeNonBlocking(StandardOutput);
        Say(GuardianSignal.Ready);
        if (HearUntilSilence(settings, positions, out string cause))
        {
            return null;
        }

        long start = Stopwatch.GetTimestamp();
        StopOutcome outcome = stop.Run(StopLimit);
        report($"Guardian of {settings.Port}: {cause}; {Describe(settings, outcome, Stopwatch.GetElapsedTime(start))}");
        return outcome.Moving.Count == 0;
    }

    /// <summary>What was done, and what was not.</summary>
    internal static string Describe(GuardianSettings settings, StopOutcome outcome, TimeSpan took)
    {
        int all = settings.AllIds.Length;
        bool off = settings.Manner == GuardianManner.TorqueOff;
        string orLess = Enumerable.Range(0, all).Any(i => settings.LoweredRaw(i) < FeetechUnits.TorqueRaw(settings.LoweredTorque))
            ? " or a servo's own lower limit"
            : "";
        string what = off ? "switched torque off" : FormattableString.Invariant($"lowered torque to {settings.LoweredTorque:0.##}{orLess}");
        string held = off ? "" : $"; held: {all - outcome.Moving.Count} of {all}";
        string servos = $"servo {string.Join(", ", outcome.Moving)}";
        string moving =
            outcome.Moving.Count == 0 ? ""
            : off ? $" Not confirmed: {servos}. Switch the supply off."
            : $" Not held: {servos}, which may move on to the last goal, since it is not certain where it is or it did not "
                + $"answer. Switch the supply off.";
        return FormattableString.Invariant(
            $"{what}: {outcome.Confirmed} of {all} servos confirmed it{held}, within {took.TotalMilliseconds:0} ms.{moving}"
        );
    }

    /// <summary>A servo answers at once; adapters and a busy machine take some milliseconds, a slow line more.</summary>
    private static TimeSpan Reply(GuardianSettings settings) =>
        TimeSpan.FromMilliseconds(10)
        + TimeSpan.FromSeconds(10.0 * settings.AllIds.Length * (FeetechLink.MaxLength + FeetechProtocol.Overhead) / settings.BaudRate);

    /// <summary>True where the runtime ends it in order, or goes away while the servos carry no power.</summary>
    private static bool HearUntilSilence(GuardianSettings settings, CheckedPositions positions, out string cause)
    {
        byte[] heard = new byte[16 * (1 + positions.Size)];
        int held = 0;
        bool powered = false;
        cause = "";
        while (true)
        {
            TransportResult read = DescriptorStream.Read(
                StandardInput,
                heard.AsSpan(held),
                powered ? settings.Timeout : TimeSpan.FromSeconds(1)
            );
            if (read.Count > 0)
            {
                held += read.Count;
                int taken = Take(heard.AsSpan(0, held), positions, ref powered, out bool ended);
                if (ended)
                {
                    return true;
                }

                heard.AsSpan(taken, held - taken).CopyTo(heard);
                held -= taken;
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
                cause = FormattableString.Invariant($"the runtime has been silent for {settings.Timeout.TotalMilliseconds:0} ms");
                return false;
            }
        }
    }

    /// <summary>Takes every whole sign of life. Returns the bytes taken.</summary>
    internal static int Take(ReadOnlySpan<byte> heard, CheckedPositions positions, ref bool powered, out bool ended)
    {
        int taken = 0;
        ended = false;
        while (taken < heard.Length && !ended)
        {
            bool carries = heard[taken] == GuardianSignal.Powered;
            int length = carries ? 1 + positions.Size : 1;
            if (taken + length > heard.Length)
            {
                break;
            }

            if (carries)
            {
                positions.Read(heard[(taken + 1)..(taken + length)]);
            }

            (powered, ended) = (carries, heard[taken] == GuardianSignal.End);
            taken += length;
        }

        return taken;
    }

    private static void Say(byte signal) => DescriptorStream.Write(StandardOutput, [signal], WriteLimit);

    /// <summary>Runs the stop once at an emulated bus, so that the real one is not the first: a cold call takes 10 ms and more.</summary>
    private static void Rehearse(GuardianSettings settings)
    {
        (MemoryTransport near, MemoryTransport far) = MemoryTransport.CreatePair("rehearsal");
        near.Open();
        far.Open();
        using var bus = new FeetechBusEmulator(far, 2, TimeProvider.System);
        near.Written = () => bus.Serve(TimeSpan.Zero);
        foreach (GuardianManner manner in Enum.GetValues<GuardianManner>())
        {
            GuardianSettings rehearsed = settings with { Manner = manner, Ids = [1], VelocityIds = [2], TorqueLimits = [] };
            var positions = new CheckedPositions(1);
            positions.Set(0, FeetechUnits.ZeroTicks, 0, FeetechUnits.TicksPerTurn - 1, new MonotonicStamp(TimeProvider.System).Now);
            var link = new FeetechLink(near, TimeProvider.System, TimeSpan.FromMilliseconds(1));
            link.TrySyncWrite(FeetechTable.TorqueEnable, rehearsed.AllIds, [1, 1]);
            new ServoStop(rehearsed, positions, near, TimeProvider.System, TimeSpan.FromMilliseconds(1)).Run(TimeSpan.FromMilliseconds(30));
        }
    }
}
