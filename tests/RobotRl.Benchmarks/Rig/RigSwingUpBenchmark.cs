using System.Globalization;
using RobotRl.Hil.Pendulum;
using RobotRl.Runtime.Control;
using RobotRl.Runtime.Loops;

namespace RobotRl.Benchmarks.Rig;

/// <summary>
/// SAC from nothing swings the rig's pendulum up, in real time, through the firmware. This process is the operator: it arms, and
/// arms again after each stop.
/// </summary>
internal sealed class RigSwingUpBenchmark : IBenchmark
{
    private const double StepsPerSecond = 50,
        UprightRad = 0.2,
        HeldSeconds = 3,
        LastSeconds = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1),
        PlantEvery = TimeSpan.FromMilliseconds(20),
        Grace = TimeSpan.FromMinutes(6);

    public string Name => "rig-swing-up";

    public string Summary => "SAC from nothing swings the rig's pendulum up [seeds, default 3; minutes, default 10; folder for the curves]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        int seeds = arguments.Count > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 3;
        double minutes = arguments.Count > 1 ? double.Parse(arguments[1], CultureInfo.InvariantCulture) : 10;
        string? curves = arguments.Count > 2 ? Directory.CreateDirectory(arguments[2]).FullName : null;
        log.WriteLine(
            "| seed | upright for 3 s first after, robot time | upright in the last minute | shield rate | missed ticks | "
                + "armed again | reversals/s | peak current A |"
        );
        log.WriteLine("|---|---|---|---|---|---|---|---|");

        // Side by side: each rig and its learner take half a core.
        Task<(double Reached, string Row)>[] runs =
        [
            .. Enumerable
                .Range(1, seeds)
                .Select(seed => Task.Factory.StartNew(() => Train(seed, minutes, curves), TaskCreationOptions.LongRunning)),
        ];
        foreach (Task<(double Reached, string Row)> run in runs)
        {
            log.WriteLine(run.Result.Row);
        }

        double worst = runs.Max(r => r.Result.Reached);
        return new BenchmarkResult(
            Name,
            worst,
            "s of robot time until upright, the slowest seed",
            null,
            null,
            null,
            "upright within 600 s of robot time, every seed",
            worst <= 600
        );
    }

    private static (double Reached, string Row) Train(int seed, double minutes, string? curves)
    {
        using PendulumRig rig = PendulumRig.Start(new RigOptions { Seed = seed, TracePlantEvery = PlantEvery });
        long steps = (long)(minutes * 60 * StepsPerSecond);
        string[] settings =
        [
            $"Run:Seed={seed}",
            $"Run:Steps={steps}",
            // A shared machine pauses now and then; the firmware's own timeout stays as tight as it is.
            "Robot:Mcu:Driver:LinkLossAfter=00:00:01",
            "Failsafe:StopUnconfirmed:Threshold=00:00:06",
        ];
        using RobotRlProcess robotrl = RobotRlProcess.Start(rig, null, settings);
        (int arms, RunProgress newest) = Operate(robotrl, TimeSpan.FromMinutes(minutes) + Grace);
        RigStatus wear = rig.Control.Status();
        IReadOnlyList<TraceEvent> events = rig.ReadTrace().Events;
        (double[] times, double[] angles) = RobotTime(events);
        double first = FirstHeld(times, angles),
            last = ShareUpright(times, angles);
        if (curves is not null && File.Exists(Path.Combine(robotrl.RunDirectory, "curve.svg")))
        {
            File.Copy(Path.Combine(robotrl.RunDirectory, "curve.svg"), Path.Combine(curves, $"swing-up-{seed}.svg"), overwrite: true);
        }

        string row = string.Create(
            CultureInfo.InvariantCulture,
            $"| {seed} | {(double.IsFinite(first) ? $"{first:F0} s" : "never")} | {last:P0} | {newest.ShieldRate:P1} | "
                + $"{newest.MissedTicks} | {Math.Max(0, arms - 1)} | "
                + $"{wear.Reversals / (double)times.Length / PlantEvery.TotalSeconds:F1} | {wear.PeakCurrentA:F2} |"
        );
        return (first, row);
    }

    /// <summary>The operator: arms whatever stands still until the run is over.</summary>
    private static (int Arms, RunProgress Newest) Operate(RobotRlProcess robotrl, TimeSpan limit)
    {
        int arms = 0;
        RunProgress newest = new();
        if (!Waiting.Until(() => robotrl.HasExited || Look(), limit) || !robotrl.HasExited)
        {
            throw new RigException(
                $"The run has not ended within {limit}. Its last words: {string.Join(" / ", robotrl.Lines.TakeLast(3))}"
            );
        }

        robotrl.WaitForExit();
        return (arms, newest);

        bool Look()
        {
            Thread.Sleep(Patience);
            try
            {
                ControlAnswer answer = robotrl.Ask(ControlCommand.Status);
                newest = answer.Status?.Progress ?? newest;
                if (answer.Status is { Armed: false, Stage: LoopStage.Disarmed or LoopStage.Stopped } && robotrl.Ask(ControlCommand.Arm).Ok)
                {
                    arms++;
                }
            }
            catch (ControlException)
            {
                // Not up yet, or over.
            }

            return false;
        }
    }

    /// <summary>The arm's angle over the time in which commands came, s: pauses do not count.</summary>
    private static (double[] Times, double[] Angles) RobotTime(IReadOnlyList<TraceEvent> events)
    {
        var (times, angles) = (new List<double>(), new List<double>());
        bool enabled = false;
        foreach (TraceEvent e in events)
        {
            if (e.Name == "enable")
            {
                enabled = e.Value != "0";
            }
            else if (e.Name == "plant" && enabled)
            {
                times.Add(times.Count * PlantEvery.TotalSeconds);
                angles.Add(double.Parse(e.Value.Split(',', ' ')[0], CultureInfo.InvariantCulture));
            }
        }

        return ([.. times], [.. angles]);
    }

    private static double FirstHeld(double[] times, double[] angles)
    {
        double since = double.NaN;
        for (int i = 0; i < angles.Length; i++)
        {
            since =
                !IsUpright(angles[i]) ? double.NaN
                : double.IsNaN(since) ? times[i]
                : since;
            if (times[i] - since >= HeldSeconds)
            {
                return times[i];
            }
        }

        return double.PositiveInfinity;
    }

    private static double ShareUpright(double[] times, double[] angles)
    {
        double[] last = [.. angles.Where((_, i) => times[i] > times[^1] - LastSeconds)];
        return last.Count(IsUpright) / (double)last.Length;
    }

    private static bool IsUpright(double angleRad) => Math.Abs(Math.IEEERemainder(angleRad - Math.PI, 2 * Math.PI)) < UprightRad;
}
