using RobotRl.Algorithms.ActorCritic;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// Settings of <see cref="BatchActorCriticLearner"/>. No library sets an example here: numbers without a source are our choice.
/// </summary>
public sealed record BatchActorCriticOptions
{
    /// <summary>The networks.</summary>
    public OnPolicyNetworkOptions Network { get; set; } = new();

    /// <summary>
    /// Steps of a rollout; it goes on to the end of its last episode, at most as many more, or 1000 more. Default 1000: our
    /// choice, several episodes.
    /// </summary>
    public int StepsPerUpdate { get; set; } = 1000;

    /// <summary>Learning rate of the policy's Adam. Default 1e-3: our choice.</summary>
    public double ActorLearningRate { get; set; } = 1e-3;

    /// <summary>Learning rate of V's Adam. Default 1e-3: our choice.</summary>
    public double CriticLearningRate { get; set; } = 1e-3;

    /// <summary>Policy gradient steps per rollout; beyond the first they are not on-policy any more. Default 1.</summary>
    public int ActorEpochs { get; set; } = 1;

    /// <summary>Steps of V's regression per rollout. Default 20: our choice.</summary>
    public int CriticEpochs { get; set; } = 20;

    /// <summary>What V is fitted to. Default TdLambda.</summary>
    public PolicyEvaluation Evaluation { get; set; } = PolicyEvaluation.TdLambda;

    /// <summary>Lambda of the TD(lambda) targets; other evaluations ignore it. Default 0.95, SB3's gae_lambda of PPO.</summary>
    public double Lambda { get; set; } = 0.95;

    /// <summary>Lambda of the advantages. Default 0: the one-step advantage of the algorithm as written.</summary>
    public double AdvantageLambda { get; set; }

    /// <summary>Discount gamma per step. Default 0.99, as with the other learners.</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>Weight of the entropy bonus. Default 0: the algorithm has none.</summary>
    public double EntropyCoefficient { get; set; }

    /// <summary>Whether advantages are standardised per rollout. Default true.</summary>
    public bool StandardiseAdvantages { get; set; } = true;

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
            Numbers.OutOfRange(
                path,
                nameof(ActorLearningRate),
                ActorLearningRate,
                0,
                10,
                "Set it to a small positive number, such as 0.001."
            ),
            Numbers.OutOfRange(
                path,
                nameof(CriticLearningRate),
                CriticLearningRate,
                0,
                10,
                "Set it to a small positive number, such as 0.001."
            ),
            Numbers.OutOfRange(path, nameof(ActorEpochs), ActorEpochs, 1, 10_000, "Set it to 1."),
            Numbers.OutOfRange(
                path,
                nameof(CriticEpochs),
                CriticEpochs,
                1,
                10_000,
                "Set it to the steps of regression per rollout, such as 20."
            ),
            Enum.IsDefined(Evaluation)
                ? null
                : $"{path}:{nameof(Evaluation)} is {Evaluation}; allowed: "
                    + $"{string.Join(", ", Enum.GetNames<PolicyEvaluation>())}. Set it to one of these.",
            Numbers.OutOfRange(path, nameof(Lambda), Lambda, 0, 1, "Set it to 0.95."),
            Numbers.OutOfRange(path, nameof(AdvantageLambda), AdvantageLambda, 0, 1, "Set it to 0 for one-step advantages, or to 0.95."),
            Numbers.OutOfRange(path, nameof(Discount), Discount, 0, 1, "Set it to a discount per step, such as 0.99."),
            Numbers.OutOfRange(
                path,
                nameof(EntropyCoefficient),
                EntropyCoefficient,
                0,
                1e3,
                "Set it to 0 for no entropy bonus, or to 0.01."
            ),
        ];
        return problems.OfType<string>().Concat(Network.Validate($"{path}:{nameof(Network)}"));
    }
}
