using RobotRl.Algorithms.ActorCritic;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>Settings of <see cref="TrpoLearner"/>. Defaults are those of sb3-contrib's TRPO where it has the setting.</summary>
public sealed record TrpoOptions
{
    /// <summary>The networks.</summary>
    public OnPolicyNetworkOptions Network { get; set; } = new();

    /// <summary>Steps of a rollout, which ends there whether an episode does or not. Default 2048, sb3-contrib's n_steps.</summary>
    public int StepsPerUpdate { get; set; } = 2048;

    /// <summary>
    /// Bound delta on the mean divergence KL(old, new) over the rollout's states. Default 0.01, sb3-contrib's target_kl and arXiv
    /// 1502.05477 section 8.
    /// </summary>
    public double MaxKl { get; set; } = 0.01;

    /// <summary>How the longest step falls with what was learned from: <see cref="MaxKl"/> with its square. Default: it does not.</summary>
    public StepDecayOptions StepDecay { get; set; } = new();

    /// <summary>Iterations of conjugate gradient. Default 15, sb3-contrib's cg_max_steps.</summary>
    public int ConjugateGradientSteps { get; set; } = 15;

    /// <summary>Added to the diagonal of the Fisher information. Default 0.1, sb3-contrib's cg_damping.</summary>
    public double Damping { get; set; } = 0.1;

    /// <summary>Steps that the line search tries before it gives the update up. Default 10, sb3-contrib's line_search_max_iter.</summary>
    public int BacktrackSteps { get; set; } = 10;

    /// <summary>Factor from one tried step to the next. Default 0.8, sb3-contrib's line_search_shrinking_factor.</summary>
    public double BacktrackFactor { get; set; } = 0.8;

    /// <summary>Discount gamma per step. Default 0.99, sb3-contrib's gamma.</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>Lambda of the generalised advantages. Default 0.95, sb3-contrib's gae_lambda.</summary>
    public double Lambda { get; set; } = 0.95;

    /// <summary>Whether advantages are standardised per rollout. Default true, sb3-contrib's normalize_advantage.</summary>
    public bool StandardiseAdvantages { get; set; } = true;

    /// <summary>Passes of the value's regression over one rollout. Default 10, sb3-contrib's n_critic_updates.</summary>
    public int CriticEpochs { get; set; } = 10;

    /// <summary>Steps of a minibatch of the value's regression. Default 128, sb3-contrib's batch_size.</summary>
    public int CriticBatchSize { get; set; } = 128;

    /// <summary>Learning rate of the value's Adam. Default 1e-3, sb3-contrib's learning_rate.</summary>
    public double CriticLearningRate { get; set; } = 1e-3;

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
                "Set it to the steps of a rollout, such as 2048."
            ),
            Numbers.OutOfRange(path, nameof(MaxKl), MaxKl, 1e-9, 10, "Set it to 0.01."),
            Numbers.OutOfRange(path, nameof(ConjugateGradientSteps), ConjugateGradientSteps, 1, 1000, "Set it to 15."),
            Numbers.OutOfRange(path, nameof(Damping), Damping, 0, 1e3, "Set it to 0.1."),
            Numbers.OutOfRange(path, nameof(BacktrackSteps), BacktrackSteps, 1, 1000, "Set it to 10."),
            Numbers.OutOfRange(path, nameof(BacktrackFactor), BacktrackFactor, 0.01, 0.99, "Set it to 0.8."),
            Numbers.OutOfRange(path, nameof(Discount), Discount, 0, 1, "Set it to a discount per step, such as 0.99."),
            Numbers.OutOfRange(path, nameof(Lambda), Lambda, 0, 1, "Set it to 0.95."),
            Numbers.OutOfRange(path, nameof(CriticEpochs), CriticEpochs, 1, 1000, "Set it to the number of passes, such as 10."),
            Numbers.OutOfRange(
                path,
                nameof(CriticBatchSize),
                CriticBatchSize,
                1,
                1_000_000,
                "Set it to the steps of a minibatch, such as 128."
            ),
            Numbers.OutOfRange(
                path,
                nameof(CriticLearningRate),
                CriticLearningRate,
                0,
                10,
                "Set it to a small positive number, such as 0.001."
            ),
        ];
        return problems
            .OfType<string>()
            .Concat(StepDecay.Validate($"{path}:{nameof(StepDecay)}"))
            .Concat(Network.Validate($"{path}:{nameof(Network)}"));
    }
}
