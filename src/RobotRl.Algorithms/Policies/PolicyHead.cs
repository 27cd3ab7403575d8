namespace RobotRl.Algorithms.Policies;

/// <summary>How a network's output becomes an action.</summary>
public enum PolicyHead
{
    /// <summary>
    /// Output [2 x action]: mean, then log standard deviation clamped to [<see cref="PolicySpec.LogStdMin"/>,
    /// <see cref="PolicySpec.LogStdMax"/>]. Action tanh(mean + std x noise); the log-density holds the change of variables
    /// (arXiv 1812.05905 appendix C). Frozen: tanh(mean).
    /// </summary>
    SquashedGaussian,

    /// <summary>
    /// Output [2 x action]: mean, then a pre-activation s with std = softplus(s). Action mean + std x noise, clipped to [-1, 1];
    /// the log-density is that of the sample before clipping (the form of stream AC, arXiv 2410.14606). Frozen: clipped mean.
    /// </summary>
    ClippedGaussian,

    /// <summary>Output [count]: logits. Frozen: the most probable choice, the first where several tie.</summary>
    Categorical,

    /// <summary>Output [action]: tanh of it is the action; exploration noise is Gaussian with <see cref="PolicySpec.ExplorationStd"/>.</summary>
    Deterministic,
}
