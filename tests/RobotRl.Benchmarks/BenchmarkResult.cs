namespace RobotRl.Benchmarks;

/// <summary>One measured figure, as <c>--json</c> prints it.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Value">Our figure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Peer">What it was measured against in the same run, or null.</param>
/// <param name="PeerValue">The peer's figure, or null.</param>
/// <param name="Ratio">How many times better than the peer, or null.</param>
/// <param name="Floor">What must be reached, in words.</param>
/// <param name="Met">Whether it was.</param>
public sealed record BenchmarkResult(
    string Name,
    double Value,
    string Unit,
    string? Peer,
    double? PeerValue,
    double? Ratio,
    string Floor,
    bool Met
);
