namespace RobotRl.Runtime.Safety;

/// <summary>What follows when something lasts, or has been silent, for too long.</summary>
public sealed record AgeRule
{
    /// <summary>Duration or age from which on the cause is met; zero: at once.</summary>
    public TimeSpan Threshold { get; set; }

    /// <summary>
    /// The threshold in control periods, where that is longer than <see cref="Threshold"/>; 0: it does not depend on them.
    /// </summary>
    public int Periods { get; set; }

    /// <summary>What is done.</summary>
    public FailsafeAction Action { get; set; }

    /// <summary>When it ends.</summary>
    public ClearRule Clears { get; set; }

    /// <summary>From when on the cause is met for a robot of <paramref name="controlPeriod"/>.</summary>
    public TimeSpan Effective(TimeSpan controlPeriod) => Threshold > Periods * controlPeriod ? Threshold : Periods * controlPeriod;

    internal IEnumerable<string> Validate(string path)
    {
        if (Threshold < TimeSpan.Zero || Threshold > TimeSpan.FromDays(1))
        {
            yield return $"{path}:Threshold is {Threshold}; allowed: 00:00:00 to 1.00:00:00. Set it to how long this may last.";
        }

        if (Periods is < 0 or > 10_000)
        {
            yield return $"{path}:Periods is {Periods}; allowed: 0 to 10000. Set 0 where the control period does not matter.";
        }

        foreach (string problem in RuleProblems.Of(path, Action, Clears))
        {
            yield return problem;
        }
    }
}
