namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>What a step of an episode is credited with.</summary>
public enum ReturnKind
{
    /// <summary>The whole episode's return, rewards of before the step included.</summary>
    Full,

    /// <summary>Only what came after the step (causality).</summary>
    RewardToGo,
}
