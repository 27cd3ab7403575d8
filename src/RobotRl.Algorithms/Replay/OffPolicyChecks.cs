using RobotRl.Algorithms.Networks;

namespace RobotRl.Algorithms.Replay;

/// <summary>Checks of options that learners with a replay share; each answers with sentences that name the key.</summary>
internal static class OffPolicyChecks
{
    /// <summary>
    /// What <see cref="IOffPolicyOptions"/> holds; <paramref name="smallestBatch"/> is 2 where a batch is normalised by its own
    /// statistics, for those of one row leave 0 of it.
    /// </summary>
    public static IEnumerable<string> Common(IOffPolicyOptions options, string path, int smallestBatch = 1) =>
        (
            (IEnumerable<string>[])
                [
                    Within($"{path}:BatchSize", options.BatchSize, smallestBatch, 65536, "Set it to a positive number, such as 256."),
                    Within($"{path}:Discount", options.Discount, 0, 1, "Set it to a number such as 0.99."),
                    Within(
                        $"{path}:LearningStarts",
                        options.LearningStarts,
                        1,
                        int.MaxValue,
                        "Set it to the transitions to gather first, such as 100."
                    ),
                    Within(
                        $"{path}:ReplayCapacity",
                        options.ReplayCapacity,
                        1,
                        100_000_000,
                        "Set it to the transitions to keep, such as 1000000."
                    ),
                    AboveZero(
                        $"{path}:UpdatesPerTransition",
                        options.UpdatesPerTransition,
                        1000,
                        "Set it to a positive number, such as 1."
                    ),
                    Within($"{path}:StepsPerReturn", options.StepsPerReturn, 1, 100, "Set it to 1 for one-step returns."),
                ]
        )
            .SelectMany(p => p)
            .Concat(Capacity(options, path));

    /// <summary>The replay must hold a whole window of n steps, and all that is gathered before the first update.</summary>
    private static IEnumerable<string> Capacity(IOffPolicyOptions options, string path)
    {
        if (options.StepsPerReturn > options.ReplayCapacity && options.ReplayCapacity > 0)
        {
            yield return $"{path}:StepsPerReturn is {options.StepsPerReturn}, longer than {path}:ReplayCapacity holds "
                + $"({options.ReplayCapacity}). Lower the one or raise the other.";
        }

        if (options.LearningStarts > options.ReplayCapacity)
        {
            yield return $"{path}:LearningStarts is {options.LearningStarts}, more than {path}:ReplayCapacity holds "
                + $"({options.ReplayCapacity}); "
                + "allowed: up to the capacity. Lower the one or raise the other.";
        }
    }

    /// <summary>Width and number of hidden layers.</summary>
    public static IEnumerable<string> Network(string path, int width, int layers) =>
        Within(
                $"{path}:HiddenWidth",
                width,
                ManagedLimits.MinimumWidth,
                ManagedLimits.MaximumWidth,
                "Set it to a layer's width, such as 256."
            )
            .Concat(Within($"{path}:HiddenLayers", layers, 1, 8, "Set it to a number of layers, such as 2."));

    /// <summary>A range that includes both ends.</summary>
    public static IEnumerable<string> Within(string key, double value, double minimum, double maximum, string advice) =>
        value >= minimum && value <= maximum
            ? []
            : [FormattableString.Invariant($"{key} is {value}; allowed: {minimum} to {maximum}. {advice}")];

    /// <summary>A range that leaves 0 out.</summary>
    public static IEnumerable<string> AboveZero(string key, double value, double maximum, string advice) =>
        value > 0 && value <= maximum
            ? []
            : [FormattableString.Invariant($"{key} is {value}; allowed: above 0, up to {maximum}. {advice}")];
}
