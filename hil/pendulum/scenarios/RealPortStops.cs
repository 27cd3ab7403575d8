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

    private static readonly TimeSpan Boot = TimeSpan.FromSeconds(2.5), Running = TimeSpan.FromMilliseconds(200), ReplyLimit = TimeSpan.FromMilliseconds(8), Limit = TimeSpan.FromSeconds(2);

    /// <summary>The port, or null.</summary>
    public static string? Port => Environment.GetEnvironmentVariable(PortVariable) is { Length: > 0 } port ? port : null;

    /// <summary>Runs <paramref name="scenario"/> on the rig at <paramref name="port"/>.</summary>
    /// <exception cref="RigException">The scenario needs the emulated rig, or the device did not report its stop.</exception>
    public static StopMeasurement Measure(StopScenario scenario, string port)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        if (scenario.OnProcess is not { } inject)
        {
            throw new RigException(scenario.NotOnRealPort!);
        }

        // Open before the commanding process: the last handle that closes drops DTR, which would reset the MCU and hide its flags.
        using var line = new TermiosTransport(port, new McuOptions().Serial.BaudRate, exclusive: false);
        line.Open();
        Thread.Sleep(Boot);
        using Commander commander = Commander.Start(port, shared: true);
        Thread.Sleep(Running);
        long fault = MonotonicClock.NowNs;
        inject(commander);
        while (MonotonicClock.NowNs - fault < Limit.Ticks * 100)
        {
            if (ReadFlags(line) is { } flags && (flags & McuStatus.Powered) == 0)
            {
                var since = TimeSpan.FromMicroseconds((MonotonicClock.NowNs - fault) / 1e3);
                return (flags & McuStatus.CommandTimeout) != 0
                    ? new(scenario.Name, null, since, scenario.Bound + (2 * ReplyLimit), since)
                    : throw new RigException($"{scenario.Name}: the device is without power, but not by its command timeout (flags: {flags}).");
            }
        }

        throw new RigException($"{scenario.Name}: the device did not report within {Limit.TotalSeconds} s that it removed power.");
    }

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
