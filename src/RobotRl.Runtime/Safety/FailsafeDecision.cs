namespace RobotRl.Runtime.Safety;

/// <summary>What to do now.</summary>
/// <param name="Action">The hardest action that any cause asks for.</param>
/// <param name="Cause">The cause that decides; null where there is nothing to do.</param>
/// <param name="Latch">What to hand in next time.</param>
public readonly record struct FailsafeDecision(FailsafeAction Action, FailsafeCause? Cause, FailsafeLatch Latch);
