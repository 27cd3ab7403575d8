using System.Diagnostics;
using System.Globalization;
using RobotRl.Benchmarks.Sac;

namespace RobotRl.Benchmarks.Loops;

/// <summary>
/// Lateness of the 1 kHz loop in turns with cyclictest, at one policy and priority, each beside a learner that fills a core.
/// </summary>
internal sealed class LoopBenchmark : IBenchmark
{
    private const int Rounds = 3;
    private const double WithinFactor = 2;

    public string Name => "loop";

    public string Summary => "lateness of the 1 kHz loop in turns with cyclictest under the same load [seconds a turn, default 60]";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        int seconds = arguments.Count > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 60;
        var ours = new List<Lateness>();
        var peers = new List<Lateness>();
        int collections = 0;
        long missed = 0;
        for (int round = 0; round < Rounds; round++)
        {
            using (var rig = new LoopRig(budgetMiB: 1024))
            {
                rig.Start(log);
                long before = rig.Loop.Status.MissedTicks;
                rig.Supervise(TimeSpan.FromSeconds(seconds));
                var histogram = rig.Control.Lateness;
                ours.Add(
                    new(histogram.QuantileUs(0.5), histogram.QuantileUs(0.99), histogram.QuantileUs(0.999), histogram.MaximumNs / 1000.0)
                );
                collections += rig.Collections;
                missed += rig.Loop.Status.MissedTicks - before;
            }

            log.WriteLine($"robotrl    {ours[^1]}");
            peers.Add(Cyclictest(seconds));
            log.WriteLine($"cyclictest {peers[^1]}");
        }

        Lateness median = Median(ours),
            peer = Median(peers);
        log.WriteLine(
            $"medians: robotrl {median}; cyclictest {peer}; collections while the robot moved: {collections}; missed ticks: "
                + $"{missed} of {Rounds * seconds * 1000}"
        );
        return new BenchmarkResult(
            Name,
            median.P999Us,
            "us at p99.9",
            "cyclictest",
            peer.P999Us,
            peer.P999Us / median.P999Us,
            $"within {WithinFactor} times cyclictest's p99.9, no collection",
            median.P999Us <= WithinFactor * peer.P999Us && collections == 0
        );
    }

    private static Lateness Cyclictest(int seconds)
    {
        using var learner = SacWork.Learner();
        bool stop = false;
        var load = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                learner.Update();
            }
        })
        {
            IsBackground = true,
        };
        load.Start();
        try
        {
            var start = new ProcessStartInfo(
                "cyclictest",
                $"--policy=fifo --priority={LoopRig.Priority} --interval=1000 --threads=1 --quiet --histogram=100000 --duration={seconds}"
            )
            {
                RedirectStandardOutput = true,
            };
            using Process process = Process.Start(start) ?? throw new InvalidOperationException("cyclictest does not start.");
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return Parse(output);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InvalidOperationException("cyclictest is missing: apt-get install rt-tests");
        }
        finally
        {
            Volatile.Write(ref stop, true);
            load.Join();
        }
    }

    private static Lateness Parse(string output)
    {
        (int Us, long Count)[] buckets =
        [
            .. output
                .Split('\n')
                .Where(l => l.Length > 0 && char.IsAsciiDigit(l[0]))
                .Select(l => l.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                .Select(f => (int.Parse(f[0], CultureInfo.InvariantCulture), long.Parse(f[1], CultureInfo.InvariantCulture))),
        ];
        long total = buckets.Sum(b => b.Count);
        string? maximum = output.Split('\n').FirstOrDefault(l => l.StartsWith("# Max Latencies:", StringComparison.Ordinal))?.Split(':')[1];
        return new(At(0.5), At(0.99), At(0.999), double.Parse(maximum ?? "NaN", CultureInfo.InvariantCulture));

        double At(double quantile)
        {
            long rank = (long)Math.Ceiling(quantile * total),
                seen = 0;
            foreach ((int us, long count) in buckets)
            {
                seen += count;
                if (seen >= rank)
                {
                    return us + 1;
                }
            }

            return double.NaN;
        }
    }

    private static Lateness Median(List<Lateness> of) =>
        new(
            SacWork.Median(of.Select(l => l.P50Us)),
            SacWork.Median(of.Select(l => l.P99Us)),
            SacWork.Median(of.Select(l => l.P999Us)),
            SacWork.Median(of.Select(l => l.MaxUs))
        );

    private sealed record Lateness(double P50Us, double P99Us, double P999Us, double MaxUs)
    {
        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"p50 {P50Us:F0} us, p99 {P99Us:F0}, p99.9 {P999Us:F0}, max {MaxUs:F0}");
    }
}
