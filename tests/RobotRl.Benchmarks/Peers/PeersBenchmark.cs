using System.Globalization;
using RobotRl.Algorithms.Kernels;

namespace RobotRl.Benchmarks.Peers;

/// <summary>Every comparison with a peer in one table.</summary>
internal sealed class PeersBenchmark(params IPeerBenchmark[] comparisons) : IBenchmark
{
    public string Name => "peers";

    public string Summary => "every comparison with a peer, in one table";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        BenchmarkResult[] results = [.. comparisons.SelectMany(c => c.Compare(log))];
        log.WriteLine();
        log.WriteLine($"| {KernelPath.Describe().Path} | ours | peer | ratio | floor |");
        log.WriteLine("|---|---|---|---|---|");
        foreach (BenchmarkResult r in results)
        {
            log.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {r.Name} | {r.Value:G4} {r.Unit} | {r.Peer}: {r.PeerValue:G4} | {r.Ratio:F2} | {r.Floor} |"
                )
            );
        }

        int met = results.Count(r => r.Met);
        return new(Name, met, $"of {results.Length} floors met", null, null, null, "all", met == results.Length);
    }
}
