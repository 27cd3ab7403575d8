namespace RobotRl.Runtime.Admission;

/// <summary>When the champion changes and when it takes over again.</summary>
public sealed record ChampionOptions
{
    /// <summary>
    /// Finished episodes that make one evaluation, of the champion and of what is compared with it. Default 20: the least at
    /// which complete separation reaches the default <see cref="Significance"/> with a wide margin (p = 3e-8).
    /// </summary>
    public int Episodes { get; set; } = 20;

    /// <summary>
    /// Level of the one-sided Mann-Whitney test below which a drop counts. Default 1e-6: the champion is the luckiest of many
    /// evaluations and is compared with each later one, so 5% would soon be reached by chance alone (see the class's tests).
    /// </summary>
    public double Significance { get; set; } = 1e-6;

    /// <summary>Transitions over which the rate of gate events is taken. Default 200, one pendulum episode.</summary>
    public int GateWindow { get; set; } = 200;

    /// <summary>
    /// Share of gated transitions in the window that rolls back at once, where the champion's own rate is below half of it.
    /// Default 0.9.
    /// </summary>
    public double MaxGateRate { get; set; } = 0.9;

    /// <summary>
    /// Rollbacks without a better policy in between after which the champion's returns are no longer believed. Default 3.
    /// </summary>
    public int RollbacksToReset { get; set; } = 3;

    /// <summary>All problems, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (Episodes is < 4 or > 10_000)
        {
            yield return $"{path}:Episodes is {Episodes}; allowed: 4 to 10000. Set it to 20 or so.";
        }

        if (!(Significance is > 0 and < 0.5))
        {
            yield return FormattableString.Invariant(
                $"{path}:Significance is {Significance}; allowed: above 0, below 0.5. Set it to 1e-6 or so."
            );
        }

        if (GateWindow is < 1 or > 1_000_000)
        {
            yield return $"{path}:GateWindow is {GateWindow}; allowed: 1 to 1000000. Set it to some seconds' worth of transitions.";
        }

        if (RollbacksToReset is < 1 or > 1000)
        {
            yield return $"{path}:RollbacksToReset is {RollbacksToReset}; allowed: 1 to 1000. Set it to a few.";
        }

        if (!(MaxGateRate is > 0 and <= 1))
        {
            yield return FormattableString.Invariant(
                $"{path}:MaxGateRate is {MaxGateRate}; allowed: above 0, at most 1. Set 1 for no limit."
            );
        }
    }
}
