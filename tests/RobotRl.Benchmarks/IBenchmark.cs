namespace RobotRl.Benchmarks;

/// <summary>Measures one figure.</summary>
internal interface IBenchmark
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>What it measures, in one line.</summary>
    string Summary { get; }

    /// <summary>Measures; details go to <paramref name="log"/> as plain lines (a table for the README where there is one).</summary>
    /// <param name="arguments">What followed the name on the command line.</param>
    /// <param name="log">Standard output, or standard error with --json.</param>
    BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log);
}
