namespace RobotRl.Runtime.Safety;

/// <summary>A change of what the failsafe asks for.</summary>
/// <param name="Action">What it asks for from now on.</param>
/// <param name="Cause">The cause that decides; null where all is well again.</param>
/// <param name="Measured">What was measured and its threshold, with units, and what the device says; null where all is well again.</param>
/// <param name="Clears">When it ends; null where all is well again.</param>
/// <param name="CrossedNs">Moment at which the threshold was crossed, nanoseconds on the run's clock (monotonic in real time);
/// that of the change where all is well again.</param>
public sealed record FailsafeEvent(FailsafeAction Action, FailsafeCause? Cause, string? Measured, ClearRule? Clears, long CrossedNs)
{
    /// <summary>How the run goes on.</summary>
    public string GoOn =>
        (Clears, Action) switch
        {
            (null, _) => "the run goes on",
            (ClearRule.WhenConditionClears, _) => "it goes on by itself once the condition ends",
            (ClearRule.Never, _) => "only a new process goes on",
            (_, >= FailsafeAction.ControlledStop) => "remove the cause, then robotrl arm, or resume the run where it has ended",
            _ => "remove the cause, then robotrl arm",
        };

    /// <summary>All of it as one sentence.</summary>
    public string Text =>
        Cause is null
            ? FormattableString.Invariant($"Failsafe: all clear at {CrossedNs} ns; {GoOn}.")
            : FormattableString.Invariant($"Failsafe {Action} by {Cause}: {Measured}; crossed at {CrossedNs} ns; clears {Clears}: {GoOn}.");
}
