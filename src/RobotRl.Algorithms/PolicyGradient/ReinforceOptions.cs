using RobotRl.Algorithms.ActorCritic;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>Settings of <see cref="ReinforceLearner"/>. No library sets an example here: numbers without a source are our choice.</summary>
public sealed record ReinforceOptions
{
    /// <summary>The networks; V is used with <see cref="BaselineKind.StateValue"/> only. A shared trunk is refused.</summary>
    public OnPolicyNetworkOptions Network { get; set; } = new();

    /// <summary>
    /// Steps of a rollout; it goes on to the end of its last episode, at most as many more, or 1000 more. Default 1000: our
    /// choice, several episodes.
    /// </summary>
    public int StepsPerUpdate { get; set; } = 1000;

    /// <summary>Learning rate of the policy's Adam. Default 1e-3: our choice.</summary>
    public double LearningRate { get; set; } = 1e-3;

    /// <summary>Discount gamma per step. Default 0.99, as with the other learners.</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>What a step is credited with. Default RewardToGo.</summary>
    public ReturnKind Return { get; set; } = ReturnKind.RewardToGo;

    /// <summary>
    /// Where time begins for the discount of rewards-to-go; the full return always counts from the episode's start. Default
    /// FromStep.
    /// </summary>
    public DiscountPlacement Placement { get; set; } = DiscountPlacement.FromStep;

    /// <summary>What is taken from a return. Default StateValue.</summary>
    public BaselineKind Baseline { get; set; } = BaselineKind.StateValue;

    /// <summary>Learning rate of V's Adam. Default 1e-3: our choice.</summary>
    public double CriticLearningRate { get; set; } = 1e-3;

    /// <summary>Steps of V's regression per update. Default 20: our choice.</summary>
    public int CriticEpochs { get; set; } = 20;

    /// <summary>Bound on the gradient's norm; 0 for none. Default 0: returns differ in scale, and Adam evens them out.</summary>
    public double MaxGradientNorm { get; set; }

    /// <summary>Says all that is wrong with these settings.</summary>
    /// <param name="path">Path of this record in the options file.</param>
    public IEnumerable<string> Validate(string path)
    {
        string?[] problems =
        [
            Numbers.OutOfRange(
                path,
                nameof(StepsPerUpdate),
                StepsPerUpdate,
                1,
                1_000_000,
                "Set it to the steps of a rollout, such as 1000."
            ),
            Numbers.OutOfRange(path, nameof(LearningRate), LearningRate, 0, 10, "Set it to a small positive number, such as 0.001."),
            Numbers.OutOfRange(path, nameof(Discount), Discount, 0, 1, "Set it to a discount per step, such as 0.99."),
            Enum.IsDefined(Return)
                ? null
                : $"{path}:{nameof(Return)} is {Return}; allowed: {string.Join(", ", Enum.GetNames<ReturnKind>())}. Set it to "
                    + $"one of these.",
            Enum.IsDefined(Placement)
                ? null
                : $"{path}:{nameof(Placement)} is {Placement}; allowed: "
                    + $"{string.Join(", ", Enum.GetNames<DiscountPlacement>())}. Set it to one of these.",
            Enum.IsDefined(Baseline)
                ? null
                : $"{path}:{nameof(Baseline)} is {Baseline}; allowed: {string.Join(", ", Enum.GetNames<BaselineKind>())}. Set "
                    + $"it to one of these.",
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
                nameof(CriticEpochs),
                CriticEpochs,
                1,
                10_000,
                "Set it to the steps of regression per update, such as 20."
            ),
            Numbers.OutOfRange(path, nameof(MaxGradientNorm), MaxGradientNorm, 0, 1e9, "Set it to 0 for no bound, or to 0.5."),
            Network.SharedTrunk
                ? $"{path}:{nameof(Network)}:SharedTrunk is true; allowed: false. V has an optimiser of its own here: set it to false."
                : null,
        ];
        return problems.OfType<string>().Concat(Network.Validate($"{path}:{nameof(Network)}"));
    }
}
