using RobotRl.Algorithms.ActorCritic;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// Settings of <see cref="A3cLearner"/> and of the block that its workers share. Defaults are those of arXiv 1602.01783 where it
/// has the setting.
/// </summary>
public sealed record A3cOptions
{
    /// <summary>
    /// The networks. Their NormaliseObservations and NormaliseReturns must be false: each worker would have its own before the
    /// same weights.
    /// </summary>
    public OnPolicyNetworkOptions Network { get; set; } = new();

    /// <summary>
    /// Simulated robots that a run in lockstep trains with, each with a worker of its own, stepped in turn; Run:Steps counts the
    /// first one's, and the journal
    /// keeps the first one's. A run in real time has one robot and one worker; several robots share <see cref="SharedFile"/>. Default 1.
    /// </summary>
    public int Workers { get; set; } = 1;

    /// <summary>
    /// A file whose parameters several runs on this machine share, each with a robot (real or simulated) and workers of its own:
    /// each run maps it, the first makes it. A
    /// run that resumes goes on with the file's parameters where there is one, else with its checkpoint's. Best in /dev/shm;
    /// delete it to begin anew.
    /// Empty (default): parameters of this run alone.
    /// </summary>
    public string SharedFile { get; set; } = "";

    /// <summary>
    /// Steps of a worker's rollout, t_max, which ends there whether an episode does or not. Default 20; the paper has 5 with
    /// sixteen workers, and few workers make up for it by longer rollouts (our choice).
    /// </summary>
    public int StepsPerUpdate { get; set; } = 20;

    /// <summary>Learning rate eta. Default 1e-3, the middle of the paper's LogUniform(1e-4, 1e-2) (section 5.1).</summary>
    public double LearningRate { get; set; } = 1e-3;

    /// <summary>Decay alpha of the shared mean of squared gradients. Default 0.99, the paper's (supplement, section 8).</summary>
    public double SquareDecay { get; set; } = 0.99;

    /// <summary>epsilon under the root. Default 1e-5, as SB3's RMSProp for A2C; the paper does not say its own.</summary>
    public double SquareEpsilon { get; set; } = 1e-5;

    /// <summary>Discount gamma per step. Default 0.99, the paper's.</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>Weight beta of the entropy bonus. Default 0.01, the paper's.</summary>
    public double EntropyCoefficient { get; set; } = 0.01;

    /// <summary>
    /// Weight of the value's loss (R - V)^2 / 2. Default 1, which is the vf_coef of 0.5 on (R - V)^2 that SB3's A2C has; the
    /// paper does not say its own.
    /// </summary>
    public double ValueCoefficient { get; set; } = 1;

    /// <summary>Bound on the gradient's norm; 0 for none. Default 0, as in the paper.</summary>
    public double MaxGradientNorm { get; set; }

    /// <summary>Says all that is wrong with these settings.</summary>
    /// <param name="path">Path of this record in the options file.</param>
    public IEnumerable<string> Validate(string path)
    {
        string?[] problems =
        [
            Network.NormaliseReturns
                ? $"{path}:{nameof(Network)}:{nameof(Network.NormaliseReturns)} is true; allowed: false. Workers share V but "
                    + $"not the scale of their returns."
                : null,
            Network.NormaliseObservations
                ? $"{path}:{nameof(Network)}:{nameof(Network.NormaliseObservations)} is true; allowed: false. Workers share "
                    + $"weights but not a normaliser; scale the task's observations."
                : null,
            Numbers.OutOfRange(path, nameof(Workers), Workers, 1, 64, "Set it to the number of simulated robots, such as 4."),
            Numbers.OutOfRange(
                path,
                nameof(StepsPerUpdate),
                StepsPerUpdate,
                1,
                1_000_000,
                "Set it to the steps of a worker's rollout, such as 20."
            ),
            Numbers.OutOfRange(path, nameof(LearningRate), LearningRate, 0, 10, "Set it to a small positive number, such as 0.001."),
            Numbers.OutOfRange(path, nameof(SquareDecay), SquareDecay, 0, 1, "Set it to 0.99."),
            Numbers.OutOfRange(path, nameof(SquareEpsilon), SquareEpsilon, 1e-12, 10, "Set it to 0.00001."),
            Numbers.OutOfRange(path, nameof(Discount), Discount, 0, 1, "Set it to a discount per step, such as 0.99."),
            Numbers.OutOfRange(
                path,
                nameof(EntropyCoefficient),
                EntropyCoefficient,
                0,
                1e3,
                "Set it to 0 for no entropy bonus, or to 0.01."
            ),
            Numbers.OutOfRange(path, nameof(ValueCoefficient), ValueCoefficient, 0, 1e3, "Set it to 1."),
            Numbers.OutOfRange(path, nameof(MaxGradientNorm), MaxGradientNorm, 0, 1e9, "Set it to 0 for no bound, or to 40."),
        ];
        return problems.OfType<string>().Concat(Network.Validate($"{path}:{nameof(Network)}"));
    }
}
