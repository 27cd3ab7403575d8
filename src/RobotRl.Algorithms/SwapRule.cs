namespace RobotRl.Algorithms;

/// <summary>When a learner allows the acting policy to be replaced.</summary>
public enum SwapRule
{
    /// <summary>At any tick, in the middle of an episode too (off-policy and streaming learners).</summary>
    AnyTick,

    /// <summary>Between episodes only.</summary>
    EpisodeEnd,

    /// <summary>After the rollout that an update consumes (on-policy learners).</summary>
    RolloutEnd,
}
