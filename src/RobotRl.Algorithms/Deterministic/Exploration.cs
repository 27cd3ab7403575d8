using System.Globalization;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Algorithms.Deterministic;

/// <summary>The acting side of the deterministic methods: which noise a policy adds, and what of it may be set.</summary>
internal static class Exploration
{
    /// <summary>x' = x - theta dt x + sigma sqrt(dt) epsilon where the process has a memory, else sigma epsilon.</summary>
    public static PolicySpec Spec(MlpShape network, int actionSize, ExplorationKind kind, double sigma, double theta, double timeStep) =>
        new(network, PolicyHead.Deterministic, actionSize)
        {
            ExplorationStd = (float)(kind == ExplorationKind.OrnsteinUhlenbeck ? sigma * Math.Sqrt(timeStep) : sigma),
            NoiseMemory = kind == ExplorationKind.OrnsteinUhlenbeck ? (float)(1 - (theta * timeStep)) : 0f,
        };

    /// <summary>What is wrong with the process; nothing where all is well or there is none.</summary>
    public static IEnumerable<string> Validate(string path, ExplorationKind kind, double theta, double timeStep)
    {
        if (!Enum.IsDefined(kind))
        {
            yield return $"{path}:Exploration is {kind}; allowed: {string.Join(", ", Enum.GetNames<ExplorationKind>())}.";
        }

        if (!(theta > 0 && timeStep > 0 && theta * timeStep < 1))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}:NoiseReversion is {theta} and {path}:NoiseTimeStep {timeStep}; both must be above 0, and their "
                    + $"product below 1. Set 0.15 and 1, or 0.15 and 0.01."
            );
        }
    }
}
