namespace RobotRl.Runtime.Safety;

/// <summary>What follows when something lasts, or has been silent, for too long.</summary>
public sealed record AgeRule
{
    /// <summary>Duration or age from which on the cause is met; zero: at once.</summary>
    public TimeSpan Threshold { get; set; }

    /// <summary>What is done.</summary>
    public FailsafeAction Action { get; set; }

    /// <summary>When it ends.</summary>
    public ClearRule Clears { get; set; }

    internal IEnumerable<string> Validate(string path)
    {
        if (Threshold < TimeSpan.Zero || Threshold > TimeSpan.FromDays(1))
        {
            yield return $"{path}:Threshold is {Threshold}; allowed: 00:00:00 to 1.00:00:00. Set it to how long this may last.";
        }

        foreach (string problem in RuleProblems.Of(path, Action, Clears))
        {
            yield return problem;
        }
    }
}
