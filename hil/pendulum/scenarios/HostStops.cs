using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Control;

namespace RobotRl.Hil.Pendulum;

/// <summary>
/// Stops that the host makes: a whole <c>robotrl train</c> moves the emulated rig, a cause crosses its threshold, and the rig's
/// trace, which has the host's clock too, says when the motor was off.
/// </summary>
public static class HostStops
{
    private const int Tries = 5,
        StepsBefore = 60;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60),
        StopLimit = TimeSpan.FromSeconds(5),
        Phase = TimeSpan.FromMilliseconds(7);

    /// <summary>Runs <paramref name="scenario"/> on a fresh rig; <paramref name="run"/> shifts the fault.</summary>
    /// <exception cref="RigException">The motor did not stop, or not for this cause, or read-back did not confirm it.</exception>
    public static StopMeasurement Measure(HostStopScenario scenario, int run)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        string words = "";
        for (int i = 0; i < Tries; i++)
        {
            using PendulumRig rig = PendulumRig.Start(new RigOptions { Seed = run + 1 });
            using RobotRlProcess robotrl = RobotRlProcess.Start(
                rig,
                scenario.Sabotage is { } sabotage ? $"{sabotage}@{StepsBefore + run}" : null,
                scenario.Settings
            );
            if (Measure(scenario, run, rig, robotrl) is { } measurement)
            {
                return measurement;
            }

            words = string.Join(" / ", robotrl.Lines.TakeLast(4));
        }

        throw new RigException(
            $"{scenario.Name}: the run ended before the fault, or for another cause, in {Tries} tries; this machine is too "
                + $"busy for the thresholds. The last words: {words}"
        );
    }

    /// <summary>Null where something else stopped the robot first: a busy machine meets tight thresholds by itself.</summary>
    private static StopMeasurement? Measure(HostStopScenario scenario, int run, PendulumRig rig, RobotRlProcess robotrl)
    {
        if (robotrl.TryArm(StartLimit) is { } refusal)
        {
            throw new RigException($"{scenario.Name}: robotrl was not armed within {StartLimit.TotalSeconds} s: {refusal}");
        }

        if (
            !Waiting.Until(() => robotrl.WasStopped || robotrl.HasExited || rig.Control.Status().Commands > StepsBefore - 20, StartLimit)
            || robotrl.WasStopped
            || robotrl.HasExited
        )
        {
            return null;
        }

        // A console that watches has asked before: neither its code nor the server's is cold.
        robotrl.Ask(ControlCommand.Status);
        Thread.Sleep(run * Phase);
        long crossed = MonotonicClock.NowNs;
        scenario.Inject?.Invoke(rig, robotrl);
        bool off = Waiting.Until(() => !rig.Control.Status().Enabled, scenario.Sabotage is null ? StopLimit : StartLimit);
        scenario.Restore?.Invoke(rig);
        if (!off)
        {
            throw new RigException(
                $"{scenario.Name}: the motor still runs. The last words: {string.Join(" / ", robotrl.Lines.TakeLast(4))}"
            );
        }

        // Stopped by a fault, it waits to be armed again; to end it does not undo the fault.
        int exit = robotrl.End();
        if (!scenario.CountsFromInjection)
        {
            if (robotrl.CrossedNs(scenario.Cause) is not { } told)
            {
                return null;
            }

            crossed = told;
        }

        if (exit != 3)
        {
            throw new RigException(
                $"{scenario.Name}: robotrl ended with exit code {exit}, not 3 (stopped by a failsafe). The last words: "
                    + $"{string.Join(" / ", robotrl.Lines.TakeLast(4))}"
            );
        }

        if (robotrl.Lines.FirstOrDefault(l => l.Contains("not confirmed by read-back within", StringComparison.Ordinal)) is { } unconfirmed)
        {
            throw new RigException($"{scenario.Name}: {unconfirmed}");
        }

        RigTrace trace = rig.ReadTrace();
        TraceEvent last = trace.MotorOffForGood() ?? throw new RigException($"{scenario.Name}: the motor was driven again after its stop.");
        TraceEvent command = trace.LastCommandBefore(last) ?? throw new RigException($"{scenario.Name}: the trace has no command.");
        TimeSpan late = TimeSpan.FromMicroseconds((last.MonotonicNs - crossed) / 1e3);
        return new(scenario.Name, RigTrace.Between(command, last), late, HostStopScenario.Bound, late);
    }
}
