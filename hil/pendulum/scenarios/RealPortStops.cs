using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Hardware.Protocols.Mcu;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hil.Pendulum;

/// <summary>
/// Stops on a real rig. It has no trace: a second handle on the port, opened before, asks for readings once the commanding
/// process is silent, and sees when the device reports that it removed power. A logic analyser on D13 and D8 shows the rest.
/// </summary>
public static class RealPortStops
{
    /// <summary>Environment variable with the port of a real rig; the scenarios run on the emulated one without it.</summary>
    public const string PortVariable = "ROBOTRL_HIL_PORT";

    // Readings further apart than this show nothing.
    private static readonly TimeSpan GreatestGap = TimeSpan.FromMilliseconds(20);
    private const int Tries = 4;
    private static readonly TimeSpan Boot = TimeSpan.FromSeconds(2.5),
        Running = TimeSpan.FromMilliseconds(200),
        ReplyLimit = TimeSpan.FromMilliseconds(8),
        Limit = TimeSpan.FromSeconds(2);

    /// <summary>The port, or null.</summary>
    public static string? Port => Environment.GetEnvironmentVariable(PortVariable) is { Length: > 0 } port ? port : null;

    /// <summary>
    /// Runs <paramref name="scenario"/> on the rig at <paramref name="port"/>. The motor went off between the last reading with
    /// power, which counts, and the first without.
    /// </summary>
    /// <exception cref="RigException">The scenario needs the emulated rig, or the device did not report its stop.</exception>
    public static StopMeasurement Measure(StopScenario scenario, string port)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        if (scenario.OnProcess is not { } inject)
        {
            throw new RigException(scenario.NotOnRealPort!);
        }

        for (int i = 0; i < Tries; i++)
        {
            // Open before the commanding process: the last handle that closes drops DTR, which would reset the MCU and hide its flags.
            using var line = new TermiosTransport(port, new McuOptions().Serial.BaudRate, exclusive: false);
            line.Open();
            Thread.Sleep(Boot);
            using Commander commander = Commander.Start(port, shared: true);
            Thread.Sleep(Running);
            long fault = MonotonicClock.NowNs;
            inject(commander);

            // The signal was delivered somewhere between: "off" counts from before it, "on" from after it.
            long delivered = MonotonicClock.NowNs;
            (TimeSpan on, TimeSpan off, bool byTimeout) = Watch(scenario, line, fault, delivered);

            // Not by its timeout: the commanding process ended properly before the fault, because it was kept from its turn.
            if (byTimeout && off - on <= GreatestGap)
            {
                return new(scenario.Name, null, off, scenario.Bound, on);
            }
        }

        throw new RigException(
            $"{scenario.Name}: this machine is too busy to command the device until the fault and to read it every "
                + $"{GreatestGap.TotalMilliseconds} ms after it, in {Tries} tries."
        );
    }

    private static (TimeSpan On, TimeSpan Off, bool ByTimeout) Watch(
        StopScenario scenario,
        TermiosTransport line,
        long fault,
        long delivered
    )
    {
        TimeSpan on = TimeSpan.Zero,
            now;
        do
        {
            TimeSpan asked = Since(delivered);
            McuStatus? flags = ReadFlags(line);
            now = Since(fault);
            if (flags is { } seen && (seen & McuStatus.Powered) == 0)
            {
                return (on, now, (seen & McuStatus.CommandTimeout) != 0);
            }

            on = flags is null ? on : asked;
        } while (now < Limit);
        throw new RigException($"{scenario.Name}: the device did not report within {Limit.TotalSeconds} s that it removed power.");
    }

    private static TimeSpan Since(long fault) => TimeSpan.FromMicroseconds((MonotonicClock.NowNs - fault) / 1e3);

    private static McuStatus? ReadFlags(TermiosTransport line)
    {
        Span<byte> buffer = stackalloc byte[McuProtocol.MaxFrameLength];
        var decoder = new McuDecoder();
        line.Write(buffer[..McuCodec.Read(buffer, 1, 0)], ReplyLimit);
        long end = MonotonicClock.NowNs + (ReplyLimit.Ticks * 100);
        McuStatus? flags = null;
        while (flags is null && MonotonicClock.NowNs < end)
        {
            TransportResult read = line.Read(buffer, ReplyLimit);
            ReadOnlySpan<byte> bytes = buffer[..read.Count];
            while (decoder.TryRead(ref bytes, out McuFrame frame))
            {
                if (McuState.TryDecode(frame, 1, 4, out McuState state))
                {
                    flags = state.Flags;
                }
            }
        }

        return flags;
    }
}
