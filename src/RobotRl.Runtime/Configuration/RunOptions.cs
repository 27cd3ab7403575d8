namespace RobotRl.Runtime.Configuration;

/// <summary>One run: where it is kept, how long it takes, what it starts from (section <c>Run</c>).</summary>
public sealed record RunOptions
{
    /// <summary>The run's directory; null (default) makes a new one below <c>runs</c>, and <c>runs/latest</c> points at it.</summary>
    public string? Directory { get; set; }

    /// <summary>Seed of every random number. Default 1: any will do.</summary>
    public ulong Seed { get; set; } = 1;

    /// <summary>
    /// Environment steps to learn for; 0 goes on until stopped. Default 20000: SAC is within 8 of the pendulum's optimum by then
    /// (benchmark sac-pendulum).
    /// </summary>
    public long Steps { get; set; } = 20_000;

    /// <summary>
    /// Starts that the frozen policy is evaluated from at the end; 0 for none. Default 1000: the standard error of the pendulum's
    /// mean return is then below 3.
    /// </summary>
    public int EvaluationEpisodes { get; set; } = 1000;

    /// <summary>Every problem with these options.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (Directory is not null && string.IsNullOrWhiteSpace(Directory))
        {
            yield return $"{path}:Directory is \"{Directory}\"; allowed: a path, or null for the next free one. Name a directory.";
        }

        if (Steps < 0)
        {
            yield return $"{path}:Steps is {Steps}; allowed: 0 to {long.MaxValue}. Set 0 to go on until stopped.";
        }

        if (EvaluationEpisodes is < 0 or > 1_000_000)
        {
            yield return $"{path}:EvaluationEpisodes is {EvaluationEpisodes}; allowed: 0 to 1000000. Set 0 for no evaluation.";
        }
    }
}
