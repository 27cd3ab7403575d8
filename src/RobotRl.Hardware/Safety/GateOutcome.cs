namespace RobotRl.Hardware.Safety;

/// <summary>What the gate did with a proposed command.</summary>
public enum GateOutcome : byte
{
    /// <summary>Passed unchanged.</summary>
    Accepted,

    /// <summary>Changed to keep a limit.</summary>
    Limited,

    /// <summary>Replaced whole by the hold command.</summary>
    Rejected,
}
