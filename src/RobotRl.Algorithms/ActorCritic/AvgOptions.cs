namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// Settings of <see cref="AvgLearner"/>. The defaults are those of the program published with arXiv 2411.15370
/// (gauthamvasan/avg).
/// </summary>
public sealed record AvgOptions
{
    /// <summary>Width of each hidden layer of both networks. Default 256, as in the published program.</summary>
    public int HiddenWidth { get; set; } = 256;

    /// <summary>Number of hidden layers. Default 2, as in the published program.</summary>
    public int HiddenLayers { get; set; } = 2;

    /// <summary>Discount gamma per step. Default 0.99, as in the published program.</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>Step size of the actor's Adam. Default 0.0063, as in the published program.</summary>
    public double ActorLearningRate { get; set; } = 0.0063;

    /// <summary>Step size of the critic's Adam. Default 0.0087, as in the published program.</summary>
    public double CriticLearningRate { get; set; } = 0.0087;

    /// <summary>Decay of Adam's first moment. Default 0, as in the published program: each step goes by its own gradient alone.</summary>
    public double Beta1 { get; set; }

    /// <summary>Weight eta of the policy's entropy. Default 0.07, as in the published program.</summary>
    public double EntropyCoefficient { get; set; } = 0.07;

    /// <summary>
    /// Factor on every reward before anything else; the error's scaling makes it matter only beside the entropy. Default 1, as in
    /// the published program.
    /// </summary>
    public double RewardScale { get; set; } = 1;

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
                "Set it to the number of units per hidden layer, such as 256."
            ),
            Numbers.OutOfRange(path, nameof(HiddenLayers), HiddenLayers, 1, 8, "Set it to the number of hidden layers, such as 2."),
            Numbers.OutOfRange(path, nameof(Discount), Discount, 0, 1, "Set it to a discount per step, such as 0.99."),
            Numbers.OutOfRange(
                path,
                nameof(ActorLearningRate),
                ActorLearningRate,
                1e-9,
                1,
                "Set it to a small positive number, such as 0.0063."
            ),
            Numbers.OutOfRange(
                path,
                nameof(CriticLearningRate),
                CriticLearningRate,
                1e-9,
                1,
                "Set it to a small positive number, such as 0.0087."
            ),
            Numbers.OutOfRange(path, nameof(Beta1), Beta1, 0, 0.999, "Set it to 0, or to 0.9 for smoother steps."),
            Numbers.OutOfRange(
                path,
                nameof(EntropyCoefficient),
                EntropyCoefficient,
                0,
                1e3,
                "Set it to 0 for no entropy term, or to 0.07."
            ),
            Numbers.OutOfRange(path, nameof(RewardScale), RewardScale, 1e-9, 1e6, "Set it to 1."),
        ];
        return problems.OfType<string>();
    }
}
