namespace RobotRl.Runtime.Policies;

/// <summary>Where a policy's weights come from.</summary>
/// <param name="Algorithm">Learning algorithm.</param>
/// <param name="Seed">Seed of the run.</param>
/// <param name="Steps">Control steps of experience behind the weights.</param>
/// <param name="Updates">Updates behind the weights.</param>
/// <param name="MeanReturn">Mean evaluated return; null where it was never evaluated.</param>
/// <param name="OptionsHash">SHA-256 of the run's effective options, lower-case hex.</param>
/// <param name="ProgramVersion">Version of the program that learned them.</param>
public sealed record PolicyProvenance(
    string Algorithm,
    ulong Seed,
    long Steps,
    long Updates,
    double? MeanReturn,
    string OptionsHash,
    string ProgramVersion
)
{
    /// <summary>Identity of the run, 32 hexadecimal digits; null if it was learned before runs had one.</summary>
    public string? Run { get; init; }
}
