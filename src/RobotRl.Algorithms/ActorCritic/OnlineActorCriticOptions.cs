using RobotRl.Algorithms.Networks;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// Settings of <see cref="OnlineActorCriticLearner"/>. The textbook's algorithm itself has a discount and two learning rates;
/// everything else here is added, and says why. With <see cref="Optimiser"/> Sgd, <see cref="EntropyCoefficient"/> 0 and
/// <see cref="NormaliseObservations"/> false it is the textbook's to the letter.
/// </summary>
public sealed record OnlineActorCriticOptions
{
    /// <summary>Width of each hidden layer. Default 64, as in SB3's MlpPolicy for A2C.</summary>
    public int HiddenWidth { get; set; } = 64;

    /// <summary>Number of hidden layers. Default 2, as in SB3's MlpPolicy for A2C.</summary>
    public int HiddenLayers { get; set; } = 2;

    /// <summary>
    /// One trunk with two heads, policy and V, instead of two networks. Default false: two networks, of which neither pulls at
    /// the other.
    /// </summary>
    public bool SharedTrunk { get; set; }

    /// <summary>Non-linearity of the hidden layers. Default Tanh, as in SB3's MlpPolicy for A2C.</summary>
    public Activation Activation { get; set; } = Activation.Tanh;

    /// <summary>Discount gamma per step. Default 0.99, as in SB3's A2C.</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>Added: Adam, because single-sample gradients differ by orders of magnitude between parameters. Default Adam.</summary>
    public OptimiserKind Optimiser { get; set; } = OptimiserKind.Adam;

    /// <summary>Learning rate of the policy.</summary>
    public double ActorLearningRate { get; set; } = 1e-4;

    /// <summary>Learning rate of the value.</summary>
    public double CriticLearningRate { get; set; } = 1e-3;

    /// <summary>Added: how both learning rates fall with what was learned from. Default: they do not.</summary>
    public StepDecayOptions StepDecay { get; set; } = new();

    /// <summary>Added: weight of the entropy bonus, which keeps a policy from freezing on one lucky step. Default 0.01.</summary>
    public double EntropyCoefficient { get; set; } = 0.01;

    /// <summary>
    /// Added: running normalisation of observations, so that one learning rate serves all units of measurement. Default true.
    /// </summary>
    public bool NormaliseObservations { get; set; } = true;

    /// <summary>Says all that is wrong with these settings.</summary>
    /// <param name="path">Path of this record in the options file.</param>
    public IEnumerable<string> Validate(string path)
    {
        string?[] problems =
        [
            Numbers.OutOfRange(
                path,
                nameof(HiddenWidth),
                HiddenWidth,
                1,
                4096,
                "Set it to the number of units per hidden layer, such as 64."
            ),
            Numbers.OutOfRange(path, nameof(HiddenLayers), HiddenLayers, 1, 8, "Set it to the number of hidden layers, such as 2."),
            Enum.IsDefined(Activation)
                ? null
                : $"{path}:{nameof(Activation)} is {Activation}; allowed: {string.Join(", ", Enum.GetNames<Activation>())}. Set "
                    + $"it to one of these.",
            Numbers.OutOfRange(path, nameof(Discount), Discount, 0, 1, "Set it to a discount per step, such as 0.99."),
            Enum.IsDefined(Optimiser)
                ? null
                : $"{path}:{nameof(Optimiser)} is {Optimiser}; allowed: {string.Join(", ", Enum.GetNames<OptimiserKind>())}. "
                    + $"Set it to one of these.",
            Numbers.OutOfRange(
                path,
                nameof(ActorLearningRate),
                ActorLearningRate,
                0,
                10,
                "Set it to a small positive number, such as 0.0001."
            ),
            Numbers.OutOfRange(
                path,
                nameof(CriticLearningRate),
                CriticLearningRate,
                0,
                10,
                "Set it to a small positive number, such as 0.001."
            ),
            Numbers.OutOfRange(
                path,
                nameof(EntropyCoefficient),
                EntropyCoefficient,
                0,
                1e3,
                "Set it to 0 for no entropy bonus, or to 0.01."
            ),
        ];
        return problems.OfType<string>().Concat(StepDecay.Validate($"{path}:{nameof(StepDecay)}"));
    }
}
