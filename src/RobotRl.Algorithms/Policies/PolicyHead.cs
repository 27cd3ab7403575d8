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

    /// <summary>
    /// Output [action]: tanh of it is the action, plus x' = <see cref="PolicySpec.NoiseMemory"/> x +
    /// <see cref="PolicySpec.ExplorationStd"/>
    /// noise, clipped: Gaussian exploration without memory, else an Ornstein-Uhlenbeck process, from 0 at each episode's start.
    /// </summary>
    Deterministic,

    /// <summary>
    /// Generalised state-dependent exploration (gSDE, arXiv 2005.05719): output [action] is the mean; after the network's parameters a
    /// block holds log sigma [features x action], features being the last hidden layer phi(s). Action tanh(mean + E^T phi(s)),
    /// E_ij = sigma_ij epsilon_ij, drawn anew at an episode's start and every <see cref="PolicySpec.NoiseSteps"/> actions: for one s the
    /// sample is normal with variance sum_i phi_i^2 sigma_ij^2 + 1e-6, and its log-density is that of SquashedGaussian. Frozen: tanh(mean).
    /// </summary>
    StateDependentGaussian,
}
