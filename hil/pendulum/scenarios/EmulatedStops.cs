using RobotRl.Hardware.Timing;

namespace RobotRl.Hil.Pendulum;

/// <summary>Stops on the emulated rig, read from the MCU's own trace.</summary>
public static class EmulatedStops
{
    // A busy machine may keep the commanding process from its turn for longer than the command timeout: a stop, but not of the fault.
    private const int Tries = 4;
    private static readonly TimeSpan Running = TimeSpan.FromMilliseconds(150),
        Phase = TimeSpan.FromMilliseconds(7),
        Limit = TimeSpan.FromSeconds(3),
        Settled = TimeSpan.FromMilliseconds(150);

    /// <summary>
    /// Runs <paramref name="scenario"/> on a fresh rig. <paramref name="run"/> shifts the fault against the control period.
    /// </summary>
    /// <exception cref="RigException">The motor did not stop at all, or always stopped before the fault.</exception>
    public static StopMeasurement Measure(StopScenario scenario, int run)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        for (int i = 0; i < Tries; i++)
        {
            using PendulumRig rig = PendulumRig.Start(new RigOptions { Seed = run + 1 });
            using Commander commander = Commander.Start(rig.Port);
            Thread.Sleep(Running + (run * Phase));
            long faultNs = MonotonicClock.NowNs;
            scenario.Inject(rig, commander);
            if (!Waiting.Until(() => !rig.Control.Status().Enabled, Limit))
            {
                throw new RigException($"{scenario.Name}: the motor still runs {Limit.TotalSeconds} s after the fault.");
            }

            // It must stay off: a restarted MCU, or a process that lives on, might drive it again.
            Thread.Sleep(Settled);
            if (Read(rig.ReadTrace(), scenario, faultNs) is { } measurement)
            {
                return measurement;
            }
        }

        throw new RigException(
            $"{scenario.Name}: the motor stopped before the fault in {Tries} tries; this machine is too busy to command it every 20 ms."
        );
    }

    /// <summary>Null where the motor was off before the fault.</summary>
    private static StopMeasurement? Read(RigTrace trace, StopScenario scenario, long faultNs)
    {
        TraceEvent off = trace.MotorOffForGood() ?? throw new RigException($"{scenario.Name}: the motor was driven again after its stop.");
        if (off.MonotonicNs < faultNs)
        {
            return null;
        }

        TraceEvent command = trace.LastCommandBefore(off) ?? throw new RigException($"{scenario.Name}: the trace has no command.");
        TimeSpan sinceCommand = RigTrace.Between(command, off);
        TimeSpan sinceFault = trace.Last("fault") is { } fault
            ? RigTrace.Between(fault, off)
            : TimeSpan.FromMicroseconds((off.MonotonicNs - faultNs) / 1e3);
        return new(scenario.Name, sinceCommand, sinceFault, scenario.Bound, scenario.FromFault ? sinceFault : sinceCommand);
    }
}
