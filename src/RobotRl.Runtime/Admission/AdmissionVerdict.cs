namespace RobotRl.Runtime.Admission;

/// <summary>What the admission gate says of a snapshot.</summary>
/// <param name="Reason">Why it was refused; <see cref="RefusalReason.None"/> where admitted.</param>
/// <param name="ActionDistance">Mean distance to the last offered policy's actions on the probe set; zero where not compared.</param>
/// <param name="ShieldRate">Share of probes whose action the safety gate would change; zero where not judged.</param>
/// <param name="Reverted">Whether the learner was put back, after too many refusals in a row.</param>
public readonly record struct AdmissionVerdict(RefusalReason Reason, double ActionDistance, double ShieldRate, bool Reverted)
{
    /// <summary>Whether the snapshot may act.</summary>
    public bool Admitted => Reason == RefusalReason.None;
}
