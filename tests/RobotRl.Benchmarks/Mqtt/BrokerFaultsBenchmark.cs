using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Timing;
using RobotRl.Reference.Mosquitto;

namespace RobotRl.Benchmarks.Mqtt;

/// <summary>
/// A mosquitto that is killed, restarted or frozen while a pendulum is driven through it: when the control thread knows, and when
/// the link is back.
/// </summary>
internal sealed class BrokerFaultsBenchmark : IBenchmark
{
    private const double MostPeriods = 3,
        MostSeconds = 5;
    private static readonly string[] Kinds = ["killed", "restarted", "half-open"];

    public string Name => "broker-faults";

    public string Summary =>
        "broker killed, restarted, half-open: periods until the control thread knows, seconds until the link is back [runs "
        + "of each, default 10]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        int runs = arguments.Count > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 10;
        var random = new Random(4);
        var lost = Kinds.ToDictionary(k => k, _ => new List<double>());
        var back = Kinds.ToDictionary(k => k, _ => new List<double>());
        int moved = 0;
        using var broker = new MosquittoBroker();
        using var rig = new BrokerRig("pendulum", new() { Port = broker.Port }, new() { Port = broker.Port }, _ => { });
        for (int run = 0; run < runs * Kinds.Length; run++)
        {
            string kind = Kinds[run % Kinds.Length];
            rig.Arm();
            Thread.Sleep(500 + random.Next(200));
            long struck = rig.Watch();
            Strike(broker, kind);
            double periods = (rig.WaitForLoss() - struck) / rig.Period.TotalNanoseconds;
            if (kind != "restarted")
            {
                Thread.Sleep(1000 + random.Next(3000));
            }

            long returned = MonotonicClock.NowNs;
            Restore(broker, kind);
            double seconds = (rig.WaitForReturn(returned) - returned) * 1e-9;
            int written = rig.Written;
            Thread.Sleep(300);
            bool still = rig.Driver.State == DeviceState.Faulted && rig.Simulation.State != DeviceState.Powered && rig.Written == written;
            moved += still ? 0 : 1;
            lost[kind].Add(periods);
            back[kind].Add(seconds);
            log.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{kind, -10} seen after {periods:F2} periods, link back after {seconds:F2} s, "
                        + $"{(still ? "unpowered" : "POWERED BY ITSELF")}"
                )
            );
        }

        rig.Arm();
        log.WriteLine();
        log.WriteLine("| broker | runs | seen after, periods: median | worst | back after, s: median | worst |");
        log.WriteLine("|---|---|---|---|---|---|");
        foreach (string kind in Kinds)
        {
            log.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {kind} | {runs} | {Median(lost[kind]):F2} | {lost[kind].Max():F2} | {Median(back[kind]):F2} | "
                        + $"{back[kind].Max():F2} |"
                )
            );
        }

        log.WriteLine($"robot's side: {rig.Server.Counters}");
        log.WriteLine($"session: {rig.Device.Counters}");
        double worst = lost.Values.Max(v => v.Max()),
            slowest = back.Values.Max(v => v.Max());
        return new BenchmarkResult(
            Name,
            worst,
            "control periods at worst",
            null,
            null,
            null,
            string.Create(
                CultureInfo.InvariantCulture,
                $"seen within {MostPeriods} control periods, back within {MostSeconds} s (worst {slowest:F2} s), unpowered "
                    + $"until armed ({moved} times not)"
            ),
            worst <= MostPeriods && slowest <= MostSeconds && moved == 0
        );
    }

    private static void Strike(MosquittoBroker broker, string kind)
    {
        if (kind == "half-open")
        {
            broker.Freeze();
        }
        else
        {
            broker.Kill();
        }
    }

    private static void Restore(MosquittoBroker broker, string kind)
    {
        if (kind == "half-open")
        {
            broker.Thaw();
        }
        else
        {
            broker.Start();
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
