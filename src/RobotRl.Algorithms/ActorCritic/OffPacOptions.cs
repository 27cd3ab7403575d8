namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// Settings of <see cref="OffPacLearner"/>. The paper's algorithm itself has a discount, lambda and three step sizes; everything
/// else here is added, and
/// says why.
/// </summary>
public sealed record OffPacOptions
{
    /// <summary>
    /// Width of each hidden layer. Default 128, as in the published program of arXiv 2410.14606, whose networks and bounded steps
    /// these are.
    /// </summary>
    public int HiddenWidth { get; set; } = 128;

    /// <summary>Number of hidden layers. Default 2, as there.</summary>
    public int HiddenLayers { get; set; } = 2;

    /// <summary>
    /// One trunk with two heads, policy and V, instead of two networks. Default false: two networks, of which neither pulls at
    /// the other.
    /// </summary>
    public bool SharedTrunk { get; set; }

    /// <summary>Who acts. Default Tempered: a uniform one hardly ever sees what a good policy sees.</summary>
    public BehaviourKind Behaviour { get; set; } = BehaviourKind.Tempered;

    /// <summary>Temperature of the Tempered behaviour; 1 is the learned policy itself. Default 1.5 (our choice).</summary>
    public double Temperature { get; set; } = 1.5;

    /// <summary>Discount gamma per step. Default 0.99, as in the paper's experiments.</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>
    /// Trace decay lambda, of both traces. Default 0.8, as in the published program of arXiv 2410.14606; the paper's figures
    /// sweep it.
    /// </summary>
    public double TraceDecay { get; set; } = 0.8;

    /// <summary>Bound on the importance ratio rho in the traces; 0 for none. Default 0, as in the paper.</summary>
    public double MaxRatio { get; set; }

    /// <summary>Step size alpha_u of the policy before it is bounded. Default 1, as in the published program of arXiv 2410.14606.</summary>
    public double ActorStepSize { get; set; } = 1;

    /// <summary>Step size alpha_v of the value before it is bounded. Default 1, as above.</summary>
    public double CriticStepSize { get; set; } = 1;

    /// <summary>
    /// Step size alpha_w of the gradient correction, as a part of 1 / |grad V|^2; 0 leaves TD(lambda) with importance ratios.
    /// Default 1e-4: ours, the largest of 1e-2, 1e-3 and 1e-4 with which CartPole-v1 was learned.
    /// </summary>
    public double CorrectionStepSize { get; set; } = 1e-4;

    /// <summary>
    /// Added: entropy coefficient tau, with the sign of the TD error as arXiv 2410.14606 has it; 0 for none. Default 0.01, as in
    /// its published program.
    /// </summary>
    public double EntropyCoefficient { get; set; } = 0.01;

    /// <summary>Overshooting bound kappa of the policy; 0 for none. Default 3, as in the published program of arXiv 2410.14606.</summary>
    public double PolicyKappa { get; set; } = 3;

    /// <summary>Overshooting bound kappa of the value; 0 for none. Default 2, as above.</summary>
    public double ValueKappa { get; set; } = 2;

    /// <summary>Share of each unit's weights that start at zero. Default 0.9, as above.</summary>
    public double Sparsity { get; set; } = 0.9;

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
                "Set it to the number of units per hidden layer, such as 128."
            ),
            Numbers.OutOfRange(path, nameof(HiddenLayers), HiddenLayers, 1, 8, "Set it to the number of hidden layers, such as 2."),
            Enum.IsDefined(Behaviour)
                ? null
                : $"{path}:{nameof(Behaviour)} is {Behaviour}; allowed: {string.Join(", ", Enum.GetNames<BehaviourKind>())}. "
                    + $"Set it to one of these.",
            Numbers.OutOfRange(path, nameof(Temperature), Temperature, 1, 100, "Set it to 1 for the learned policy itself, or to 1.5."),
            Numbers.OutOfRange(path, nameof(Discount), Discount, 0, 1, "Set it to a discount per step, such as 0.99."),
            Numbers.OutOfRange(
                path,
                nameof(TraceDecay),
                TraceDecay,
                0,
                1,
                "Set it to a decay per step, such as 0.8; 0 is one-step learning."
            ),
            Numbers.OutOfRange(path, nameof(MaxRatio), MaxRatio, 0, 1e6, "Set it to 0 for no bound, or to 10."),
            Numbers.OutOfRange(path, nameof(ActorStepSize), ActorStepSize, 0, 1e3, "Set it to 1 to leave the bound in charge."),
            Numbers.OutOfRange(path, nameof(CriticStepSize), CriticStepSize, 0, 1e3, "Set it to 1 to leave the bound in charge."),
            Numbers.OutOfRange(path, nameof(CorrectionStepSize), CorrectionStepSize, 0, 1, "Set it to 0 for no correction, or to 0.0001."),
            Numbers.OutOfRange(
                path,
                nameof(EntropyCoefficient),
                EntropyCoefficient,
                0,
                1e3,
                "Set it to 0 for no entropy term, or to 0.01."
            ),
            Numbers.OutOfRange(path, nameof(PolicyKappa), PolicyKappa, 0, 1e6, "Set it to 3, or to 0 for no bound."),
            Numbers.OutOfRange(path, nameof(ValueKappa), ValueKappa, 0, 1e6, "Set it to 2, or to 0 for no bound."),
            Numbers.OutOfRange(path, nameof(Sparsity), Sparsity, 0, 1, "Set it to a share, such as 0.9."),
        ];
        return problems.OfType<string>();
    }
}
