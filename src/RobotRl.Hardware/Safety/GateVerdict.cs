namespace RobotRl.Hardware.Safety;

/// <summary>What the gate did, why, and where.</summary>
/// <param name="Outcome">Whether the command passed, was limited, or was replaced by the hold command.</param>
/// <param name="Reasons">Every limit that the proposal broke.</param>
/// <param name="FirstChanged">Index of the first command whose value differs from the proposed one; -1 where none does.</param>
public readonly record struct GateVerdict(GateOutcome Outcome, GateReasons Reasons, int FirstChanged);
