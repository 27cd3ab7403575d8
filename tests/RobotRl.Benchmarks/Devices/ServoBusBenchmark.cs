using System.Globalization;
using RobotRl.Benchmarks.Loops;
using RobotRl.Hardware.Devices;
using RobotRl.Runtime.Loops;

namespace RobotRl.Benchmarks.Devices;

/// <summary>Six servos at 200 Hz through the product's loop, beside a bare timer; then with 1% lost replies.</summary>
internal sealed class ServoBusBenchmark : IBenchmark
{
    private const int Rounds = 2,
        Priority = 80;
    private const double MaxAgePeriods = 1.5,
        HeldPart = 0.999;

    public string Name => "servo-bus";

    public string Summary =>
        "six emulated servos over a pseudo-terminal at 200 Hz beside a bare timer, then with 1% lost replies [--seconds N a "
        + "turn, default 60]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        TimeSpan turn = TimeSpan.FromSeconds(Seconds(arguments));
        long bare = 0,
            missed = 0;
        double worstAge = 0,
            worstRate = double.PositiveInfinity;
        bool ran = true;
        for (int round = 0; round < Rounds; round++)
        {
            Turn clean = Measure(turn, log);
            log.WriteLine($"servo bus         {clean}");
            (bare, missed) = (bare + clean.BareMissed, missed + clean.Missed);
            (worstAge, worstRate) = (Math.Max(worstAge, clean.AgeP99), Math.Min(worstRate, clean.RateHz));
            ran &= clean.Ran;
            log.WriteLine($"1% lost replies   {Measure(turn, log, "lost 0.01")}");
        }

        log.WriteLine($"missed ticks: servo bus {missed}, bare timer {bare}");
        return new BenchmarkResult(
            Name,
            worstAge,
            "periods of age at p99",
            "missed ticks of a bare timer",
            bare,
            null,
            $"200 Hz held, age at most {MaxAgePeriods} periods at p99, no more missed ticks ({missed}) than a bare timer",
            ran && worstAge <= MaxAgePeriods && worstRate >= HeldPart * ServoBusRig.RateHz && missed <= bare
        );
    }

    internal static double Seconds(IReadOnlyList<string> arguments) =>
        arguments switch
        {
            [] => 60,
            ["--seconds", var given] => double.Parse(given, CultureInfo.InvariantCulture),
            [var given] => double.Parse(given, CultureInfo.InvariantCulture),
            _ => throw new ArgumentException("Give --seconds N, or nothing."),
        };

    private static Turn Measure(TimeSpan turn, TextWriter log, params string[] faults)
    {
        using var rig = new ServoBusRig(patient: false, faults);
        if (!rig.TryStart(log))
        {
            return new(0, 0, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, 0, 0, 0, 0, Ran: false);
        }

        // By the control thread's own clock: this thread may be kept waiting between two figures.
        long ticks = rig.Status.Ticks,
            missed = rig.Status.MissedTicks,
            fresh = rig.Robot.Fresh,
            start = rig.Status.HeartbeatNs;
        DriverCounters before = rig.Counters;
        long bare;
        using (var timer = new BareTimer(ServoBusRig.Period, Priority))
        {
            rig.Supervise(turn);
            bare = timer.Missed;
        }

        double seconds = (rig.Status.HeartbeatNs - start) / 1e9,
            period = ServoBusRig.Period.TotalMicroseconds;
        DriverCounters after = rig.Counters;
        bool ran = rig.Status.Stage == LoopStage.Running;
        if (!ran)
        {
            log.WriteLine(rig.Condition);
        }

        return new(
            (rig.Status.Ticks - ticks) / seconds,
            (rig.Robot.Fresh - fresh) / seconds,
            rig.Robot.Ages.QuantileUs(0.5) / period,
            rig.Robot.Ages.QuantileUs(0.99) / period,
            rig.Robot.Ages.QuantileUs(0.999) / period,
            rig.Status.MissedTicks - missed,
            bare,
            after.MissedReplies - before.MissedReplies,
            after.MissedCycles - before.MissedCycles,
            ran
        );
    }

    private sealed record Turn(
        double RateHz,
        double FreshHz,
        double AgeP50,
        double AgeP99,
        double AgeP999,
        long Missed,
        long BareMissed,
        long MissedReplies,
        long MissedCycles,
        bool Ran
    )
    {
        public override string ToString() =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{RateHz:F1} ticks/s, {FreshHz:F1} new readings/s, age p50 {AgeP50:F2} periods, p99 {AgeP99:F2}, p99.9 "
                    + $"{AgeP999:F2}; missed ticks {Missed} (bare timer {BareMissed}), bus cycles {MissedCycles}, replies "
                    + $"{MissedReplies}{(Ran ? "" : "; STOPPED")}"
            );
    }
}
