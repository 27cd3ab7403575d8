using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Networks;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>The networks of an on-policy learner, and what they are shown.</summary>
public sealed record OnPolicyNetworkOptions
{
    /// <summary>Width of each hidden layer. Default 64, as in SB3's MlpPolicy for PPO and A2C.</summary>
    public int HiddenWidth { get; set; } = 64;

    /// <summary>Number of hidden layers. Default 2, as in SB3's MlpPolicy.</summary>
    public int HiddenLayers { get; set; } = 2;

    /// <summary>Non-linearity of the hidden layers. Default Tanh, as in SB3's MlpPolicy.</summary>
    public Activation Activation { get; set; } = Activation.Tanh;

    /// <summary>One trunk with two heads instead of two networks. Default false.</summary>
    public bool SharedTrunk { get; set; }

    /// <summary>Running normalisation of observations; it changes between updates only. Default false: the simulated tasks' observations are of order 1.</summary>
    public bool NormaliseObservations { get; set; }

    /// <summary>
    /// Rewards divided by the running standard deviation of their discounted sum, so that values are of order 1 whatever the task pays (as SB3's
    /// VecNormalize with norm_reward, without its clipping). Default false.
    /// </summary>
    public bool NormaliseReturns { get; set; }

    /// <summary>Every problem with these settings.</summary>
    internal IEnumerable<string> Validate(string path)
    {
        string?[] problems =
        [
            Numbers.OutOfRange(path, nameof(HiddenWidth), HiddenWidth, 1, 4096, "Set it to 64, or to a power of two near it."),
            Numbers.OutOfRange(path, nameof(HiddenLayers), HiddenLayers, 1, 8, "Set it to 2."),
            Enum.IsDefined(Activation) ? null : $"{path}:{nameof(Activation)} is {Activation}; allowed: {string.Join(", ", Enum.GetNames<Activation>())}.",
        ];
        return problems.OfType<string>();
    }
}
