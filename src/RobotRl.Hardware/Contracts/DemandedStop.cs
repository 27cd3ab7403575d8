namespace RobotRl.Hardware.Contracts;

/// <summary>
/// A stop that somebody outside the runtime demanded at the device. Each demand is an object of its own, told apart by reference.
/// </summary>
/// <param name="level">How hard.</param>
/// <param name="reason">Why, for the operator.</param>
public sealed class DemandedStop(StopLevel level, string reason)
{
    /// <summary>How hard.</summary>
    public StopLevel Level => level;

    /// <summary>Why, for the operator.</summary>
    public string Reason => reason;
}
