namespace RobotRl.Runtime.Safety;

/// <summary>What follows when too great a share of the newest ones was refused.</summary>
public sealed record ShareRule
{
    /// <summary>Share of the window from which on the cause is met, above 0, at most 1.</summary>
    public double Threshold { get; set; }

    /// <summary>How many of the newest ones are looked at. Until there are as many, those that are missing count as not refused.</summary>
    public int Window { get; set; }

    /// <summary>What is done.</summary>
    public FailsafeAction Action { get; set; }

    /// <summary>When it ends.</summary>
    public ClearRule Clears { get; set; }

    internal IEnumerable<string> Validate(string path)
    {
        if (!(Threshold is > 0 and <= 1))
        {
            yield return FormattableString.Invariant(
                $"{path}:Threshold is {Threshold}; allowed: above 0, at most 1. Set it to the share that is too much."
            );
        }

        if (Window is < 1 or > 1_000_000)
        {
            yield return $"{path}:Window is {Window}; allowed: 1 to 1000000. Set it to how many are looked at.";
        }

        foreach (string problem in RuleProblems.Of(path, Action, Clears))
        {
            yield return problem;
        }
    }
}
