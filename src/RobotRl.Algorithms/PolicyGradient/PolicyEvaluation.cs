namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>What V is fitted to.</summary>
public enum PolicyEvaluation
{
    /// <summary>Returns of the episodes: no bias, much variance.</summary>
    MonteCarlo,

    /// <summary>r + gamma V(s'): little variance, the bias of V.</summary>
    Td0,

    /// <summary>The lambda-return, which trades one for the other.</summary>
    TdLambda,
}
