namespace RobotRl.Runtime.Admission;

/// <summary>
/// What a learner's snapshot must fulfil before it may act. Defaults are our choice and catch broken policies only: learning
/// rightly moves a policy fast at the start.
/// </summary>
public sealed record AdmissionOptions
{
    /// <summary>Recent observations on which snapshots are judged. Default 256: about 1 ms of inference per offer.</summary>
    public int ProbeCapacity { get; set; } = 256;

    /// <summary>
    /// Every how many transitions one becomes a probe and replaces the oldest. Default 16: the set spans 4,096 transitions.
    /// </summary>
    public int ProbeStride { get; set; } = 16;

    /// <summary>Probes needed before distance, values and shield rate are judged. Default 32.</summary>
    public int MinProbes { get; set; } = 32;

    /// <summary>
    /// Greatest mean distance, per action component, between the frozen actions of a snapshot and of the last offered one: actions
    /// lie in [-1, 1]; where discrete, the share of probes with another choice. Default 1: half of what is possible; no limit
    /// where discrete.
    /// </summary>
    public double MaxActionDistance { get; set; } = 1;

    /// <summary>Greatest magnitude of a value estimate. Default 1e6: above what any built-in task can return by a factor of 600.</summary>
    public double MaxValue { get; set; } = 1e6;

    /// <summary>
    /// Greatest share of probes whose action the safety gate would change. Default 1: no limit, for tight rate limits change
    /// nearly every action of a healthy policy that still explores; lower it where the gate should be a rarity.
    /// </summary>
    public double MaxShieldRate { get; set; } = 1;

    /// <summary>Refusals in a row that put the learner back to the champion. Default 5.</summary>
    public int RefusalsToRevert { get; set; } = 5;

    /// <summary>When the champion changes and when it takes over again.</summary>
    public ChampionOptions Champion { get; set; } = new();

    /// <summary>All problems, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (ProbeCapacity is < 1 or > 65536)
        {
            yield return $"{path}:ProbeCapacity is {ProbeCapacity}; allowed: 1 to 65536. Set it to a few hundred.";
        }

        if (ProbeStride is < 1 or > 1_000_000)
        {
            yield return $"{path}:ProbeStride is {ProbeStride}; allowed: 1 to 1000000. Set it to a positive number.";
        }

        if (MinProbes < 1 || MinProbes > ProbeCapacity)
        {
            yield return $"{path}:MinProbes is {MinProbes}; allowed: 1 to ProbeCapacity ({ProbeCapacity}). Lower it.";
        }

        if (!(MaxActionDistance is > 0 and <= 2))
        {
            yield return FormattableString.Invariant(
                $"{path}:MaxActionDistance is {MaxActionDistance}; allowed: above 0, at most 2. Set 2 for no limit."
            );
        }

        if (!(double.IsFinite(MaxValue) && MaxValue > 0))
        {
            yield return FormattableString.Invariant(
                $"{path}:MaxValue is {MaxValue}; allowed: finite and above 0. Set it above the greatest return that the task allows."
            );
        }

        if (!(MaxShieldRate is >= 0 and <= 1))
        {
            yield return FormattableString.Invariant($"{path}:MaxShieldRate is {MaxShieldRate}; allowed: 0 to 1. Set 1 for no limit.");
        }

        if (RefusalsToRevert is < 1 or > 1_000_000)
        {
            yield return $"{path}:RefusalsToRevert is {RefusalsToRevert}; allowed: 1 to 1000000. Set it to a positive number.";
        }

        foreach (
            string problem in Champion?.Validate($"{path}:Champion")
                ?? [$"{path}:Champion is null; allowed: a section. Remove the key for the defaults."]
        )
        {
            yield return problem;
        }
    }
}
