using RobotRl.Algorithms.ActorCritic;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>Settings of <see cref="PpoLearner"/>. Defaults are those of SB3's PPO where it has the setting.</summary>
public sealed record PpoOptions
{
    /// <summary>The networks.</summary>
    public OnPolicyNetworkOptions Network { get; set; } = new();

    /// <summary>Steps of a rollout, which ends there whether an episode does or not. Default 2048, SB3's n_steps.</summary>
    public int StepsPerUpdate { get; set; } = 2048;

    /// <summary>Passes over one rollout. Default 10, SB3's n_epochs.</summary>
    public int Epochs { get; set; } = 10;

    /// <summary>Steps of a minibatch. Default 64, SB3's batch_size.</summary>
    public int BatchSize { get; set; } = 64;

    /// <summary>Learning rate of Adam, for policy and value. Default 3e-4, SB3's learning_rate.</summary>
    public double LearningRate { get; set; } = 3e-4;

    /// <summary>How the learning rate falls with what was learned from. Default: it does not.</summary>
    public StepDecayOptions StepDecay { get; set; } = new();

    /// <summary>Discount gamma per step. Default 0.99, SB3's gamma.</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>Lambda of the generalised advantages. Default 0.95, SB3's gae_lambda.</summary>
    public double Lambda { get; set; } = 0.95;

    /// <summary>How far the probability ratio may leave 1 before its gain is cut off, epsilon. Default 0.2, SB3's clip_range.</summary>
    public double Clip { get; set; } = 0.2;

    /// <summary>Weight of the entropy bonus. Default 0, SB3's ent_coef.</summary>
    public double EntropyCoefficient { get; set; }

    /// <summary>Weight of the value's loss (V - R)^2 / 2. Default 1, which is SB3's vf_coef of 0.5 on (V - R)^2.</summary>
    public double ValueCoefficient { get; set; } = 1;

    /// <summary>Bound on the gradient's norm; 0 for none. Default 0.5, SB3's max_grad_norm.</summary>
    public double MaxGradientNorm { get; set; } = 0.5;

    /// <summary>Whether advantages are standardised per rollout. Default true (SB3 standardises per minibatch).</summary>
    public bool StandardiseAdvantages { get; set; } = true;

    /// <summary>
    /// Mean divergence from the acting policy after which no further pass is made; 0 for no such bound. Default 0, as SB3's
    /// target_kl.
    /// </summary>
    public double TargetKl { get; set; }

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
            Numbers.OutOfRange(path, nameof(Epochs), Epochs, 1, 1000, "Set it to the number of passes, such as 10."),
            Numbers.OutOfRange(path, nameof(BatchSize), BatchSize, 1, 1_000_000, "Set it to the steps of a minibatch, such as 64."),
            Numbers.OutOfRange(path, nameof(LearningRate), LearningRate, 0, 10, "Set it to a small positive number, such as 0.0003."),
            Numbers.OutOfRange(path, nameof(Discount), Discount, 0, 1, "Set it to a discount per step, such as 0.99."),
            Numbers.OutOfRange(path, nameof(Lambda), Lambda, 0, 1, "Set it to 0.95."),
            Numbers.OutOfRange(path, nameof(Clip), Clip, 0, 1, "Set it to 0.2."),
            Numbers.OutOfRange(
                path,
                nameof(EntropyCoefficient),
                EntropyCoefficient,
                0,
                1e3,
                "Set it to 0 for no entropy bonus, or to 0.01."
            ),
            Numbers.OutOfRange(path, nameof(ValueCoefficient), ValueCoefficient, 0, 1e3, "Set it to 1."),
            Numbers.OutOfRange(path, nameof(MaxGradientNorm), MaxGradientNorm, 0, 1e9, "Set it to 0 for no bound, or to 0.5."),
            Numbers.OutOfRange(path, nameof(TargetKl), TargetKl, 0, 1e3, "Set it to 0 for no bound, or to 0.02."),
        ];
        return problems
            .OfType<string>()
            .Concat(StepDecay.Validate($"{path}:{nameof(StepDecay)}"))
            .Concat(Network.Validate($"{path}:{nameof(Network)}", explores: true));
    }
}
