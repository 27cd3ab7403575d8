namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// Settings of <see cref="StreamActorCriticLearner"/>. One setting serves all tasks; the defaults are those of arXiv 2410.14606
/// and of its published program (mohmdelsayed/streaming-drl).
/// </summary>
public sealed record StreamActorCriticOptions
{
    /// <summary>Width of each hidden layer. Default 128, as in the published program for continuous control.</summary>
    public int HiddenWidth { get; set; } = 128;

    /// <summary>Number of hidden layers. Default 2, as in the published program.</summary>
    public int HiddenLayers { get; set; } = 2;

    /// <summary>One trunk with two heads, policy and V, instead of two networks. Default false: as in the published program.</summary>
    public bool SharedTrunk { get; set; }

    /// <summary>Discount gamma per step. Default 0.99, as in the published program.</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>Trace decay lambda. Default 0.8, as in the published program.</summary>
    public double TraceDecay { get; set; } = 0.8;

    /// <summary>Step size alpha before it is bounded. Default 1, as in the published program.</summary>
    public double StepSize { get; set; } = 1;

    /// <summary>Overshooting bound kappa of the policy. Default 3, as in the published program.</summary>
    public double PolicyKappa { get; set; } = 3;

    /// <summary>Overshooting bound kappa of the value. Default 2, as in the published program.</summary>
    public double ValueKappa { get; set; } = 2;

    /// <summary>Entropy coefficient tau. Default 0.01, as in the published program.</summary>
    public double EntropyCoefficient { get; set; } = 0.01;

    /// <summary>Share of each unit's weights that start at zero. Default 0.9, as in the published program.</summary>
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
            Numbers.OutOfRange(path, nameof(Discount), Discount, 0, 1, "Set it to a discount per step, such as 0.99."),
            Numbers.OutOfRange(
                path,
                nameof(TraceDecay),
                TraceDecay,
                0,
                1,
                "Set it to a decay per step, such as 0.8; 0 is one-step learning."
            ),
            Numbers.OutOfRange(path, nameof(StepSize), StepSize, 1e-9, 1e3, "Set it to a positive number; 1 leaves the bound in charge."),
            Numbers.OutOfRange(path, nameof(PolicyKappa), PolicyKappa, 1, 1e6, "Set it above 1 so that steps do not overshoot, such as 3."),
            Numbers.OutOfRange(path, nameof(ValueKappa), ValueKappa, 1, 1e6, "Set it above 1 so that steps do not overshoot, such as 2."),
            Numbers.OutOfRange(
                path,
                nameof(EntropyCoefficient),
                EntropyCoefficient,
                0,
                1e3,
                "Set it to 0 for no entropy term, or to 0.01."
            ),
            Numbers.OutOfRange(path, nameof(Sparsity), Sparsity, 0, 1, "Set it to a share, such as 0.9."),
        ];
        return problems.OfType<string>();
    }
}
