namespace RobotRl.Algorithms;

/// <summary>When a learner allows the acting policy to be replaced.</summary>
public enum SwapRule
{
    /// <summary>At any tick, in the middle of an episode too (off-policy and streaming learners).</summary>
    AnyTick,

    /// <summary>Between episodes only (on-policy learners that need whole episodes).</summary>
    EpisodeEnd,

    /// <summary>
    /// After the rollout that an update consumes, at whatever tick that is (on-policy learners that bootstrap where the rollout was cut).
    /// The learner offers only then; steps that the older policy still makes until the swap are not learned from.
    /// </summary>
    RolloutEnd,
}
