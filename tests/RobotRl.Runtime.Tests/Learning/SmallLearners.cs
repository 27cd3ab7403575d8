using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Learning;

namespace RobotRl.Runtime.Tests.Learning;

/// <summary>Every learner that the options can name, on both kinds of actions where it serves them, and small enough for tests.</summary>
internal static class SmallLearners
{
    /// <summary>Steps after which an on-policy learner updates.</summary>
    public const int Rollout = 48;

    /// <summary>Algorithm, and whether its actions are discrete.</summary>
    public static TheoryData<string, bool> All =>
        [
            .. LearnerOptions
                .Algorithms.SelectMany(name => new[] { (name, false), (name, true) })
                .Where(c => LearnerFactory.Mismatch(Options(c.name), Actions(c.Item2)) is null),
        ];

    public static ActionSpace Actions(bool discrete) => discrete ? new DiscreteActionSpace(2) : new ContinuousActionSpace(1);

    public static LearnerOptions Options(string algorithm)
    {
        var options = new LearnerOptions();
        Shrink(options, algorithm);
        return options;
    }

    /// <summary>Names the algorithm and makes its section small, with whatever normalisation it has; only the managed forms.</summary>
    public static void Shrink(LearnerOptions options, string algorithm)
    {
        (options.Algorithm, options.Backend) = (algorithm, "managed");
        string section = algorithm.Replace("-", "", StringComparison.Ordinal);
        object made = typeof(LearnerOptions)
            .GetProperties()
            .Single(p => p.Name.Equals(section, StringComparison.OrdinalIgnoreCase))
            .GetValue(options)!;
        Set(made, "HiddenWidth", 16);
        Set(made, "BatchSize", 16);
        Set(made, "LearningStarts", 40);
        Set(made, "ReplayCapacity", 200);
        Set(made, "UpdatesPerTransition", 1.0);
        Set(made, "RenormWarmUp", 100);
        Set(made, "StepsPerUpdate", Rollout);
        Set(made, "NormaliseObservations", true);
        if (made.GetType().GetProperty("Network")?.GetValue(made) is { } network)
        {
            Set(network, "HiddenWidth", 16);
            Set(network, "NormaliseObservations", algorithm != "a3c");
            Set(network, "NormaliseReturns", algorithm != "a3c");
        }
    }

    private static void Set(object section, string name, object value) => section.GetType().GetProperty(name)?.SetValue(section, value);
}
