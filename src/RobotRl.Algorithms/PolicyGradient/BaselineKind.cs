namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>What is taken from a return before it weighs a score.</summary>
public enum BaselineKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The mean return of the other episodes.</summary>
    Average,

    /// <summary>Per parameter, E[g^2 Q] / E[g^2] of the other episodes: the constant that leaves the least variance.</summary>
    Optimal,

    /// <summary>A fitted V(s).</summary>
    StateValue,
}
