using RobotRl.Runtime.Learning;

namespace RobotRl.Runtime.Configuration;

/// <summary>Options of a learner that is not the chosen one: they would do nothing, and whoever sets them expects something.</summary>
internal static class ForeignOptions
{
    /// <summary>One sentence for each option that is not at its default and belongs to another algorithm.</summary>
    public static IEnumerable<string> Check(RobotRlOptions options)
    {
        const string Learner = "Learner:";
        if (!LearnerOptions.Algorithms.Contains(options.Learner.Algorithm))
        {
            yield break;
        }

        foreach (string change in OptionsWriter.Changes(options).Where(c => c.StartsWith(Learner, StringComparison.Ordinal)))
        {
            string path = change[..change.IndexOf(' ', StringComparison.Ordinal)];
            string section = path[Learner.Length..].Split(':')[0];
            if (
                LearnerOptions.Algorithms.FirstOrDefault(a => Serves(a, section)) is { } owner
                && !Serves(options.Learner.Algorithm, section)
            )
            {
                yield return $"{path} is set, an option of {owner}, and Learner:Algorithm is \"{options.Learner.Algorithm}\". Leave it "
                    + $"out, or set Learner:Algorithm to {owner}.";
            }
        }
    }

    /// <summary>Whether <paramref name="section"/> holds the options of <paramref name="algorithm"/>: sac-v's are SacV.</summary>
    private static bool Serves(string algorithm, string section) =>
        string.Equals(algorithm.Replace("-", "", StringComparison.Ordinal), section, StringComparison.OrdinalIgnoreCase);
}
