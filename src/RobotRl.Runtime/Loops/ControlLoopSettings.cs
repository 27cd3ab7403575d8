using RobotRl.Algorithms;
using RobotRl.Hardware.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>What is fixed about a control loop for a whole run.</summary>
/// <param name="PolicyDivisor">Ticks per policy step, at least 1.</param>
/// <param name="SwapRule">When a new policy may be taken.</param>
/// <param name="Frozen">Whether actions are the policy's best instead of samples (evaluation, deployment).</param>
public sealed record ControlLoopSettings(int PolicyDivisor, SwapRule SwapRule, bool Frozen)
{
    /// <summary>The way to the start pose, for a reset that moves there; null for none.</summary>
    public StartMove? Move { get; init; }

    /// <summary>Whether the joints follow their commands; null where nobody watches that.</summary>
    public FollowWatch? Follow { get; init; }
}
