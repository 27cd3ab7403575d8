namespace RobotRl.Runtime.Safety;

/// <summary>What every rule must fulfil.</summary>
internal static class RuleProblems
{
    public static IEnumerable<string> Of(string path, FailsafeAction action, ClearRule clears)
    {
        if (!Enum.IsDefined(action))
        {
            yield return $"{path}:Action is {(int)action}; allowed: {string.Join(", ", Enum.GetNames<FailsafeAction>())}. Use one of the "
                + $"names.";
        }

        if (!Enum.IsDefined(clears))
        {
            yield return $"{path}:Clears is {(int)clears}; allowed: {string.Join(", ", Enum.GetNames<ClearRule>())}. Use one of the names.";
        }
    }
}
