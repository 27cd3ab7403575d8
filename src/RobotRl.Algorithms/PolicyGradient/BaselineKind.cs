namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>What is taken from a return before it weighs a score.</summary>
public enum BaselineKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The mean return of the other episodes.</summary>
    Average,

    /// <summary>
    /// Per parameter, E[S P] / E[S^2] of the other episodes, with S = sum_t g_t and P = sum_t g_t Q_t: the constant that leaves
    /// the least variance, where it is known.
    /// </summary>
    Optimal,

    /// <summary>A fitted V(s).</summary>
    StateValue,
}
