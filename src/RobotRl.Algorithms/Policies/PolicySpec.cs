using RobotRl.Algorithms.Networks;

namespace RobotRl.Algorithms.Policies;

/// <summary>Everything fixed about a policy: what a network's weights mean.</summary>
/// <param name="Network">Shape of the network; its inputs are the observation's size.</param>
/// <param name="Head">Meaning of its outputs.</param>
/// <param name="ActionSize">Floats per action (<see cref="Spaces.ActionSpace.ActionSize"/>).</param>
public sealed record PolicySpec(MlpShape Network, PolicyHead Head, int ActionSize)
{
    /// <summary>Lower clamp of the log standard deviation (<see cref="PolicyHead.SquashedGaussian"/>). Default -20, as in SB3.</summary>
    public float LogStdMin { get; init; } = -20f;

    /// <summary>Upper clamp of the log standard deviation. Default 2, as in SB3.</summary>
    public float LogStdMax { get; init; } = 2f;

    /// <summary>Standard deviation of the exploration noise (<see cref="PolicyHead.Deterministic"/>).</summary>
    public float ExplorationStd { get; init; }

    /// <summary>Size of an observation.</summary>
    public int ObservationSize => Network.Inputs;
}
