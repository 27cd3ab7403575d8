using System.Globalization;

namespace RobotRl.Runtime.Tasks;

/// <summary>The task reach (section <c>Task:Reach</c>).</summary>
public sealed record ReachOptions
{
    /// <summary>Policy steps of an episode. Default 100: a second at 100 Hz.</summary>
    public int EpisodeSteps { get; set; } = 100;

    /// <summary>
    /// Share of each joint's range, about its middle, that targets are drawn from, 0 to 1. Default 0.5: well away from the ends,
    /// where an arm meets itself.
    /// </summary>
    public double Share { get; set; } = 0.5;

    /// <summary>Other ranges of targets by name of the command, such as <c>shoulder/position</c>. Default: none.</summary>
    public Dictionary<string, ReachRange> Targets { get; set; } = new(StringComparer.Ordinal);

    /// <summary>How near to its target a joint counts as there, rad or m. Default 0.05.</summary>
    public double Tolerance { get; set; } = 0.05;

    /// <summary>
    /// How fast an action of one moves a position command, rad/s or m/s, at any rate of the loop and any divisor (an n-th of it
    /// with Loop:PolicyDivisor=n where the robot has velocity commands too). Default 1: within what a small arm bears. Keep it at
    /// or below <c>Safety:Joints:*:MaxCommandRate</c>, or the gate changes every large action.
    /// </summary>
    public double Speed { get; set; } = 1;

    /// <summary>Seed of the targets: the same for every run, so that runs can be compared. Default 1: any will do.</summary>
    public ulong Seed { get; set; } = 1;

    /// <summary>Every problem with these options.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (EpisodeSteps is < 1 or > 1_000_000)
        {
            yield return $"{path}:EpisodeSteps is {EpisodeSteps}; allowed: 1 to 1000000. Set it to a second or two.";
        }

        if (!(Share is >= 0 and <= 1))
        {
            yield return FormattableString.Invariant($"{path}:Share is {Share}; allowed: 0 to 1. Set 0 for the middle of the range alone.");
        }

        if (!(Tolerance is > 0 and <= 10))
        {
            yield return FormattableString.Invariant(
                $"{path}:Tolerance is {Tolerance} rad; allowed: above 0, at most 10. Set what the robot can hold."
            );
        }

        if (!(Speed is > 0 and <= 100))
        {
            yield return FormattableString.Invariant(
                $"{path}:Speed is {Speed} rad/s; allowed: above 0, at most 100. Set what the mechanism bears."
            );
        }

        foreach ((string name, ReachRange range) in Targets)
        {
            if (range is null || !(double.IsFinite(range.Minimum) && double.IsFinite(range.Maximum) && range.Minimum <= range.Maximum))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}:Targets:{name} is {range?.Minimum} to {range?.Maximum}; allowed: finite, Minimum not above "
                        + $"Maximum. Correct it."
                );
            }
        }
    }
}
