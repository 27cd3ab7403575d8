namespace RobotRl.Runtime.Safety;

/// <summary>What follows when something happens too many times in a row.</summary>
public sealed record CountRule
{
    /// <summary>Count from which on the cause is met, at least 1.</summary>
    public long Threshold { get; set; }

    /// <summary>What is done.</summary>
    public FailsafeAction Action { get; set; }

    /// <summary>When it ends.</summary>
    public ClearRule Clears { get; set; }

    internal IEnumerable<string> Validate(string path)
    {
        if (Threshold is < 1 or > 1_000_000)
        {
            yield return $"{path}:Threshold is {Threshold}; allowed: 1 to 1000000. Set it to how many in a row are too many.";
        }

        foreach (string problem in RuleProblems.Of(path, Action, Clears))
        {
            yield return problem;
        }
    }
}
