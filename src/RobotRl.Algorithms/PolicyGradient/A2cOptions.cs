using RobotRl.Algorithms.ActorCritic;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>Settings of <see cref="A2cLearner"/>. Defaults are those of SB3's A2C where it has the setting.</summary>
public sealed record A2cOptions
{
    /// <summary>The networks.</summary>
    public OnPolicyNetworkOptions Network { get; set; } = new();

    /// <summary>
    /// Steps of a rollout, which ends there whether an episode does or not. Default 40: SB3's n_steps of 5 in each of
    /// the eight environments that the RL zoo gives A2C on CartPole-v1; a robot is one environment.
    /// </summary>
    public int StepsPerUpdate { get; set; } = 40;

    /// <summary>Learning rate of Adam, for policy and value. Default 7e-4, SB3's learning_rate (there of RMSProp).</summary>
    public double LearningRate { get; set; } = 7e-4;

    /// <summary>How the learning rate falls with what was learned from. Default: it does not.</summary>
    public StepDecayOptions StepDecay { get; set; } = new();

    /// <summary>Discount gamma per step. Default 0.99, SB3's gamma.</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>Lambda of the generalised advantages; 1 is the n-step advantage. Default 1, SB3's gae_lambda.</summary>
    public double Lambda { get; set; } = 1;

    /// <summary>Weight of the entropy bonus. Default 0, SB3's ent_coef.</summary>
    public double EntropyCoefficient { get; set; }

    /// <summary>Weight of the value's loss (V - R)^2 / 2. Default 1, which is SB3's vf_coef of 0.5 on (V - R)^2.</summary>
    public double ValueCoefficient { get; set; } = 1;

    /// <summary>Bound on the gradient's norm; 0 for none. Default 0.5, SB3's max_grad_norm.</summary>
    public double MaxGradientNorm { get; set; } = 0.5;

    /// <summary>Whether advantages are standardised per rollout. Default false, SB3's normalize_advantage.</summary>
    public bool StandardiseAdvantages { get; set; }

    /// <summary>Says all that is wrong with these settings.</summary>
    /// <param name="path">Path of this record in the options file.</param>
    public IEnumerable<string> Validate(string path)
    {
        string?[] problems =
        [
            Numbers.OutOfRange(path, nameof(StepsPerUpdate), StepsPerUpdate, 1, 1_000_000, "Set it to the steps of a rollout, such as 40."),
            Numbers.OutOfRange(path, nameof(LearningRate), LearningRate, 0, 10, "Set it to a small positive number, such as 0.0007."),
            Numbers.OutOfRange(path, nameof(Discount), Discount, 0, 1, "Set it to a discount per step, such as 0.99."),
            Numbers.OutOfRange(path, nameof(Lambda), Lambda, 0, 1, "Set it to 1 for n-step advantages, or to 0.95."),
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
        ];
        return problems
            .OfType<string>()
            .Concat(StepDecay.Validate($"{path}:{nameof(StepDecay)}"))
            .Concat(Network.Validate($"{path}:{nameof(Network)}", explores: true));
    }
}
