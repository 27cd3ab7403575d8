namespace RobotRl.Runtime.Commands.Bench;

/// <summary>What a learner did in a paced loop.</summary>
/// <param name="Asked">UTD that was asked for.</param>
/// <param name="Steps">Control steps in the time that was watched.</param>
/// <param name="MissedTicks">Ticks that came too late, of the control thread.</param>
/// <param name="Updates">Updates done.</param>
/// <param name="GivenUp">Updates given up, because they were still due when the second next transition came.</param>
/// <param name="Warnings">What keeps the control thread from real-time scheduling; empty where nothing does.</param>
internal sealed record PacedResult(double Asked, long Steps, long MissedTicks, long Updates, double GivenUp, IReadOnlyList<string> Warnings)
{
    /// <summary>Updates per step that were done.</summary>
    public double Achieved => Steps == 0 ? 0 : (double)Updates / Steps;

    /// <summary>
    /// Whether every update was done, none late by more than a period. At least 97% by count, too: a learner that is frozen gives
    /// nothing up.
    /// </summary>
    public bool Held => GivenUp == 0 && Steps > 0 && Updates + 2 >= 0.97 * Asked * Steps;
}
