namespace RobotRl.Algorithms.ActorCritic;

/// <summary>How a gradient becomes a step.</summary>
public enum OptimiserKind
{
    /// <summary>Learning rate times gradient: the textbook's step.</summary>
    Sgd,

    /// <summary>Adam (arXiv 1412.6980, algorithm 1; beta 0.9 and 0.999, epsilon 1e-8).</summary>
    Adam,
}
