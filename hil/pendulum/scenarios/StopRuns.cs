namespace RobotRl.Hil.Pendulum;

/// <summary>Every stop, a number of times each.</summary>
public static class StopRuns
{
    /// <summary>Measures them: those of the MCU alone, then (on the emulated rig) those of the host.</summary>
    /// <param name="runs">Runs of each.</param>
    /// <param name="log">Told how it goes, and what a real port cannot show.</param>
    /// <exception cref="RigException">One could not be measured.</exception>
    public static IReadOnlyList<StopMeasurement> Measure(int runs, TextWriter log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var measured = new List<StopMeasurement>();
        foreach (StopScenario scenario in StopScenario.All)
        {
            if (RealPortStops.Port is not null && scenario.NotOnRealPort is { } reason)
            {
                log.WriteLine($"Skipped: {reason}");
                continue;
            }

            Repeat(scenario.Name, run =>
                RealPortStops.Port is { } port ? RealPortStops.Measure(scenario, port) : EmulatedStops.Measure(scenario, run)
            );
        }

        if (RealPortStops.Port is not null)
        {
            log.WriteLine("Skipped: stops that the host makes; their moment is read from the emulated rig's trace.");
            return measured;
        }

        foreach (HostStopScenario scenario in HostStopScenario.All)
        {
            Repeat(scenario.Name, run => HostStops.Measure(scenario, run));
        }

        return measured;

        void Repeat(string name, Func<int, StopMeasurement> measure)
        {
            for (int run = 0; run < runs; run++)
            {
                measured.Add(measure(run));
            }

            log.WriteLine($"{name}: {runs} runs");
        }
    }

    /// <summary>Whether each stop was within its bound, and of the host's 95 of 100 within two control periods.</summary>
    public static bool InTime(IReadOnlyList<StopMeasurement> measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        return measured.All(m => m.InTime)
            && HostStopScenario.All.All(s =>
                Percentile95([.. measured.Where(m => m.Scenario == s.Name).Select(m => m.Counts)]) <= HostStopScenario.Usual
            );
    }

    /// <summary>The time that 95 of 100 do not exceed; zero where there is none.</summary>
    internal static TimeSpan Percentile95(TimeSpan[] times)
    {
        Array.Sort(times);
        return times.Length == 0 ? TimeSpan.Zero : times[(int)Math.Ceiling(0.95 * times.Length) - 1];
    }
}
