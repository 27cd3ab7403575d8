namespace RobotRl.Benchmarks;

/// <summary>A benchmark that measures peers in turns; <c>peers</c> prints the ratios of all of these in one table.</summary>
internal interface IPeerBenchmark : IBenchmark
{
    /// <summary>Measures, with one result per peer.</summary>
    IReadOnlyList<BenchmarkResult> Compare(TextWriter log);
}
