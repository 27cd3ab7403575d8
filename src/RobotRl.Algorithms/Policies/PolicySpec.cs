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

    /// <summary>Standard deviation of what each action adds to the exploration noise (<see cref="PolicyHead.Deterministic"/>).</summary>
    public float ExplorationStd { get; init; }

    /// <summary>
    /// Share of the exploration noise that the next action keeps (<see cref="PolicyHead.Deterministic"/>): 1 - theta dt of an
    /// Ornstein-Uhlenbeck process, whose <see cref="ExplorationStd"/> is sigma sqrt(dt). Default 0: no memory, Gaussian noise.
    /// </summary>
    public float NoiseMemory { get; init; }

    /// <summary>
    /// Actions after which the exploration matrix is drawn anew (<see cref="PolicyHead.StateDependentGaussian"/>); 0: only where
    /// an episode starts.
    /// </summary>
    public int NoiseSteps { get; init; }

    /// <summary>
    /// Numbers of log sigma after the network's parameters: last hidden layer x action
    /// (<see cref="PolicyHead.StateDependentGaussian"/>), else 0.
    /// </summary>
    public int NoiseParameterCount =>
        Head == PolicyHead.StateDependentGaussian ? Network.LayerInputs(Network.LayerCount - 1) * ActionSize : 0;

    /// <summary>Parameters of a block: the network's, then log sigma.</summary>
    public int ParameterCount => Network.ParameterCount + NoiseParameterCount;

    /// <summary>Size of an observation.</summary>
    public int ObservationSize => Network.Inputs;
}
