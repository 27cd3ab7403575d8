namespace RobotRl.Runtime.Commands.Bench;

/// <summary>The document of <c>robotrl bench --json</c>.</summary>
/// <param name="Processors">Processors of this machine that the process may use.</param>
/// <param name="Kernels">What the managed kernels run on.</param>
/// <param name="RateHz">Control rate.</param>
/// <param name="Observations">Floats per observation.</param>
/// <param name="Actions">Action dimensions.</param>
/// <param name="Margin">Share of the ceiling that is tried first.</param>
/// <param name="Rows">The table.</param>
/// <param name="Warnings">What keeps the control thread from real-time scheduling.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record BenchReport(
    int Processors,
    string Kernels,
    double RateHz,
    int Observations,
    int Actions,
    double Margin,
    IReadOnlyList<BenchRow> Rows,
    IReadOnlyList<string> Warnings,
    double Seconds
);
