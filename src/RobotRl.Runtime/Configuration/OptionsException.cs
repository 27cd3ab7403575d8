namespace RobotRl.Runtime.Configuration;

/// <summary>Options that cannot be used: every problem there is, one line each.</summary>
public sealed class OptionsException : Exception
{
    /// <summary>Carries <paramref name="problems"/>.</summary>
    public OptionsException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>One line a problem: which key, what value, what is allowed, what to do.</summary>
    public IReadOnlyList<string> Problems { get; }
}
